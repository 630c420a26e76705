"""When a customer wants to be contacted, as they type it: "manana a las 5 porfa", "next monday morning".

Wishes are read on the customer's clock (the company's if theirs isn't known) and judged against the
company's hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Literal
from zoneinfo import ZoneInfo

from relevo.follow_ups.excluded_days import MAX_AHEAD_DAYS
from relevo.follow_ups.hours import Clock
from relevo.follow_ups.phrases import Phrases, Unreadable, find_phrases
from relevo.follow_ups.vocabulary import DayPart
from relevo.protocol import Language
from relevo.protocol.opening_hours import OpeningHours

NOTICE_SECONDS = 15 * 60
"""A day without an hour begins no sooner than this from now: people need a moment to prepare."""
MAX_AHEAD_SECONDS = MAX_AHEAD_DAYS * 86_400
ONE_DAY = timedelta(days=1)
DAYS_PER_WEEK = 7
WAKING = time(8)
"""Nobody is contacted before this hour of theirs who has not named the hour (in the United States no call
may come before: 47 CFR 64.1200(c)(1))."""

Fit = Literal["open", "closed", "past", "too_far"]


@dataclass(frozen=True)
class Wish:
    """A wished moment, and the one that can be offered; UTC epoch seconds."""

    instant: float
    fit: Fit
    """Whether it can be kept; else what is wrong with it."""
    proposed: float | None
    """The wished moment if it is open, else the next open moment at or after it, or after now; None if the
    wish is too far ahead."""
    zone: ZoneInfo | None
    """The zone that the customer named."""
    depends_on_zone: bool
    """Whether it depends on whose clock is meant, as "at 5" and "Friday" do, and "in two hours" does not."""

    @property
    def asked_open(self) -> bool:
        """Whether the wished moment lies in the future and in the opening hours."""
        return self.fit == "open"


def parse_wish(
    text: str,
    language: Language,
    now: float,
    hours: OpeningHours,
    zone: ZoneInfo | None = None,
    *,
    same_hour_as: float | None = None,
) -> Wish | None:
    """When the customer wants to be contacted; None if no time is understood.

    Never raises: any text may come. `now` is UTC epoch seconds. Only the first 200 characters are read.

    Args:
        zone: the customer's, if it is known; what they say goes before.
        same_hour_as: what "at the same time" means, UTC epoch seconds; now if None.

    Example:
        >>> parse_wish("mañana a las 5", "es", now, hours).asked_open
        True
    """
    now = float(ceil(now))  # datetimes are exact for whole seconds only: "now" must not come back as the past
    try:
        phrases = _phrases(text, language, now, zone or hours.zone)
    except Unreadable:
        return None
    if not phrases:
        return None
    reading = _Reading(now, hours, phrases.zone or zone or hours.zone, phrases.excluded)
    instant = reading.instant(phrases, now if same_hour_as is None else same_hour_as)
    return reading.judge(instant, phrases) if instant is not None else None


def at_the_same_hour(instant: float, zone: ZoneInfo, now: float, hours: OpeningHours) -> Wish | None:
    """The wish for an hour that was read on the company's clock, if it was meant on another.

    None if the company never opens.
    """
    there = hours.local(instant).replace(tzinfo=zone).timestamp()
    return _Reading(float(ceil(now)), hours, zone).judge(there, Phrases(clock=Clock.of(hours.local(instant))))


def _phrases(text: str, language: Language, now: float, zone: ZoneInfo) -> Phrases:
    """What was said, with days counted from today in the zone that the customer means."""
    today = datetime.fromtimestamp(now, zone).date()
    phrases = find_phrases(text, language, today)
    there = datetime.fromtimestamp(now, phrases.zone or zone).date()
    return phrases if there == today else find_phrases(text, language, there)


@dataclass(frozen=True)
class _Reading:
    """Turns phrases into an instant, on the customer's clock and calendar."""

    now: float
    hours: OpeningHours
    zone: ZoneInfo
    excluded: frozenset[date] = frozenset()
    """The days that the customer has ruled out."""

    def instant(self, phrases: Phrases, same_hour_as: float) -> float | None:
        """The wished moment, the most precise phrases first; None if the company never opens."""
        today = self._suiting(self._local(self.now).date())
        day = self._suiting(phrases.day) if phrases.day else None
        if phrases.clock:
            return self._at_clock(day, phrases.clock) if day else self._coming_clock(today, phrases.clock)
        if phrases.day_part:
            part = phrases.day_part
            return self._in_part(day, part) if day else self._coming_part(today, part)
        if phrases.delay is not None and day in (None, today):
            return self.now + phrases.delay.total_seconds()
        if day and phrases.same_hour:
            return self._at_clock(day, Clock.of(self._local(same_hour_as)))
        if day:
            return self._first_open_on(day)
        return self._first_open(self.now)

    def judge(self, instant: float, phrases: Phrases) -> Wish | None:
        """The wish with what can be offered; None if the company never opens."""
        depends = self._depends_on_zone(phrases)
        if instant > self.now + MAX_AHEAD_SECONDS:
            return Wish(instant, "too_far", None, phrases.zone, depends)
        if instant >= self.now and self.hours.is_open(instant):
            return Wish(instant, "open", instant, phrases.zone, depends)
        is_bound = phrases.clock is not None and phrases.clock.or_later
        proposed = self._first_open_from_hour_of(instant) if is_bound else self._first_open(instant)
        fit: Fit = "closed" if instant >= self.now else "past"
        return Wish(instant, fit, proposed, phrases.zone, depends) if proposed is not None else None

    def _depends_on_zone(self, phrases: Phrases) -> bool:
        """Whether another clock would make it another moment; "today" is soon on all of them."""
        if phrases.clock or phrases.day_part:
            return True
        names_day = phrases.excluded or phrases.day not in (None, self._local(self.now).date())
        return bool(names_day) and not phrases.same_hour and phrases.delay is None

    def _at_clock(self, day: date, clock: Clock) -> float:
        """An hour that may mean two is taken for one in working hours, and for one that is not over."""
        readings = [self._at(day, minutes) for minutes in clock.readings()]
        working = [instant for instant in readings if self._is_working_hour(day, instant)]
        coming = [instant for instant in working if instant > self.now]
        soon = self.now + NOTICE_SECONDS
        if working and not coming and clock.or_later and self._is_open_on(day, soon):
            return soon
        return [*coming, *working, *readings][0]

    def _is_working_hour(self, day: date, instant: float) -> bool:
        """Whether it is open then; for a day that is closed as a whole, as on the next day that is not."""
        opens = self.hours.next_open(self._at(day, 0))
        days_closed = (self._local(opens).date() - day).days if opens is not None else 0
        return self.hours.is_open((self._local(instant) + days_closed * ONE_DAY).timestamp())

    def _coming_clock(self, today: date, clock: Clock) -> float:
        instant = self._at_clock(today, clock)
        return instant if instant > self.now else self._at_clock(self._suiting(today + ONE_DAY), clock)

    def _in_part(self, day: date, part: DayPart) -> float:
        """The part's hour; soon, if the part has begun and is not over."""
        start, end = (self._local_time(day, moment) for moment in (part.start, part.end))
        soon = self.now + NOTICE_SECONDS
        return soon if start < self.now and soon < end else start

    def _coming_part(self, today: date, part: DayPart) -> float:
        instant = self._in_part(today, part)
        return instant if instant >= self.now else self._in_part(self._suiting(today + ONE_DAY), part)

    def _first_open_on(self, day: date) -> float:
        """The day's first open moment that leaves time to prepare; the day's beginning if there is none."""
        midnight = datetime.combine(day, time(), tzinfo=self.zone)
        if midnight + ONE_DAY <= self._local(self.now):
            return midnight.timestamp()
        earliest = max(midnight.timestamp(), self.now + NOTICE_SECONDS)
        opens = self._first_open(earliest)
        return opens if opens is not None and self._local(opens).date() == day else earliest

    def _first_open(self, instant: float) -> float | None:
        """The first open moment from now on, at or after an instant, that the customer has not ruled out."""
        opens = self._open_awake(max(instant, self.now))
        while opens is not None and self._local(opens).date() in self.excluded:
            opens = self._open_awake(self._at(self._local(opens).date() + ONE_DAY, 0))
        return opens

    def _first_open_from_hour_of(self, instant: float) -> float | None:
        """The first open moment that is also no earlier in its day, if there is one within a week."""
        for days in range(DAYS_PER_WEEK):
            at = (self._local(instant) + days * ONE_DAY).timestamp()
            opens = self._first_open(at)
            if opens is not None and self._local(opens).date() == self._local(at).date():
                return opens
        return self._first_open(instant)

    def _open_awake(self, instant: float) -> float | None:
        """The first open moment at or after an instant at which customers are awake, or write right now."""
        opens = self.hours.next_open(instant)
        if opens is None or opens <= self.now or self._local(opens).time() >= WAKING:
            return opens
        return self.hours.next_open(datetime.combine(self._local(opens), WAKING, self.zone).timestamp())

    def _is_open_on(self, day: date, instant: float) -> bool:
        return self.hours.is_open(instant) and self._local(instant).date() == day

    def _suiting(self, day: date) -> date:
        """The day, or the next one that the customer has not ruled out."""
        while day in self.excluded:
            day += ONE_DAY
        return day

    def _at(self, day: date, minutes: int) -> float:
        return (datetime.combine(day, time(), tzinfo=self.zone) + timedelta(minutes=minutes)).timestamp()

    def _local_time(self, day: date, moment: time) -> float:
        return datetime.combine(day, moment, tzinfo=self.zone).timestamp()

    def _local(self, instant: float) -> datetime:
        return datetime.fromtimestamp(instant, self.zone)
