"""Days that go by a name: holidays ("navidad", "after Thanksgiving"), and places in the month ("fin de mes").

Fixed ones are written in the locale files; those that move come from the `holidays` library.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache

import holidays

from relevo.follow_ups.vocabulary import Vocabulary

DAYS_SEARCHED = 62
"""Two months hold every day of the month that comes."""


def named_days(text: str, words: Vocabulary, today: date) -> Iterator[tuple[str, date]]:
    """The phrases of a text that name a day, each with the next such day from `today` on."""
    for phrase, day in words.named_days.items():
        match = words.any_of([phrase]).search(text)
        if match:
            yield match[0], _next(_named(day, today.year), today)
    for phrase, numbers in words.month_days.items():
        match = words.any_of([phrase]).search(text)
        if match:
            yield match[0], next_day_of_month(numbers, today) or today


def next_day_of_month(numbers: Iterable[int], today: date) -> date | None:
    """The next day with one of these numbers, counted from the month's end if negative; None if none has."""
    wanted = set(numbers)
    coming = (today + timedelta(days=offset) for offset in range(DAYS_SEARCHED))
    return next((day for day in coming if wanted & {day.day, day.day - _length(day) - 1}), None)


def _named(day: str, year: int) -> list[date]:
    """A day of this year and the next, given as "12-25" or as a country and the name of its holiday."""
    country, _, name = day.partition(" ")
    if name:
        return list(_holidays(country, name, year))
    return [date.fromisoformat(f"{each}-{day}") for each in (year, year + 1)]


@lru_cache(maxsize=64)
def _holidays(country: str, name: str, year: int) -> tuple[date, ...]:
    known = holidays.country_holidays(country, years=[year, year + 1], language="en_US")
    return tuple(sorted(known.get_named(name)))


def _next(days: Iterable[date], today: date) -> date:
    return next(day for day in days if day >= today)


def _length(day: date) -> int:
    """How many days its month has."""
    in_next_month = day.replace(day=28) + timedelta(days=4)
    return (in_next_month - timedelta(days=in_next_month.day)).day
