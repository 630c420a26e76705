"""Folding: what customers' typing habits must not change."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.nlu.text import MAX_CHARACTERS, fold, is_button, says_something, words


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("DÓNDE ESTÁ MI PEDIDO", "donde esta mi pedido"),
        ("mañana", "manana"),
        ("man\u0303ana", "manana"),
        ("Güero, ¿qué tal?", "guero, ¿que tal?"),
        ("holaaaaa", "holaa"),
        ("¡¡¡¡ya!!!!", "¡¡ya!!"),
        ("  dos \t\n líneas \u00a0 ", "dos lineas"),
        ("ﬁn ① ２", "fin 1 2"),
        ("Ⅻ", "xii"),
        ("", ""),
        (" \n ", ""),
        ("👍👍👍👍", "👍👍"),
    ],
)
def test_accents_capitals_lengthening_and_spaces_make_no_difference(typed: str, folded: str) -> None:
    assert fold(typed) == folded


def test_double_letters_stay() -> None:
    assert fold("llegó la coolest cobija") == "llego la coolest cobija"


def test_lengthened_words_of_any_length_are_one() -> None:
    assert len({fold("porfa" + "a" * count) for count in range(1, 30)}) == 1


@given(st.text(max_size=200))
def test_folded_text_has_no_capitals_no_accents_and_single_spaces(text: str) -> None:
    folded = fold(text)
    assert folded == folded.strip()
    assert "  " not in folded and "\n" not in folded
    assert not any(character in folded for character in "ÁÉÍÓÚÑÜáéíóúñü")


@given(st.text("abcdefghijklmnñopqrstuvwxyzáéíóúü ¿?¡!.,", max_size=80))
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text("abcñáéíóú .,!?", max_size=80))
def test_capitals_never_matter(text: str) -> None:
    assert fold(text.upper()) == fold(text)


def test_only_the_beginning_of_a_huge_text_is_folded_and_fast() -> None:
    started = process_time()
    assert len(fold("ab" * 5_000_000)) == MAX_CHARACTERS
    assert fold("á" * 10_000_000) == "aa"
    assert process_time() - started < 1


def test_words_are_the_folded_words_in_order() -> None:
    assert words("¡Hola! ¿Dónde está MI pedido CJ-483920?") == [
        *("hola", "donde", "esta", "mi", "pedido", "cj", "483920")
    ]
    assert words("... 🙏 ¿?") == []


@pytest.mark.parametrize(
    ("text", "pressed"), [("/track_order", True), ("and/or", False), ("", False), (" /x", False)]
)
def test_button_is_told_from_typed_words(text: str, pressed: bool) -> None:
    assert is_button(text) is pressed


@pytest.mark.parametrize(
    ("text", "says"), [("ok", True), ("👍", True), ("7", True), ("¿?…", False), (" \n\t", False), ("", False)]
)
def test_a_picture_says_something_and_punctuation_nothing(text: str, says: bool) -> None:
    assert says_something(text) is says
