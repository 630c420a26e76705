"""Two things in one message: found where two clauses are sure, and nowhere else."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from builders import ROOT
from hypothesis import given
from hypothesis import strategies as st

from relevo.nlu.several import MAX_CLAUSES, clauses, second_topic
from relevo.protocol import Protocol

CLEAR = {
    "cancel my order": ("cancel_order", 0.99),
    "give me the refund": ("get_refund", 0.97),
    "where is my parcel": ("track_order", 0.99),
    "my aunt got it": ("place_order", 0.5),
    "good morning": ("greet", 0.99),
    "thanks a lot": ("thank", 0.99),
}


def rank_all(texts: list[str]) -> list[list[tuple[str, float]]]:
    """Understands a few clauses; a longer message is about the topic of the first one that it holds."""
    held = [[(t, p) for clause, (t, p) in CLEAR.items() if clause in text.lower()] for text in texts]
    return [found or [("out_of_scope", 0.4)] for found in held]


def second(text: str, ignored: frozenset[str] = frozenset({"greet", "thank"})) -> str | None:
    return second_topic(text, rank_all, 0.95, ignored)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("cancel my order and give me the refund", ["cancel my order", "give me the refund"]),
        (
            "quiero cambiar mi dirección y saber cuánto tarda",
            ["quiero cambiar mi dirección", "saber cuánto tarda"],
        ),
        ("¿llegó? También quiero mi factura", ["quiero mi factura"]),
        (
            "primero esto, y luego lo otro\nademás aquello de ayer",
            ["primero esto", "lo otro", "aquello de ayer"],
        ),
        ("where is it? plus I need an invoice", ["where is it", "I need an invoice"]),
        (
            "ana.perez@gmail.com is at www.shop.example now",
            ["ana.perez@gmail.com is at www.shop.example now"],
        ),
        ("hand me the yellow sandwich", ["hand me the yellow sandwich"]),
        ("no quiero cerrar mi cuenta, quiero otra contraseña", ["quiero otra contraseña"]),
        ("no need to transfer me, I just want my invoice", ["I just want my invoice"]),
        ("no hace falta que me pases con nadie, solo dime el horario", ["solo dime el horario"]),
        ("I don't want a voucher, I want my money", ["I want my money"]),
        ("ok", []),
        ("", []),
    ],
)
def test_message_is_cut_where_a_new_thing_may_begin(text: str, parts: list[str]) -> None:
    assert clauses(text) == parts


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("cancel my order and give me the refund", "get_refund"),
        ("Where is my parcel? Also, cancel my order", "track_order"),
        ("good morning, cancel my order, and give me the refund. Thanks a lot", "get_refund"),
        ("cancel my order, cancel my order please", None),
        ("good morning, cancel my order", None),
        ("cancel my order, thanks a lot", None),
        ("my aunt got it for us, cancel my order", None),
        ("cancel my order", None),
        ("", None),
    ],
)
def test_second_topic_is_that_of_another_sure_clause(text: str, topic: str | None) -> None:
    assert second(text) == topic


def test_message_that_is_torn_between_two_topics_needs_less_sure_clauses() -> None:
    likelihoods = {"one thing": [("a", 0.99)], "the other": [("b", 0.85)]}

    def torn(texts: list[str]) -> list[list[tuple[str, float]]]:
        return [likelihoods.get(text, [("a", 0.6), ("b", 0.3)]) for text in texts]

    def settled(texts: list[str]) -> list[list[tuple[str, float]]]:
        return [likelihoods.get(text, [("a", 0.99), ("b", 0.01)]) for text in texts]

    assert second_topic("one thing and the other", torn) == "b"
    assert second_topic("one thing and the other", settled) is None


def test_message_whose_topic_no_clause_has_asks_for_one_thing() -> None:
    def whole_is_another(texts: list[str]) -> list[list[tuple[str, float]]]:
        return [[("c", 0.9)], [("a", 0.99)], [("b", 0.99)]]

    assert second_topic("one thing and the other", whole_is_another) is None


@pytest.mark.parametrize(
    "text", ["where is my parcel", "and my aunt got it " * (MAX_CLAUSES + 1), "a b, " * 9_000]
)
def test_message_of_one_clause_and_a_story_of_many_are_not_understood_again(text: str) -> None:
    def never(texts: list[str]) -> list[list[tuple[str, float]]]:
        raise AssertionError

    assert second_topic(text, never) is None


@given(st.text())
def test_any_text_has_clauses_that_stand_in_it(text: str) -> None:
    assert all(part in text for part in clauses(text))
    second(text)


def test_invented_messages_ask_for_two_topics_of_the_protocol(protocol: Protocol) -> None:
    lines = (ROOT / "tests/data/two_topics.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    assert Counter(record["lang"] for record in records) == {"en": 60, "es": 60}
    for record in records:
        assert len(set(record["topics"]) & set(protocol.topics)) == 2, record
