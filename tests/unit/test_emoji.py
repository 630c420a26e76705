"""Emoji within what a channel allows."""

from __future__ import annotations

import pytest

from relevo.emoji import within_measure


@pytest.mark.parametrize(
    ("text", "none", "sparing"),
    [
        ("¡Con mucho gusto! 😊", "¡Con mucho gusto!", "¡Con mucho gusto! 😊"),
        ("👋 Hola 😊, aquí estoy", "Hola, aquí estoy", "👋 Hola, aquí estoy"),
        ("Familia 👩‍👩‍👧‍👦 feliz 🇲🇽", "Familia feliz", "Familia 👩‍👩‍👧‍👦 feliz"),
        ("Bien 👍🏽👍🏽", "Bien", "Bien 👍🏽"),
        ("Con amor ❤️ y 1️⃣", "Con amor y", "Con amor ❤️ y"),
        ("Tres 3 # * © Jacaranda™ 5 > 4 → no", "Tres 3 # * © Jacaranda™ 5 > 4 → no", None),
        ("Línea uno\nLínea dos", "Línea uno\nLínea dos", None),
    ],
)
def test_emoji_are_taken_out_or_the_first_one_stays(text: str, none: str, sparing: str | None) -> None:
    assert within_measure(text, "none") == none
    assert within_measure(text, "sparing") == (text if sparing is None else sparing)
