"""The words by which a message shows what it is in its conversation, of all languages together.

Customers mix languages, and no word of one means anything else in the other here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from relevo.protocol import LANGUAGES

LOCALES = Path(__file__).with_name("locales")

Phrase = tuple[str, ...]
"""A phrase as its words."""


@dataclass(frozen=True)
class Vocabulary:
    """Folded words and phrases; what each set holds is written in `locales/`.

    Attributes:
        openings: the longest first.
        outright: by topic, how it is asked for.
    """

    openings: Sequence[Phrase]
    missing: Sequence[Phrase]
    searching: Sequence[Phrase]
    unanswered: Sequence[Phrase]
    outright: dict[str, Sequence[Phrase]]
    conditions: frozenset[str]
    prepositions: frozenset[str]
    wishes: frozenset[str]
    days: frozenset[str]
    articles: frozenset[str]
    questions: frozenset[str]
    empty: frozenset[str]
    fillers: frozenset[str]
    announcing: frozenset[str]
    negations: frozenset[str]
    happenings: frozenset[str]
    dangers_first: frozenset[str]
    dangers_last: frozenset[str]
    possessives: frozenset[str]


PHRASES = ("openings", "missing", "searching", "unanswered")
OUTRIGHT = "outright"


@cache
def vocabulary() -> Vocabulary:
    """The words as the locale files have them."""
    files = [(LOCALES / f"{language}.yml").read_text(encoding="utf-8") for language in LANGUAGES]
    locales: list[dict[str, Any]] = [yaml.safe_load(text) for text in files]
    sets = set(Vocabulary.__dataclass_fields__) - {*PHRASES, OUTRIGHT}
    known: dict[str, Any] = {name: _phrases(locale[name] for locale in locales) for name in PHRASES}
    known |= {name: frozenset(word for locale in locales for word in locale[name].split()) for name in sets}
    known[OUTRIGHT] = {
        topic: _phrases(locale[OUTRIGHT][topic] for locale in locales) for topic in locales[0][OUTRIGHT]
    }
    return Vocabulary(**known)


def place_of(phrases: Iterable[Phrase], said: Sequence[str]) -> int | None:
    """Where the first of some phrases begins in what was said, counted in words; None if there is none."""
    places = (
        place
        for phrase in phrases
        for place in range(len(said) - len(phrase) + 1)
        if tuple(said[place : place + len(phrase)]) == phrase
    )
    return min(places, default=None)


def _phrases(lists: Iterable[Sequence[str]]) -> list[Phrase]:
    """The phrases of all lists, the longest first."""
    return sorted((tuple(phrase.split()) for phrases in lists for phrase in phrases), key=len, reverse=True)
