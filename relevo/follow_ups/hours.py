"""The hour that is wished: "5:30 pm", "quarter to six", "a partir de las 10"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from relevo.follow_ups.plain_text import PlainText, Unreadable
from relevo.follow_ups.vocabulary import DayPart, Half

NOON = 12
HOURS_PER_DAY = 24
MINUTES_PER_HOUR = 60

_HOUR_WITH_HALF = re.compile(r"(?<![\d:@./-])(\d{1,2}(?::[0-5]\d)?) ?([ap]m)\b")
_HOUR_AND_MINUTES = re.compile(r"(?<![\d:@./-])(\d{1,2}:[0-5]\d)(?![\d:])")
_CLOCK = re.compile(r"(> ?(?:a )?)?@ ?(\d{1,2})(?::(-?\d\d))?(?![\d:]) ?([ap]m\b)?")
_BARE_NUMBER = re.compile(r"(\d{1,2})")


@dataclass(frozen=True)
class Clock:
    """An hour as it was said; without `half` ("5") it may mean the morning or the afternoon."""

    hour: int
    minute: int
    """Negative before the hour: "quarter to six" is 6 and -15."""
    half: Half | None = None
    or_later: bool = False
    """Whether no moment before it will do: "after 5", "no antes de las 10"."""

    @classmethod
    def of(cls, moment: datetime) -> Clock:
        """The hour that a clock shows."""
        return cls(moment.hour, moment.minute, "am" if moment.hour < NOON else None)

    def readings(self) -> list[int]:
        """What it may mean, in minutes after midnight, the literal meaning first."""
        noon, minutes = NOON * MINUTES_PER_HOUR, self.hour * MINUTES_PER_HOUR + self.minute
        if self.half is None:
            return [minutes, minutes + noon] if 0 < self.hour < NOON else [minutes]
        if self.hour > NOON:
            return [minutes]
        return [minutes % noon + (noon if self.half == "pm" else 0)]

    def within(self, day_part: DayPart | None) -> Clock:
        """ "A las 5" and "de la tarde" together are 5 pm; "12 de la mañana" is noon all the same."""
        if day_part and self.half is None and self.hour != NOON:
            return replace(self, half=day_part.half)
        return self


def mark_hours(rest: PlainText) -> None:
    """Put `@` before hours that show themselves by their form."""
    rest.left = _HOUR_WITH_HALF.sub(r"@\1 \2", rest.left)
    rest.left = _HOUR_AND_MINUTES.sub(r"@\1", rest.left)


def take_clock(rest: PlainText, *, is_expected: bool) -> Clock | None:
    """The first hour that is named.

    Args:
        is_expected: whether a number that stands by itself is one.

    Raises:
        Unreadable: there is no such hour.
    """
    match = rest.take(_CLOCK)
    if match:
        return _clock(int(match[2]), int(match[3] or 0), match[4], bool(match[1]))
    bare = _BARE_NUMBER.fullmatch(rest.left) if is_expected else None
    return _clock(int(bare[1]), 0) if bare else None


def _clock(hour: int, minute: int, half: str | None = None, or_later: bool = False) -> Clock:
    if hour >= HOURS_PER_DAY or abs(minute) >= MINUTES_PER_HOUR or hour * MINUTES_PER_HOUR + minute < 0:
        raise Unreadable("no such hour")
    return Clock(hour, minute, "am" if half == "am" else "pm" if half else None, or_later)
