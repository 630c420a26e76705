"""The day that is wished: a date, a weekday, a day with a name, or a bound: "pasando Reyes".

Dates go through dateparser, one clean phrase at a time: on whole sentences it finds dates in "no" or "me".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import dateparser

from relevo.follow_ups.excluded_days import through
from relevo.follow_ups.hours import HOURS_PER_DAY, Clock
from relevo.follow_ups.named_days import named_days, next_day_of_month
from relevo.follow_ups.plain_text import PlainText, Unreadable
from relevo.follow_ups.vocabulary import Vocabulary

ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(days=7)

_NUMERIC_DATE = re.compile(
    r"(?<![\d/.-])(?:\d{1,2}/\d{1,2}(?:/(?:20)?\d\d)?|\d{1,2}([.-])\d{1,2}\1(?:20)?\d\d)(?![\d/.-]*\d)"
    r"(?! ?(?:hora|hour|hr))"  # "1/2 hora" is no second of January
)
_ORDINAL_ENDING = re.compile(r"(?<=\d)(?:st|nd|rd|th|ro|ero|er|o)\b")
_ISO_DATE = re.compile(r"(?<!\d)(20\d\d)[-/](\d{1,2})[-/](\d{1,2})(?!\d)")


@dataclass(frozen=True)
class Day:
    """What is said of the day."""

    day: date | None = None
    clock: Clock | None = None
    """An hour, if a bare number after a weekday must be one ("lunes 5")."""
    any_before: bool = False
    """Whether any moment before some day will do: the soonest."""
    excluded: frozenset[date] = frozenset()
    """The days up to one that is to be over: "after Friday"."""

    def __bool__(self) -> bool:
        return bool(self.day or self.any_before or self.excluded)

    def with_weekday(self, other: Day) -> Day:
        """Both what is said of a bound and of a day beside it: "the Monday after Christmas"."""
        day = other.day
        while day and day in self.excluded:
            day += ONE_WEEK
        return Day(day, other.clock, self.any_before or other.any_before, self.excluded | other.excluded)


def take_date(rest: PlainText, today: date) -> Day:
    """A date in numbers or with its month, or else the first day that goes by a name.

    Raises:
        Unreadable: there is no such day.
    """
    iso = rest.take(_ISO_DATE)
    if iso:
        return Day(_date(*map(int, iso.groups())))
    for pattern in [_NUMERIC_DATE, *map(rest.words.pattern, rest.words.explicit_dates)]:
        match = rest.take(pattern)
        if match:
            # From yesterday on, as dateparser takes today's own date for next year's.
            phrase = _ORDINAL_ENDING.sub("", match[0])
            day = parse(phrase, rest.words, today - ONE_DAY).date()
            return _bounded(day, rest, match.start(), today)
    named = min(named_days(rest.left, rest.words, today), default=None)
    if named is None:
        return Day()
    rest.take_span(named.start, named.end)
    return _bounded(named.day, rest, named.start, today)


def take_day(rest: PlainText, today: date) -> Day:
    """The first day that is named in another way: a weekday, "mañana", "the 15th", "in 3 days".

    Raises:
        Unreadable: there is no such day, or no such hour.
    """
    days, words = rest.words.days, rest.words
    named = f"(?P<next_week>{days.next_week})|{days.weekday_and_number}|{days.day_of_month}|{days.relative}"
    match = rest.take(words.pattern(named))
    if not match:
        return Day()
    if match["next_week"]:
        return Day(_in_next_week(match[0], words, today))
    if match["day_name"]:
        day, clock = _weekday_and_number(match["day_name"], int(match["number"]), words, today)
        return Day(day, clock)
    number = match["month_day"] or match["month_day_bare"]
    day = _exists(next_day_of_month([int(number)], today)) if number else parse(match[0], words, today).date()
    return _bounded(day, rest, match.start(), today)


def parse(phrase: str, words: Vocabulary, start: date) -> datetime:
    """One clean phrase by dateparser, as local time, counted from the beginning of a day.

    dateparser keeps every combination of settings for ever: a base of whole days keeps them few.

    Raises:
        Unreadable: there is no such day.
    """
    parsed = dateparser.parse(
        phrase,
        languages=[words.language],
        settings={
            "PREFER_DATES_FROM": "future",
            "RELATIVE_BASE": datetime.combine(start, time()),
            "DATE_ORDER": words.date_order,
        },
    )
    if parsed is None:
        raise Unreadable("no such day")
    return parsed


def _bounded(day: date, rest: PlainText, start: int, today: date) -> Day:
    """The day by what is said right before it: "after" and "before" name other days."""
    bounds = rest.words.day_bounds

    def is_said(bound: str) -> bool:
        match = rest.words.pattern(rf"(?<![a-z0-9])(?:{bound}) $").search(rest.left[:start])
        if match:
            rest.take_span(*match.span())
        return match is not None

    if is_said(bounds.eve):
        return Day(day - ONE_DAY)
    if is_said(bounds.not_before):
        return Day(day)
    if is_said(bounds.before):
        return Day(any_before=True)
    return Day(excluded=through(day, today)) if is_said(bounds.after) else Day(day)


def _in_next_week(phrase: str, words: Vocabulary, today: date) -> date:
    """Monday of the next week, or the weekday that was named."""
    weekday = next((i for i, name in enumerate(words.weekdays) if name in phrase), 0)
    return today + timedelta(days=7 - today.weekday() + weekday)


def _weekday_and_number(
    weekday: str, number: int, words: Vocabulary, today: date
) -> tuple[date, Clock | None]:
    """Whether "viernes 5" is Friday the 5th or Friday at 5: the next 5th is a Friday, or it is not."""
    day = next_day_of_month([number], today)
    if day and words.weekdays[day.weekday()] == weekday:
        return day, None
    if not 0 < number < HOURS_PER_DAY:
        raise Unreadable("no such hour")
    return parse(weekday, words, today).date(), Clock(number, 0)


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Unreadable("no such day") from error


def _exists(day: date | None) -> date:
    if day is None:
        raise Unreadable("no such day")
    return day
