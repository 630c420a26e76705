"""Which trigger of the contingency plan fires, message by message."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relevo.dialogue.contingency import MISUNDERSTOOD, Heard, decide, decide_after_form
from relevo.protocol import Protocol, load_protocol
from relevo.protocol.schema import Contingency
from relevo.settings import PROJECT_ROOT

PLAN = load_protocol(PROJECT_ROOT / "protocol").contingency
TONES = ["calm", "frustrated", "angry", "abusive", "threat"]


def heard(topic: str = "track_order", **values: Any) -> Heard:
    """A calm, clear message outside of any form."""
    return Heard(**{"topic": topic, "confidence": 0.9, "tone": "calm", "in_form": False, **values})


def misunderstood(**values: Any) -> Heard:
    return heard(MISUNDERSTOOD, **values)


def fired(*messages: Heard, plan: Contingency = PLAN) -> str | None:
    """The id of the trigger that fires at the last of these messages."""
    trigger = decide(plan, messages)
    return trigger.id if trigger else None


def plan_with(protocol: Protocol, *conditions: dict[str, Any]) -> Contingency:
    """A plan whose triggers have these conditions, in this order, and the numbers 0, 1, … as ids."""
    example = protocol.contingency.triggers[0].dict()
    triggers = [{**example, "id": str(i), "when": when} for i, when in enumerate(conditions)]
    return Contingency(targets={"urgent": {"first_response_seconds": 60}}, triggers=triggers)


def test_calm_customer_with_a_clear_question_stays_with_the_bot() -> None:
    assert fired(heard("track_order")) is None
    assert fired(heard("greet"), heard("complaint"), heard("thank")) is None


def test_nothing_said_fires_nothing() -> None:
    assert fired() is None


@pytest.mark.parametrize(
    ("topic", "trigger"),
    [
        ("contact_human_agent", "asks_for_person"),
        ("self_harm", "self_harm"),
        ("report_safety_incident", "safety"),
        ("press_or_authority", "press_or_authority"),
        ("privacy_request", "privacy"),
    ],
)
def test_topic_that_needs_a_person_fires(topic: str, trigger: str) -> None:
    assert fired(heard(topic)) == trigger


@pytest.mark.parametrize(
    ("tone", "trigger"),
    [("angry", "anger"), ("abusive", "abuse"), ("threat", "threat"), ("frustrated", None), ("calm", None)],
)
def test_tone_fires_whatever_the_topic_is(tone: str, trigger: str | None) -> None:
    assert fired(heard("track_order", tone=tone)) == trigger


def test_gravest_trigger_wins() -> None:
    assert fired(heard("self_harm", tone="angry")) == "self_harm"
    assert fired(heard("report_safety_incident", tone="threat")) == "safety"
    assert fired(heard("contact_human_agent", tone="abusive")) == "abuse"
    assert fired(heard("press_or_authority", tone="threat")) == "threat"


def test_order_of_the_plan_decides(protocol: Protocol) -> None:
    conditions = [{"tone": "angry"}, {"intent": "complaint"}]
    message = heard("complaint", tone="angry")
    assert fired(message, plan=plan_with(protocol, *conditions)) == "0"
    assert fired(heard("complaint"), plan=plan_with(protocol, *conditions)) == "1"


def test_only_the_latest_message_counts_for_topic_and_tone() -> None:
    assert fired(heard("contact_human_agent"), heard("thank")) is None
    assert fired(heard(tone="angry"), heard(tone="calm")) is None
    assert fired(heard(tone="calm"), heard(tone="angry")) == "anger"


def test_one_misunderstanding_is_rephrased_and_the_second_goes_to_a_person() -> None:
    assert fired(misunderstood()) is None
    assert fired(misunderstood(), misunderstood()) == "not_understood"
    assert fired(misunderstood(), misunderstood(), misunderstood()) == "not_understood"


def test_understood_message_between_two_misunderstandings_starts_the_count_anew() -> None:
    assert fired(misunderstood(), heard("greet"), misunderstood()) is None
    assert fired(misunderstood(), misunderstood(), heard("greet")) is None


def test_answers_in_a_form_are_no_misunderstandings() -> None:
    assert fired(misunderstood(in_form=True), misunderstood(in_form=True)) is None
    assert fired(misunderstood(in_form=True), misunderstood()) is None
    assert fired(misunderstood(), misunderstood(in_form=True), misunderstood()) is None


def test_patience_is_the_plans(protocol: Protocol) -> None:
    plan = plan_with(protocol, {"misunderstandings": 3})
    assert fired(misunderstood(), misunderstood(), plan=plan) is None
    assert fired(misunderstood(), misunderstood(), misunderstood(), plan=plan) == "0"


@pytest.mark.parametrize(("confidence", "trigger"), [(0.49, None), (0.5, "asks_for_person")])
def test_topic_must_be_clear_in_a_form(confidence: float, trigger: str | None) -> None:
    assert fired(heard("contact_human_agent", confidence=confidence, in_form=True)) == trigger


def test_outside_a_form_the_best_topic_counts_though_it_is_unsure() -> None:
    assert fired(heard("contact_human_agent", confidence=0.25)) == "asks_for_person"


def test_tone_counts_in_a_form_too() -> None:
    assert fired(heard(MISUNDERSTOOD, tone="threat", in_form=True, confidence=0.1)) == "threat"


def test_form_that_failed_twice_goes_to_a_person() -> None:
    outcomes = [decide_after_form(PLAN, failures) for failures in range(4)]
    assert [trigger and trigger.id for trigger in outcomes] == [
        None,
        None,
        "not_understood",
        "not_understood",
    ]


def test_plan_without_patience_lets_forms_fail(protocol: Protocol) -> None:
    plan = plan_with(protocol, {"tone": "angry"})
    assert decide_after_form(plan, 99) is None
    assert fired(misunderstood(), misunderstood(), misunderstood(), plan=plan) is None


def test_empty_plan_fires_nothing() -> None:
    plan = Contingency(targets={}, triggers=[])
    assert fired(heard("self_harm", tone="threat"), plan=plan) is None
    assert decide_after_form(plan, 99) is None


TOPICS = [MISUNDERSTOOD, "track_order", "contact_human_agent", "self_harm"]
HISTORIES = st.lists(
    st.builds(
        Heard,
        topic=st.sampled_from(TOPICS),
        confidence=st.floats(0, 1),
        tone=st.sampled_from(TONES),
        in_form=st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@given(HISTORIES)
@settings(max_examples=100)
def test_what_fires_is_explained_by_the_last_two_messages(messages: list[Heard]) -> None:
    assert decide(PLAN, messages) == decide(PLAN, messages[-2:])


@given(HISTORIES)
@settings(max_examples=100)
def test_grave_tone_always_reaches_a_person(messages: list[Heard]) -> None:
    if messages[-1].tone in ("angry", "abusive", "threat"):
        assert decide(PLAN, messages) is not None
