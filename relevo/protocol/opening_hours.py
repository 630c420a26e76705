"""Opening hours: when people are at work, holidays included.

All instants are UTC epoch seconds; the hours themselves are local to the company's time zone.
Holidays come from the `holidays` library, by country.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from holidays.registry import EntityLoader
from pydantic import BaseModel, Extra, validator

from relevo.protocol.parts.base import PlacedError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LONGEST_CLOSURE_DAYS = 60
_PERIOD = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")

Period = tuple[datetime, datetime]


def checked_weekly(field: str) -> Any:
    """A validator of a field that holds periods by weekday."""

    def check(cls: type[BaseModel], weekly: dict[str, list[str]]) -> dict[str, list[str]]:
        for day, periods in weekly.items():
            if day not in WEEKDAYS:
                raise PlacedError(f'"{day}" is no weekday; give {", ".join(WEEKDAYS)}', day)
            ends = [end for i, period in enumerate(periods) for end in _parse_at(period, day, i)]
            if ends != sorted(set(ends)):
                raise PlacedError(f"the periods of {day} overlap; give the earlier one first", day)
        return weekly

    return validator(field, allow_reuse=True)(check)


def _parse_at(period: str, day: str, number: int) -> tuple[int, int]:
    try:
        return parse_period(period)
    except ValueError as error:
        raise PlacedError(str(error), day, number) from error


def parse_period(period: str) -> tuple[int, int]:
    """Minutes after midnight at which a period starts and ends."""
    match = _PERIOD.fullmatch(period)
    if not match:
        raise ValueError(f'"{period}" is no period; write it like "09:00-14:00"')
    start_hour, start_minute, end_hour, end_minute = (int(part) for part in match.groups() if part)
    return start_hour * 60 + start_minute, end_hour * 60 + end_minute


class OpeningHours(BaseModel):
    """Weekly periods like `"09:00-14:00"`, several a day if need be, less the holidays of some countries."""

    time_zone: str
    holidays: list[str]
    weekly: dict[str, list[str]]

    class Config:
        extra = Extra.forbid
        allow_mutation = False

    @validator("time_zone")
    def _zone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        # A part of the world, such as Mexico, is a folder of zones.
        except (ZoneInfoNotFoundError, ValueError, IsADirectoryError) as error:
            raise ValueError(
                f'there is no time zone "{name}"; give an IANA name like America/Mexico_City'
            ) from error
        return name

    @validator("holidays", each_item=True)
    def _country_is_known(cls, country: str) -> str:
        # The codes alone: the library's own list of countries imports every one of them.
        if country not in EntityLoader.get_country_codes():
            raise ValueError(f'no holidays are known for "{country}"; give codes of countries like MX or US')
        return country

    _weekly_is_sound = checked_weekly("weekly")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def local(self, instant: float) -> datetime:
        """The company's wall-clock time at an instant (UTC epoch seconds)."""
        return datetime.fromtimestamp(instant, self.zone)

    def is_holiday(self, day: date) -> bool:
        return any(day in _holidays_of(country, day.year) for country in self.holidays)

    def is_open(self, instant: float) -> bool:
        moment = self.local(instant)
        return any(start <= moment < end for start, end in self._periods_on(moment.date()))

    def next_open(self, instant: float) -> float | None:
        """The first instant at or after `instant` that is open; None if the company never opens."""
        moment = self.local(instant)
        for start, end in self.periods_from(moment.date()):
            if moment < end:
                return max(start, moment).timestamp()
        return None

    def end_of_day(self, instant: float) -> float:
        """When the last period of the opening day ends: today's, or the next one's once that is over."""
        moment = self.local(instant)
        for offset in range(LONGEST_CLOSURE_DAYS):
            periods = self._periods_on(moment.date() + timedelta(days=offset))
            if periods and moment < periods[-1][1]:
                return periods[-1][1].timestamp()
        return instant

    def deadline(self, instant: float, seconds: float) -> float:
        """When so many open seconds have passed after `instant`; counted by the clock if it never opens."""
        moment, left = self.local(instant), float(seconds)
        for start, end in self.periods_from(moment.date()):
            begins = max(start, moment).timestamp()
            length = end.timestamp() - begins
            if length >= left:
                return begins + left
            left -= max(length, 0.0)
        return instant + seconds

    def open_seconds(self, start: float, end: float) -> float:
        """How many seconds between two instants are open; counted by the clock if it never opens."""
        total, is_ever_open = 0.0, False
        for opens, closes in self.periods_from(self.local(start).date()):
            is_ever_open = True
            if opens.timestamp() >= end:
                break
            total += max(0.0, min(closes.timestamp(), end) - max(opens.timestamp(), start))
        return total if is_ever_open else max(0.0, end - start)

    def with_weekly(self, weekly: dict[str, list[str]] | None) -> OpeningHours:
        """The same zone and holidays with other periods; these hours themselves if there are none."""
        return self if weekly is None else self.copy(update={"weekly": weekly})

    def periods_from(self, day: date) -> Iterator[Period]:
        """Open periods from the beginning of `day` on, in order, as local datetimes."""
        for offset in range(LONGEST_CLOSURE_DAYS):
            yield from self._periods_on(day + timedelta(days=offset))

    def _periods_on(self, day: date) -> list[Period]:
        if self.is_holiday(day):
            return []
        periods = self.weekly.get(WEEKDAYS[day.weekday()], [])
        return [(self._at(day, start), self._at(day, end)) for start, end in map(parse_period, periods)]

    def _at(self, day: date, minutes: int) -> datetime:
        days, minutes = divmod(minutes, 24 * 60)
        clock_time = time(minutes // 60, minutes % 60)
        return datetime.combine(day + timedelta(days=days), clock_time, tzinfo=self.zone)


@lru_cache(maxsize=64)
def _holidays_of(country: str, year: int) -> Any:
    return holidays.country_holidays(country, years=year)
