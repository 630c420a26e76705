"""Typing as it goes wrong on a phone: letters swapped, dropped, doubled, the neighbouring key, no accents."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterable

WORDS_PER_TYPO = 6
ACCENTLESS_SHARE = 0.5
"""Of messages, those whose writer leaves out all accents."""
SHORTEST_WORD = 4
"""Letters; shorter words are seldom mistyped, and would become other words."""
ROWS = ("qwertyuiop", "asdfghjklñ", "zxcvbnm")

_WORD = re.compile(r"[^\W\d_]+")


def with_typos(texts: Iterable[str], seed: int) -> list[str]:
    """Each text mistyped in about one word of six, in one at least where a word is long enough.

    Words with digits (order numbers) stay, and so do first letters, which people hit.

    Example:
        >>> with_typos(["where is my order"], seed=1)
        ['whhere is my order']
    """
    chance = random.Random(seed)  # noqa: S311 - to be the same again
    return [_mistype(text, chance) for text in texts]


def _mistype(text: str, chance: random.Random) -> str:
    if chance.random() < ACCENTLESS_SHARE:
        text = _without_accents(text)
    words = [match for match in _WORD.finditer(text) if _may_be_mistyped(match, text)]
    count = min(len(words), max(1, round(len(text.split()) / WORDS_PER_TYPO)))
    for match in sorted(chance.sample(words, count), key=lambda match: -match.start()):
        text = text[: match.start()] + _slip(match.group(), chance) + text[match.end() :]
    return text


def _may_be_mistyped(match: re.Match[str], text: str) -> bool:
    around = text[max(0, match.start() - 1) : match.start()] + text[match.end() : match.end() + 1]
    return len(match.group()) >= SHORTEST_WORD and not re.search(r"[\d@_-]", around)


def _slip(word: str, chance: random.Random) -> str:
    slips: list[Callable[[str, int, random.Random], str]] = [_swap, _drop, _double, _neighbour]
    return chance.choice(slips)(word, chance.randrange(1, len(word) - 1), chance)


def _swap(word: str, place: int, chance: random.Random) -> str:
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _drop(word: str, place: int, chance: random.Random) -> str:
    return word[:place] + word[place + 1 :]


def _double(word: str, place: int, chance: random.Random) -> str:
    return word[:place] + word[place] + word[place:]


def _neighbour(word: str, place: int, chance: random.Random) -> str:
    letter = _without_accents(word[place].lower())
    beside = [
        row[index]
        for row in ROWS
        if letter and letter in row
        for index in (row.index(letter) - 1, row.index(letter) + 1)
        if 0 <= index < len(row)
    ]
    return word[:place] + chance.choice(beside) + word[place + 1 :] if beside else _drop(word, place, chance)


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character))
