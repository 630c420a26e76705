"""Why a customer is upset: a cause is found where a complaint clearly means one, else none is guessed."""

from __future__ import annotations

import json

import pytest
from builders import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from relevo.cases.cause import ASKED, Guess, guess_cause
from relevo.protocol import load_protocol
from relevo.protocol.parts.complaints import Cause

COMPLAINTS = load_protocol(ROOT / "protocol").complaints
CAUSES = COMPLAINTS.causes
EXAMPLES = [
    (name, text) for name, cause in CAUSES.items() for text in (*cause.examples.en, *cause.examples.es)
]
INVENTED_FILE = ROOT / "tests/data/complaints.jsonl"
INVENTED = [json.loads(line) for line in INVENTED_FILE.read_text(encoding="utf-8").splitlines()]
"""Complaints written apart from the examples; six have a cause that the protocol doesn't know."""


def find_cause(causes: dict[str, Cause], complaint: str) -> str | None:
    """The cause that is believed."""
    return guess_of(complaint, causes).cause


def guess_of(complaint: str, causes: dict[str, Cause] = CAUSES) -> Guess:
    return guess_cause(COMPLAINTS.copy(update={"causes": causes}), complaint)


def a_cause(*examples: str) -> Cause:
    """A cause with these examples in both languages."""
    text = {"en": "x", "es": "x"}
    given = {"en": list(examples), "es": list(examples)}
    return Cause(title=text, examples=given, apology=text, remedy=text, area="care")


LATE = a_cause("my parcel is late", "nothing has arrived", "still waiting for the driver")


def test_examples_are_known_as_their_own_cause_and_never_as_another() -> None:
    guesses = [(name, guess_of(text)) for name, text in EXAMPLES]
    assert [(name, guess.cause) for name, guess in guesses if guess.cause not in (name, None)] == []
    assert sum(guess.cause == name for name, guess in guesses) >= 0.95 * len(EXAMPLES)


def test_complaints_written_apart_get_their_cause_or_are_asked_about_it() -> None:
    """Six of ten are named at least, three of a hundred wrongly at most; nearly all others are asked of."""
    told = [row for row in INVENTED if row["cause"]]
    guesses = [(row["cause"], guess_of(row["text"])) for row in told]
    assert sum(guess.cause == cause for cause, guess in guesses) >= 0.6 * len(told)
    assert sum(cause in (guess.cause, *guess.likeliest) for cause, guess in guesses) >= 0.95 * len(told)
    wrong = [row["text"] for row in INVENTED if guess_of(row["text"]).cause not in (row["cause"], None)]
    assert len(wrong) <= 0.03 * len(INVENTED)


def test_nobody_is_asked_about_more_than_a_few_causes_and_never_where_one_is_clear() -> None:
    for row in INVENTED:
        guess = guess_of(row["text"])
        assert len(guess.likeliest) <= ASKED
        assert not (guess.cause and guess.likeliest)
        assert set(guess.likeliest) <= set(CAUSES)


@pytest.mark.parametrize("complaint", ["no hay dónde estacionarse en su tienda", "the shop was far too hot"])
def test_complaint_of_something_else_is_not_asked_about(complaint: str) -> None:
    assert guess_of(complaint) == Guess()


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


@pytest.mark.parametrize("reference", ["pedido CJ-483920", "mi correo es ana@example.com", "55 1234 5678"])
def test_where_to_answer_tells_nothing_of_the_cause(reference: str) -> None:
    told = "El sillón que compré llegó con una pata rota y la tela rasgada"
    assert guess_of(f"{told}, {reference}") == guess_of(told) == Guess("damaged_on_arrival")


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
