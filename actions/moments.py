"""Days, and when people are back, in words."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from relevo.follow_ups.moments import LOCALES, say_moment
from relevo.protocol import Language
from relevo.protocol.opening_hours import OpeningHours


def say_date(day: date, language: Language) -> str:
    """A day in words with its year: "December 22, 2026"."""
    return str(format_date(day, "long", locale=LOCALES[language]))


def say_opening(now: float, language: Language, hours: OpeningHours) -> str:
    """When people are at work again."""
    opening = hours.next_open(now)
    return say_moment(opening if opening is not None else now, language, hours)
