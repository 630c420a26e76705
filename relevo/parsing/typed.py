"""A message as it was typed, and as the bot reads it.

The bot reads no hidden characters, composes accents and takes off a slash at the beginning. What it finds
has places in what it reads; whoever gave the message wants them in what was given.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from functools import cached_property

from relevo.channels.webchat.incoming import MAX_TEXT_CHARACTERS, is_visible, typed_words


class TypedText:
    """One message."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = typed_words(text)[:MAX_TEXT_CHARACTERS]
        """What the bot reads: as much as a customer may send."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in `text` of a non-empty place in `words`.

        Example:
            >>> TypedText("/ho\\u200bla, Ana").span(0, 4)
            (1, 6)
        """
        beginning = self.text.find(self.words)
        if beginning >= 0:
            return beginning + start, beginning + end
        first = self._visible_before(start)
        last = max(first, self._visible_before(end) - 1)
        return self._visible_places[first], self._visible_places[last] + 1

    @cached_property
    def _visible_places(self) -> list[int]:
        return [place for place, character in enumerate(self.text) if is_visible(character)]

    @cached_property
    def _visible(self) -> str:
        return "".join(self.text[place] for place in self._visible_places)

    def _visible_before(self, offset: int) -> int:
        """How many visible characters stand before a place in `words`; accents can be some of their own."""
        target = unicodedata.normalize("NFC", self._visible).index(self.words) + offset
        counts = range(len(self._visible) + 1)
        return bisect_right(counts, target, key=self._composed_length) - 1

    def _composed_length(self, count: int) -> int:
        return len(unicodedata.normalize("NFC", self._visible[:count]))
