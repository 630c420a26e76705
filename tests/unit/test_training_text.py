"""What is left of a customer's message when it becomes training data."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.cases.folio import folios
from relevo.follow_ups.contact import phones
from relevo.learning.training_text import MAX_CHARACTERS, training_text
from relevo.nlu.order_number import order_numbers

PIECES = st.sampled_from(
    [
        *(
            "CJ-123456",
            "cj 123456",
            "654321",
            "RV-7K3M-8888",
            "rv7k3m 8888",
            "ana@correo.mx",
            "J.R+2@casa.com.mx",
        ),
        *("55 1234 5678", "+52 1 33 1234-5678", "(213) 456-7788", "+1 213 456 7788", "044 55 12 34 56 78"),
        *("4111 1111 1111 1111", "GOMA850101AB1", "hola", "no llega", ",", ".", "\n", "  "),
    ]
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("mi pedido cj 123456\nno llega", "mi pedido cj 482915 no llega"),
        ("es el #123456, no el CJ-654321", "es el #482915, no el CJ-482915"),
        ("mi folio: rv 7k3m-8888", "mi folio: RV 4K7M-9QXT"),
        ("escríbeme a j.perez@correo.com.mx, porfa", "escríbeme a ana.ruiz@example.com, porfa"),
        ("mi cel es +52 1 33 1234 5678", "mi cel es +52 1 55 5555 0142"),
        ("call me at (213) 456-7788 or 1-213-456-7799", "call me at (213) 555-0142 or 1-213-555-0142"),
        ("044 55 1234 5678", "044 55 5555 0142"),
        ("con la tarjeta 4111 1111 1111 1111", "con la tarjeta 5555 5501 4255 5555"),
        ("mi RFC es GOMA850101AB1", "mi RFC es XAXX010101000"),
        ("mi CURP: GOMA850101HDFRRL09", "mi CURP: XEXX010101MNEXXXA8"),
    ],
)
def test_personal_data_is_exchanged_for_invented_data_of_the_same_form(typed: str, kept: str) -> None:
    assert training_text(typed) == kept


@pytest.mark.parametrize(
    "text",
    [
        "pagué $1,299.50 el 3 de mayo a las 10:30",
        "llegó el 2026-11-30, pedí 2 sillas",
        "C.P. 44100, calle 5",
        "compré 12 platos y 6 vasos",
        "👩‍👩‍👧 ¿el RV está?",
    ],
)
def test_other_numbers_and_words_stay(text: str) -> None:
    assert training_text(text) == text


@pytest.mark.parametrize("text", ["", " \n\t", "\x00\x07", "\u202e\u200b", "///"])
def test_of_a_message_without_anything_to_read_nothing_is_left(text: str) -> None:
    assert training_text(text) == ""


def test_what_would_press_a_button_is_only_words() -> None:
    assert training_text(" /greet") == "greet"


@given(st.lists(PIECES, max_size=8).map(" ".join))
def test_nothing_that_was_found_by_its_form_is_left(text: str) -> None:
    kept = training_text(text)
    for find, invented in ((order_numbers, "CJ-482915"), (folios, "RV-4K7M-9QXT"), (phones, "+525555550142")):
        found, left = ({value for value, _, _ in find(words)} for words in (text, kept))
        assert not found - {invented} & left
    assert "@" not in kept.replace("ana.ruiz@example.com", "")


@given(st.text())
def test_any_text_becomes_one_visible_line_of_bounded_length(text: str) -> None:
    kept = training_text(text)
    assert len(kept) <= MAX_CHARACTERS
    assert kept == kept.strip() and len(kept.splitlines()) <= 1
    assert not {unicodedata.category(character) for character in kept} & {"Cc", "Cs", "Zl", "Zp"}
    assert training_text(kept) == kept
