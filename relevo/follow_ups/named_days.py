"""Days that go by a name: holidays ("navidad", "after Thanksgiving"), and places in the month ("fin de mes").

Fixed ones are written in the locale files; those that move come from the `holidays` library.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

import holidays

from relevo.follow_ups.vocabulary import Vocabulary

DAYS_SEARCHED = 62
"""Two months hold every day of the month that comes."""


class NamedDay(NamedTuple):
    """A place in a text where a day is named, and the next such day."""

    start: int
    end: int
    day: date


def named_days(text: str, words: Vocabulary, today: date) -> Iterator[NamedDay]:
    """The days that a text names, each as the next one from `today` on."""
    for phrase, name in words.named_days.items():
        match = words.any_of([phrase]).search(text)
        if match:
            yield NamedDay(*match.span(), next(day for day in days_called(name, today.year) if day >= today))
    for phrase, numbers in words.month_days.items():
        match = words.any_of([phrase]).search(text)
        if match:
            yield NamedDay(*match.span(), next_day_of_month(numbers, today) or today)


def days_called(name: str, year: int) -> list[date]:
    """A day of this year and the next, given as "12-25" or as a country and the name of its holiday."""
    country, _, holiday = name.partition(" ")
    if holiday:
        return list(_holidays(country, holiday, year))
    return [date.fromisoformat(f"{each}-{name}") for each in (year, year + 1)]


def next_day_of_month(numbers: Iterable[int], today: date) -> date | None:
    """The next day with one of these numbers, counted from the month's end if negative; None if none has."""
    wanted = set(numbers)
    coming = (today + timedelta(days=offset) for offset in range(DAYS_SEARCHED))
    return next((day for day in coming if wanted & {day.day, day.day - _length(day) - 1}), None)


@lru_cache(maxsize=64)
def _holidays(country: str, name: str, year: int) -> tuple[date, ...]:
    """By all that the library knows, also the days on which people work, such as Mother's Day."""
    kinds = holidays.country_holidays(country).supported_categories
    known = holidays.country_holidays(country, years=[year, year + 1], language="en_US", categories=kinds)
    return tuple(sorted(known.get_named(name)))


def _length(day: date) -> int:
    """How many days its month has."""
    in_next_month = day.replace(day=28) + timedelta(days=4)
    return (in_next_month - timedelta(days=in_next_month.day)).day
