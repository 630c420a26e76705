"""Texts within WhatsApp's limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.channels.whatsapp.text import cut, marked, split


def test_a_text_that_fits_is_one_part() -> None:
    assert split("Hola. ¿Qué tal?", 100) == ["Hola. ¿Qué tal?"]


def test_a_long_text_is_split_at_the_end_of_a_sentence() -> None:
    text = "Tu pedido ya salió. Llega mañana antes de las seis. ¿Algo más?"
    assert split(text, 55) == ["Tu pedido ya salió. Llega mañana antes de las seis.", "¿Algo más?"]


def test_a_full_stop_within_an_abbreviation_is_no_end_of_a_sentence() -> None:
    assert (
        split("Estamos aquí y en la Av. de la Reforma desde hoy", 30)[0] == "Estamos aquí y en la Av. de la"
    )


def test_a_closing_quotation_mark_stays_with_its_sentence() -> None:
    assert split("Dijo «llegó tarde.» Y ya no volvió a llamar nunca", 26)[0] == "Dijo «llegó tarde.»"


def test_paragraphs_come_before_sentences() -> None:
    assert split("Uno. Dos tres cuatro.\n\nCinco. Seis.", 32) == ["Uno. Dos tres cuatro.", "Cinco. Seis."]


def test_a_text_without_any_pause_is_cut_at_the_limit() -> None:
    assert split("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]


@given(st.text(max_size=400), st.integers(min_value=1, max_value=60))
def test_no_part_is_too_long_or_empty_and_no_word_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(0 < len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("title", "limit", "expected"),
    [
        ("Rastrear mi pedido", 20, "Rastrear mi pedido"),
        ("Cambiar la dirección de entrega", 20, "Cambiar la…"),
        ("Incomprensibilidades", 10, "Incompren…"),
        ("Dos\n líneas", 20, "Dos líneas"),
    ],
)
def test_titles_are_cut_where_a_word_ends(title: str, limit: int, expected: str) -> None:
    assert cut(title, limit) == expected


@given(st.text(max_size=100), st.integers(min_value=2, max_value=72))
def test_no_title_is_too_long(title: str, limit: int) -> None:
    assert len(cut(title, limit)) <= limit


def test_usual_marks_become_those_of_whatsapp() -> None:
    text = "## Horario\n**Lunes** y ~~martes~~, ve [el mapa](https://example.com/a)"
    assert marked(text) == "*Horario*\n*Lunes* y ~martes~, ve el mapa: https://example.com/a"


def test_a_multiplication_is_no_mark() -> None:
    assert marked("2 ** 3 y 4*5") == "2 ** 3 y 4*5"
