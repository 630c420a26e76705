"""Why a customer is upset: a cause is found where a complaint clearly means one, else none is guessed."""

from __future__ import annotations

import json

import pytest
from builders import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from relevo.cases.cause import find_cause
from relevo.protocol import load_protocol
from relevo.protocol.parts.complaints import Cause

CAUSES = load_protocol(ROOT / "protocol").complaints.causes
EXAMPLES = [
    (name, text) for name, cause in CAUSES.items() for text in (*cause.examples.en, *cause.examples.es)
]
INVENTED_FILE = ROOT / "tests/data/complaints.jsonl"
INVENTED = [json.loads(line) for line in INVENTED_FILE.read_text(encoding="utf-8").splitlines()]
"""Complaints written apart from the examples; six have a cause that the protocol doesn't know."""


def a_cause(*examples: str) -> Cause:
    """A cause with these examples in both languages."""
    text = {"en": "x", "es": "x"}
    given = {"en": list(examples), "es": list(examples)}
    return Cause(title=text, examples=given, apology=text, remedy=text, area="care")


LATE = a_cause("my parcel is late", "nothing has arrived", "still waiting for the driver")


def test_examples_are_known_as_their_own_cause_and_never_as_another() -> None:
    assert [text for name, text in EXAMPLES if find_cause(CAUSES, text) != name] == []


def test_complaints_written_apart_get_their_own_cause_or_none() -> None:
    found = [(row["cause"], find_cause(CAUSES, row["text"])) for row in INVENTED]
    assert [pair for pair in found if pair[1] not in (pair[0], None)] == []
    assert sum(cause is not None for _, cause in found) >= 10


@pytest.mark.parametrize(
    ("complaint", "cause"),
    [
        ("el sillón llegó roto y muy sucio", "damaged_on_arrival"),
        ("EL SILLON LLEGO ROTO Y SUCIO!!!", "damaged_on_arrival"),
        ("it says delivered, but I never got it.", "marked_delivered"),
        ("llevo tres semanas esperando mi sala", "late_delivery"),
        ("you sent me the wrong color again", "wrong_item"),
    ],
)
def test_complaint_in_other_words_is_known_in_both_languages(complaint: str, cause: str) -> None:
    assert find_cause(CAUSES, complaint) == cause


@pytest.mark.parametrize(
    "complaint",
    [
        "el volcán tapó las estrellas anoche",
        "quiero poner una queja",
        "I want to file a complaint about your company",
        "la bolsa está muy alta esta semana",
        "no",
        "!!!",
        "🙏🙏🙏",
        "",
    ],
)
def test_complaint_that_is_like_none_has_no_known_cause(complaint: str) -> None:
    assert find_cause(CAUSES, complaint) is None


def test_complaint_of_two_causes_has_no_known_cause() -> None:
    assert find_cause(CAUSES, "el sillón llegó con una pata rota y me lo cobraron dos veces") is None


def test_same_examples_of_two_causes_tell_nothing() -> None:
    assert find_cause({"a": LATE, "b": LATE}, "my parcel is late") is None


def test_order_of_the_causes_does_not_matter() -> None:
    turned = dict(reversed(CAUSES.items()))
    complaints = [text for _, text in EXAMPLES[::10]]
    assert [find_cause(turned, text) for text in complaints] == [
        find_cause(CAUSES, text) for text in complaints
    ]


WORDS = st.sampled_from(sorted({word for _, text in EXAMPLES for word in text.split()}))


@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=12).map(" ".join)))
@settings(max_examples=100, deadline=None)
def test_whatever_is_written_gives_a_known_cause_or_none_and_always_the_same(complaint: str) -> None:
    found = find_cause(CAUSES, complaint)
    assert found is None or found in CAUSES
    assert find_cause(CAUSES, complaint) == found
