"""Pieces of a message that mean something: what they are, their value, and where they stand in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

COMBINING = ("Mn", "Me")
INVISIBLE = (*COMBINING, "Cf")
"""Categories of characters that are not read: combining marks, joiners, marks of writing direction."""


@dataclass(frozen=True)
class Span:
    """An entity of a message; `start` and `end` are offsets of characters in the text as typed."""

    entity: str
    value: str
    start: int
    end: int

    def overlaps(self, start: int, end: int) -> bool:
        return self.start < end and start < self.end


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """Of spans that share characters the longest, of equally long ones the first given; in the text's order.

    So "$483920" is an amount and no order number, and "120000 pesos" as well.
    """
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start - span.end):
        if not any(span.overlaps(other.start, other.end) for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda span: span.start)


@dataclass(frozen=True)
class PlainText:
    """A text in lower case without accents and invisible marks, whose characters know where they stood.

    Unlike `text.fold` it keeps lengthening and spaces.

    Example:
        >>> plain = PlainText.of("El sillón")
        >>> plain.text, plain.typed_as(3, 9)
        ('el sillon', (3, 9))
    """

    typed: str
    text: str
    positions: Sequence[int]
    """The offset in `typed` of each character of `text`."""

    @classmethod
    def of(cls, typed: str) -> PlainText:
        if typed.isascii():
            return cls(typed, typed.lower(), range(len(typed)))
        pieces = [_plain(character) for character in typed]
        positions = [offset for offset, piece in enumerate(pieces) for _ in piece]
        return cls(typed, "".join(pieces), positions)

    def typed_as(self, start: int, end: int) -> tuple[int, int]:
        """Where a piece of `text` stands in `typed`, with the accents that follow its last character."""
        typed_start, typed_end = self.positions[start], self.positions[end - 1] + 1
        while typed_end < len(self.typed) and unicodedata.category(self.typed[typed_end]) in COMBINING:
            typed_end += 1
        return typed_start, typed_end


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    if unicodedata.category(character) in INVISIBLE:
        return ""
    decomposed = unicodedata.normalize("NFKD", character.lower())
    return "".join(part for part in decomposed if unicodedata.category(part) not in INVISIBLE)
