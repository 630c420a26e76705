"""Dates as people read them, in the company's time zone and the customer's language."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date, format_datetime

from relevo.protocol import Language, Protocol
from relevo.protocol.opening_hours import OpeningHours

_PATTERNS: dict[str, str] = {"en": "EEEE, MMMM d, h:mm a", "es": "EEEE d 'de' MMMM 'a las' H:mm"}
"""In Spanish by 24 hours, as the company's answers do: "a.m." before a full stop would leave two of them."""
_LOCALES: dict[str, str] = {"en": "en_US", "es": "es_MX"}


def say_moment(instant: float, language: Language, hours: OpeningHours) -> str:
    """A moment in words; `instant` is UTC epoch seconds.

    Example: "Thursday, November 26, 5:00 PM (Mexico City time)" without the zone's name.
    """
    moment = hours.local(instant)
    return str(format_datetime(moment, _PATTERNS[language], locale=_LOCALES[language]))


def say_date(day: date, language: Language) -> str:
    """A day in words with its year: "December 22, 2026"."""
    return str(format_date(day, "long", locale=_LOCALES[language]))


def say_opening(now: float, language: Language, protocol: Protocol) -> str:
    """When people are at work again."""
    opening = protocol.company.hours.next_open(now)
    return say_moment(opening if opening is not None else now, language, protocol.company.hours)
