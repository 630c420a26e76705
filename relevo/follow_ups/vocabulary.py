"""The words of one language for times, read from `locales/`, with their patterns compiled once."""

from __future__ import annotations

import re
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, Extra, PrivateAttr

from relevo.protocol import Language

LOCALES = Path(__file__).with_name("locales")
MIN_MENDED_CHARACTERS = 5
"""Shorter words are one slip away from too many others ("noon", "soon") to be mended."""

Half = Literal["am", "pm"]


class _LocalePart(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class DayPart(_LocalePart):
    """A part of the day: the hour it is taken for, the hour it is over, and how customers call it."""

    name: str
    start: time
    end: time
    half: Half
    phrases: list[str]


class DayPatterns(_LocalePart):
    """How days are named; the named groups are read by `phrases`."""

    next_week: str
    weekday_and_number: str
    day_of_month: str
    relative: str


class DayBounds(_LocalePart):
    """What right before a day names other days."""

    eve: str
    """The day before it alone."""
    before: str
    after: str
    not_before: str
    """The day itself at the earliest; what holds `before` in it."""


class Vocabulary(_LocalePart):
    """One language's file. Patterns may hold placeholders, which `pattern` replaces."""

    language: Language
    date_order: Literal["DMY", "MDY"]
    weekdays: list[str]
    day_words: list[str]
    months: list[str]
    named_days: dict[str, str]
    """Days of the year: "12-25", or a country and its own holiday ("US Thanksgiving")."""
    month_days: dict[str, list[int]]
    """Days of the month; -1 is its last one. The next of them is meant."""
    day_bounds: DayBounds
    week: str
    weekend: str
    """As they are called where days are ruled out."""
    may_follow_an_hour: list[str]
    day_parts: list[DayPart]
    zones: dict[str, list[str]]
    """By IANA name, what the zone itself is called."""
    places: dict[str, list[str]]
    """By IANA name, where the zone holds, as either language calls it."""
    own_places: dict[str, list[str]]
    """Names that would be other words in the other language."""
    at_a_place: list[str]
    """How customers say whose clock they mean by where they are; each with one <place>."""
    zone_names: dict[str, str]
    """What customers are told; a zone that is not here goes by its city, as `city_zone` says."""
    city_zone: str
    moment_in_zone: str
    soonest: list[str]
    spellings: dict[str, str]
    mended: list[str]
    real_words: list[str]
    numbers: dict[str, int]
    ignored: list[str]
    negations: list[tuple[str, str]]
    """What is rewritten before anything is ruled out or corrected."""
    all_but: list[str]
    """What rules days out and leaves the rest; each with one <days>."""
    unavailable: list[str]
    """What rules days out and asks for nothing; each with one <days>."""
    days_ruled_out: str
    corrections: list[str]
    """What makes of all that stands before it what was not meant."""
    same_hour: list[str]
    idioms: list[tuple[str, str]]
    delay: str
    explicit_dates: list[str]
    days: DayPatterns

    _words: dict[str, str] = PrivateAttr()
    _known: frozenset[str] = PrivateAttr()
    _zone_of_place: dict[str, str] = PrivateAttr()
    _compiled: dict[str, re.Pattern[str]] = PrivateAttr(default_factory=dict)

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)
        self._words = {**self.spellings, **{word: str(number) for word, number in self.numbers.items()}}
        named = [*self.places.items(), *self.own_places.items()]
        self._zone_of_place = {place: zone for zone, places in named for place in places}
        self._known = frozenset(
            [*self.real_words, *self.weekdays, *self.day_words, *self.months, *self.mended]
        )

    def spell(self, word: str) -> str:
        """The word as it should be spelled, digits for a number; unknown words come back as they are."""
        if word in self._words or word in self._known or len(word) < MIN_MENDED_CHARACTERS:
            return self._words.get(word, word)
        return next((right for right in self.mended if _is_one_slip_away(word, right)), word)

    def zone_of_place(self, place: str) -> str:
        """The IANA name of the zone in which a place lies whose name is known."""
        return self._zone_of_place[place]

    def pattern(self, phrase: str) -> re.Pattern[str]:
        """A phrase of the file as a compiled pattern, its placeholders replaced."""
        if phrase not in self._compiled:
            self._compiled[phrase] = re.compile(self._fill(phrase))
        return self._compiled[phrase]

    def any_of(self, phrases: list[str]) -> re.Pattern[str]:
        """Any of the phrases, as whole words."""
        return self.pattern(rf"(?<![a-z0-9])(?:{'|'.join(phrases)})(?![a-z0-9])")

    def _fill(self, phrase: str) -> str:
        weekday = f"(?:{'|'.join(self.weekdays)})"
        longest_first = sorted(map(re.escape, self._zone_of_place), key=len, reverse=True)
        placeholders = {
            "<place>": rf"(?P<place>{'|'.join(longest_first)})(?![a-z0-9])",
            "<days>": f"(?P<ruled_out>{self.days_ruled_out})",
            "<end>": rf" ?(?:$|[,.;|@]|(?:{'|'.join(self.may_follow_an_hour)})\b)",
            "<day>": f"(?:{'|'.join([*self.weekdays, *self.day_words])})",
            "<weekday>": weekday,
            "<month>": f"(?:{'|'.join(self.months)})",
            "<hour>": r"\d{1,2}(?::[0-5]\d)?(?: ?(?:am|pm)\b)?",
        }
        for placeholder, filling in placeholders.items():
            phrase = phrase.replace(placeholder, filling)
        return phrase


@cache
def vocabulary(language: Language) -> Vocabulary:
    """The vocabulary of a language."""
    return Vocabulary(**_read(language), places=_read("places"))


def _read(name: str) -> Any:
    return yaml.safe_load((LOCALES / f"{name}.yml").read_text(encoding="utf-8"))


def _is_one_slip_away(word: str, right: str) -> bool:
    """Whether one letter is missing, added, wrong, or swapped with the next; the first must be right."""
    if word[0] != right[0] or abs(len(word) - len(right)) > 1:
        return False
    differing = (i for i, (a, b) in enumerate(zip(word, right, strict=False)) if a != b)
    same = next(differing, min(len(word), len(right)))
    rest, right_rest = word[same:], right[same:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return right_rest in (swapped, rest[1:]) or right_rest[1:] in (rest, rest[1:])
