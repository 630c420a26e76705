"""Why a case reached a person, as the desk tells it in each language."""

from __future__ import annotations

from typing import Any

import pytest
from builders import NOON, a_case
from hypothesis import given
from hypothesis import strategies as st

from relevo.desk.explanation import Because, because
from relevo.desk.locale import load_locales
from relevo.dialogue.contingency import Situation, decide
from relevo.dialogue.heard import Heard
from relevo.protocol import Protocol
from relevo.protocol.explanation import Explanation, Message, Reason
from relevo.protocol.schema import Language

LOCALES = load_locales()


def told(protocol: Protocol, language: Language, *reasons: Reason) -> list[Because]:
    return because(Explanation("anger", reasons).to_json(), protocol, LOCALES[language], NOON)


def reason(when: dict[str, Any], *times: float, **found: Any) -> Reason:
    messages = tuple(Message(number, at) for number, at in enumerate(times))
    return Reason(when, found.pop("holds", True), messages, found)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", Because("The customer sounds angry", "93% sure", "message of 12:00 PM")),
        ("es", Because("El cliente se oye enojado", "93 % de certeza", "mensaje de las 12:00")),
    ],
)
def test_tone_is_told_with_how_sure_it_is_and_when(
    protocol: Protocol, language: Language, expected: Because
) -> None:
    angry = reason({"tone": "angry"}, NOON, tone="angry", confidence=0.93)
    assert told(protocol, language, angry) == [expected]


@pytest.mark.parametrize(
    ("when", "found", "expected"),
    [
        (
            {"rising_frustration": {"of_last": 5, "rises": 2}},
            {"tones": ["calm", "frustrated", "angry"]},
            "Calm → Frustrated → Angry",
        ),
        ({"again": {"times": 3}}, {"topic": "warranty", "times": 4}, "“Warranty”, 4 times"),
        ({"amount_above": 20_000}, {"amounts": ["25400.00 MXN"]}, "25400.00 MXN"),
        ({"earlier_cases": {"cases": 2, "days": 30}}, {"cases": 3}, "3 cases"),
        ({"channel": "whatsapp"}, {"channel": "whatsapp"}, ""),
        ({"intent": "self_harm"}, {"topic": "self_harm", "confidence": 0.5}, "50% sure"),
    ],
)
def test_values_that_decided_are_told(
    protocol: Protocol, when: dict[str, Any], found: dict[str, Any], expected: str
) -> None:
    (line,) = told(protocol, "en", reason(when, NOON, NOON + 60, **found))
    assert line.found == expected
    assert line.messages == "messages of 12:00 PM, 12:01 PM"


def test_what_must_not_be_is_told_as_such(protocol: Protocol) -> None:
    (line,) = told(protocol, "en", reason({"opening": "open"}, holds=False, is_open=False))
    assert line == Because("It is outside opening hours", "", "")


@pytest.mark.parametrize("language", ["en", "es"])
def test_whatever_the_plan_decides_can_be_told(protocol: Protocol, language: Language) -> None:
    said = [Heard("warranty", 0.9, tone, in_form=False, at=NOON) for tone in ("frustrated", "frustrated")]
    decision = decide(protocol.contingency.triggers, Situation(said, "webchat"))
    assert decision is not None
    case = a_case(explanation=decision.explanation.to_json())
    (line,) = because(case.explanation, protocol, LOCALES[language], NOON)
    assert line.text
    assert line.found
    assert line.messages


def test_complaints_and_cases_of_another_version_are_not_explained(protocol: Protocol) -> None:
    case = a_case(kind="complaint")
    assert because(case.explanation, protocol, LOCALES["en"], NOON) == []
    of_the_future = Explanation("anger", (reason({"mood": "bad"}, NOON),)).to_json()
    assert because(of_the_future, protocol, LOCALES["en"], NOON) == []


@given(st.text(max_size=40))
def test_any_text_in_the_case_is_no_harm(text: str) -> None:
    assert Explanation.from_json(text) is None or Explanation.from_json(text)
