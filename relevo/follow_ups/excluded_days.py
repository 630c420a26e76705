"""Days that a customer rules out: "any day but Friday", "esta semana no", "menos los lunes"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from relevo.follow_ups.plain_text import PlainText
from relevo.follow_ups.vocabulary import Vocabulary

MAX_AHEAD_DAYS = 60
"""No wish is taken that is further ahead."""
TOMORROW = 1
SATURDAY, SUNDAY = 5, 6
_HORIZON_DAYS = MAX_AHEAD_DAYS + 2


def take_excluded(rest: PlainText, today: date) -> tuple[frozenset[date], bool]:
    """The days that are ruled out, and whether all others suit: "not Friday" alone asks for nothing."""
    excluded: set[date] = set()
    all_others = False
    for phrases, leave_the_rest in ((rest.words.all_but, True), (rest.words.unavailable, False)):
        for pattern in map(rest.words.pattern, phrases):
            found = [match["ruled_out"] for match in pattern.finditer(rest.left)]
            rest.take(pattern)
            all_others = all_others or (leave_the_rest and bool(found))
            excluded.update(day for phrase in found for day in _named(phrase, rest.words, today))
    return frozenset(excluded), all_others


def through(day: date, today: date) -> frozenset[date]:
    """Today and all days to one that is to be over; as far as wishes reach."""
    return frozenset(each for each in _coming(today) if each <= day)


def _named(phrase: str, words: Vocabulary, today: date) -> Iterator[date]:
    """All coming days that go by a word of the phrase."""
    said = set(re.findall(r"[a-z]+", phrase))
    for day in _coming(today):
        if said & set(_names(day, words, today)):
            yield day


def _names(day: date, words: Vocabulary, today: date) -> Iterable[str]:
    ahead, weekday = (day - today).days, day.weekday()
    yield words.weekdays[weekday]
    if ahead <= TOMORROW:
        yield words.day_words[ahead]
    if ahead <= SUNDAY - today.weekday():
        yield words.week
    if weekday >= SATURDAY:
        yield words.weekend


def _coming(today: date) -> Iterator[date]:
    return (today + timedelta(days=ahead) for ahead in range(_HORIZON_DAYS))
