"""When a customer wants to be contacted, as they type it: "manana a las 5 porfa", "next monday morning".

Wishes are read in the company's time zone unless the customer names another, and judged against its hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from relevo.follow_ups.phrases import Clock, Phrases, Unreadable, find_phrases
from relevo.follow_ups.vocabulary import DayPart
from relevo.protocol import Language
from relevo.protocol.opening_hours import OpeningHours

NOTICE_SECONDS = 15 * 60
"""A day without an hour begins no sooner than this from now: people need a moment to prepare."""
MAX_AHEAD_SECONDS = 60 * 86_400
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wish:
    """A wished moment, and the one that can be offered; UTC epoch seconds."""

    instant: float
    asked_open: bool
    """Whether the wished moment lies in the future and in the opening hours."""
    proposed: float
    """The wished moment if it is open, else the next open moment at or after it, or after now."""


def parse_wish(text: str, language: Language, now: float, hours: OpeningHours) -> Wish | None:
    """When the customer wants to be contacted; None if no time is understood or it is over 60 days ahead.

    Never raises: any text may come. `now` is UTC epoch seconds. Only the first 200 characters are read.

    Example:
        >>> parse_wish("mañana a las 5", "es", now, hours).asked_open
        True
    """
    now = float(ceil(now))  # datetimes are exact for whole seconds only: "now" must not come back as the past
    try:
        phrases = find_phrases(text, language, hours.local(now).date())
    except Unreadable:
        return None
    instant = _Reading(now, hours, phrases.zone or hours.zone).instant(phrases) if phrases else None
    if instant is None or instant > now + MAX_AHEAD_SECONDS:
        return None
    asked_open = instant >= now and hours.is_open(instant)
    proposed = instant if asked_open else hours.next_open(max(instant, now))
    return Wish(instant, asked_open, proposed) if proposed is not None else None


@dataclass(frozen=True)
class _Reading:
    """Turns phrases into an instant: days in the company's calendar, hours in the customer's zone."""

    now: float
    hours: OpeningHours
    zone: ZoneInfo

    def instant(self, phrases: Phrases) -> float | None:
        """The wished moment, the most precise phrases first; None if the company never opens."""
        day, today = phrases.day, self.hours.local(self.now).date()
        if phrases.clock:
            return self._at_clock(day, phrases.clock) if day else self._coming_clock(today, phrases.clock)
        if phrases.day_part:
            part = phrases.day_part
            return self._in_part(day, part) if day else self._coming_part(today, part)
        if phrases.delay is not None and day in (None, today):
            return self.now + phrases.delay.total_seconds()
        if day:
            return self._first_open_on(day)
        return self.hours.next_open(self.now)

    def _at_clock(self, day: date, clock: Clock) -> float:
        """An hour that may mean two is taken for one in working hours, and for one that is not over."""
        readings = [self._at(day, minutes) for minutes in clock.readings()]
        working = [instant for instant in readings if self._is_working_hour(day, instant)]
        coming = [instant for instant in working if instant > self.now]
        return [*coming, *working, *readings][0]

    def _is_working_hour(self, day: date, instant: float) -> bool:
        """Whether it is open then; for a day that is closed as a whole, as on the next day that is not."""
        opens = self.hours.next_open(self._at(day, 0))
        days_closed = (self.hours.local(opens).date() - day).days if opens is not None else 0
        return self.hours.is_open((self._local(instant) + days_closed * ONE_DAY).timestamp())

    def _coming_clock(self, today: date, clock: Clock) -> float:
        instant = self._at_clock(today, clock)
        return instant if instant > self.now else self._at_clock(today + ONE_DAY, clock)

    def _in_part(self, day: date, part: DayPart) -> float:
        """The part's hour; soon, if the part has begun and is not over."""
        start, end = (self._local_time(day, moment) for moment in (part.start, part.end))
        soon = self.now + NOTICE_SECONDS
        return soon if start < self.now and soon < end else start

    def _coming_part(self, today: date, part: DayPart) -> float:
        instant = self._in_part(today, part)
        return instant if instant >= self.now else self._in_part(today + ONE_DAY, part)

    def _first_open_on(self, day: date) -> float:
        """The day's first open moment that leaves time to prepare; the day's beginning if there is none."""
        midnight = datetime.combine(day, time(), tzinfo=self.hours.zone)
        if midnight + ONE_DAY <= self.hours.local(self.now):
            return midnight.timestamp()
        earliest = max(midnight.timestamp(), self.now + NOTICE_SECONDS)
        opens = self.hours.next_open(earliest)
        return opens if opens is not None and self.hours.local(opens).date() == day else earliest

    def _at(self, day: date, minutes: int) -> float:
        return (datetime.combine(day, time(), tzinfo=self.zone) + timedelta(minutes=minutes)).timestamp()

    def _local_time(self, day: date, moment: time) -> float:
        return datetime.combine(day, moment, tzinfo=self.zone).timestamp()

    def _local(self, instant: float) -> datetime:
        return datetime.fromtimestamp(instant, self.zone)
