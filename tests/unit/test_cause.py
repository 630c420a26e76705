"""Why a customer is upset: a cause is found where a complaint is clearly like one, else none is guessed."""

from __future__ import annotations

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


def a_cause(*examples: str) -> Cause:
    """A cause with these examples in both languages."""
    text = {"en": "x", "es": "x"}
    given = {"en": list(examples), "es": list(examples)}
    return Cause(title=text, examples=given, apology=text, remedy=text, area="care")


LATE = a_cause("my parcel is late", "nothing has arrived", "still waiting for the driver")
BROKEN = a_cause("the table is broken", "my plates arrived in pieces", "the mirror is shattered")
TWO = {"late": LATE, "broken": BROKEN}


def test_examples_are_known_as_their_own_cause_and_never_as_another() -> None:
    found = {text: find_cause(CAUSES, text) for _, text in EXAMPLES}
    assert [text for name, text in EXAMPLES if found[text] not in (name, None)] == []
    known = [text for name, text in EXAMPLES if found[text] == name]
    assert len(known) >= 0.95 * len(EXAMPLES)


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


def test_complaint_that_is_like_two_causes_has_no_known_cause() -> None:
    assert find_cause(TWO, "my parcel is late") == "late"
    assert find_cause(TWO, "the table is broken") == "broken"
    assert find_cause(TWO, "my parcel is late and the table is broken") is None


def test_one_word_in_common_is_not_enough() -> None:
    assert find_cause(TWO, "the driver insulted my neighbor's whole family yesterday evening") is None


def test_same_example_of_two_causes_tells_nothing() -> None:
    assert find_cause({"a": LATE, "b": LATE}, "my parcel is late") is None


def test_beginning_of_a_word_is_enough() -> None:
    assert find_cause(TWO, "the mirrors shatter") == "broken"


def test_order_of_the_causes_does_not_matter() -> None:
    turned = dict(reversed(CAUSES.items()))
    complaints = [text for _, text in EXAMPLES[::10]]
    assert [find_cause(turned, text) for text in complaints] == [
        find_cause(CAUSES, text) for text in complaints
    ]


def test_protocol_with_one_cause_finds_it_or_none() -> None:
    assert find_cause({"late": LATE}, "my parcel is late") == "late"
    assert find_cause({"late": LATE}, "the table is broken") is None


WORDS = st.sampled_from(sorted({word for _, text in EXAMPLES for word in text.split()}))


@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=12).map(" ".join)))
@settings(max_examples=100, deadline=None)
def test_whatever_is_written_gives_a_known_cause_or_none_and_always_the_same(complaint: str) -> None:
    found = find_cause(CAUSES, complaint)
    assert found is None or found in CAUSES
    assert find_cause(CAUSES, complaint) == found
