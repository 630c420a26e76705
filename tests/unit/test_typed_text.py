"""A message as typed and as the bot reads it: what is found in one is found in the other."""

from __future__ import annotations

import unicodedata
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relevo.channels.webchat.incoming import MAX_TEXT_CHARACTERS
from relevo.parsing.typed import TypedText

ANY_TEXT = st.text(st.characters(), max_size=60)
AWKWARD = st.text("aé/ \n\te\u0301\u0323\u200b\u202e\x00\u200d\ufe0f각ᄀ\u1161\u11a8🙏\u0958", max_size=30)


def found(text: str, wanted: str) -> str:
    """What stands in a typed text where the bot reads `wanted`."""
    typed = TypedText(text)
    start = typed.words.index(wanted)
    first, last = typed.span(start, start + len(wanted))
    return text[first:last]


@pytest.mark.parametrize(
    ("text", "wanted", "stands_there"),
    [
        ("mi pedido CJ-483920", "CJ-483920", "CJ-483920"),
        ("  \n mi pedido CJ-483920  ", "CJ-483920", "CJ-483920"),
        ("/track_order CJ-483920", "CJ-483920", "CJ-483920"),
        ("/ / aa/a", "aa/a", "aa/a"),
        ("\x00mi pedido CJ-483920", "CJ-483920", "CJ-483920"),
        ("CJ-\u200b483920 ya", "CJ-483920", "CJ-\u200b483920"),
        ("\u202eCJ-483920\u202c", "CJ-483920", "CJ-483920"),
        ("el man\u0303ana a las 5", "mañana", "man\u0303ana"),
        ("an\u0303o: ana@example.com", "ana@example.com", "ana@example.com"),
        ("/\u200be\u0301l: RV-7K3M-9QXT.", "RV-7K3M-9QXT", "RV-7K3M-9QXT"),
        ("cafe\u0301", "café", "cafe\u0301"),
    ],
)
def test_what_the_bot_finds_has_its_place_in_the_typed_text(
    text: str, wanted: str, stands_there: str
) -> None:
    assert found(text, wanted) == stands_there


@given(ANY_TEXT | AWKWARD)
@example("e\u200b\u0301x")
@example("/\u200d/restart")
def test_each_character_has_its_place_in_the_typed_text_in_order(text: str) -> None:
    typed = TypedText(text)
    spans = [typed.span(offset, offset + 1) for offset in range(len(typed.words))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    if spans:
        assert typed.span(0, len(typed.words)) == (spans[0][0], spans[-1][1])


@given(AWKWARD, st.sampled_from(["CJ-483920", "mañana", "ana@example.com"]), AWKWARD)
def test_a_word_among_awkward_characters_is_found(before: str, word: str, after: str) -> None:
    text = f"x{before} {word} {after}x"
    assert unicodedata.normalize("NFC", found(text, f" {word} ")) == f" {word} "


def test_the_bot_reads_as_much_as_a_customer_may_send() -> None:
    assert len(TypedText("a" * 100_000).words) == MAX_TEXT_CHARACTERS
    assert TypedText(" " * 100_000 + "hola").words == "hola"


def test_a_huge_text_of_hidden_characters_is_placed_fast() -> None:
    typed = TypedText("x\u200b" * 50_000)
    started = process_time()
    for start in range(50):
        assert typed.span(start, start + 1) == (2 * start, 2 * start + 1)
    assert process_time() - started < 1
