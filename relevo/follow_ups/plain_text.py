"""A customer's text in plain form, from which phrases are taken one kind after the other.

What only looks like a time (phones, order numbers, money) is taken out at once.
"""

from __future__ import annotations

import re
import unicodedata

from relevo.errors import RelevoError
from relevo.follow_ups.vocabulary import Vocabulary

MAX_CHARACTERS = 200

_GAP = "|"
_LOOKALIKES = re.compile(
    "|".join(
        [
            r"\S+@\S+|https?:\S+|www\.\S+",  # e-mail and web addresses
            r"\brv[ -]{0,2}[0-9a-z]{4}[ -]{0,2}[0-9a-z]{4}\b",  # folios
            r"\b[a-z]{1,5}-?\d{3,}\b|#\s?\d+",  # orders
            r"\$\s?\d[\d.,]*",  # money
            r"\+\d[\d ()-]{6,}\d",  # phones: international, US, others
            r"(?<!\d)1[ -]?\(?\d{3}\)?[ -]?\d{3}[ -]?\d{4}(?!\d)",
            r"(?<![\d/-])\(?\d{2,4}\)?[ -]?\d{3,4}[ -]?\d{4}(?!\d)|\b\d{2}(?:[ -]\d{2}){4}\b|\d{7,}",
        ]
    )
)
_NOT_PLAIN = re.compile(r"[^a-z0-9:/.,;+#$@'&%()-]+")
_WORD = re.compile(r"\b\d[a-z]{3,}\b|(?<![a-z'])[a-z]+(?![a-z'])")
_DOTTED_HALF = re.compile(r"(?<=\d)\s?([ap])\s?\.\s?m\b\.?|(?<=\d)\s?([ap]) m\b")
_PUNCTUATION = " ,.;"


class Unreadable(RelevoError):
    """A date or hour that does not exist, like 31 November: better ask again than take another one."""


class PlainText:
    """The text that is left; what is taken leaves a gap, so that no phrase forms across it."""

    def __init__(self, text: str, words: Vocabulary) -> None:
        """Keep a text that is in plain form."""
        self.left = text
        self.words = words

    @classmethod
    def of(cls, text: str, words: Vocabulary) -> PlainText:
        """Lower case, no accents, no signs but those of dates and hours, words spelled right."""
        if len(text) > MAX_CHARACTERS:  # a number cut in two would be another number
            text = " ".join(text[:MAX_CHARACTERS].split()[:-1])
        decomposed = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
        text = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
        text = re.sub(r"[!?¡¿\n]+", " , ", text)
        text = _LOOKALIKES.sub(" , ", _NOT_PLAIN.sub(" ", text))
        text = _DOTTED_HALF.sub(lambda match: f"{match[1] or match[2]}m", text)
        text = _WORD.sub(lambda match: words.spell(match[0]), text)
        text = re.sub(r" ?([,;])(?: ?[,;])*", r"\1", re.sub(r"\s+", " ", text))
        return cls(text.strip(" ,;"), words)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Take out all matches; the first is returned."""
        match = pattern.search(self.left)
        self.left = pattern.sub(_GAP, self.left) if match else self.left
        return match

    def take_span(self, start: int, end: int) -> None:
        """Take out one place of the text."""
        self.left = f"{self.left[:start]}{_GAP}{self.left[end:]}"

    def rewrite(self, phrases: list[tuple[str, str]]) -> None:
        """Replace phrases by what they come to, in order."""
        for phrase, meaning in phrases:
            self.left = self.words.pattern(phrase).sub(meaning, self.left)

    def split(self, pattern: re.Pattern[str]) -> list[PlainText]:
        """The parts between the matches."""
        parts = (part.strip(_PUNCTUATION) for part in pattern.split(self.left))
        return [PlainText(part, self.words) for part in parts if part]
