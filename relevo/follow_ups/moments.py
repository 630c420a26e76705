"""Moments as customers read them, in their language and on their own clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from relevo.follow_ups.vocabulary import vocabulary
from relevo.follow_ups.zones import agree, zone_name
from relevo.protocol import Language
from relevo.protocol.opening_hours import OpeningHours

_PATTERNS: dict[str, str] = {"en": "EEEE, MMMM d, h:mm a", "es": "EEEE d 'de' MMMM 'a las' H:mm"}
"""In Spanish by 24 hours, as the company's answers do: "a.m." before a full stop would leave two of them."""
LOCALES: dict[str, str] = {"en": "en_US", "es": "es_MX"}


def say_moment(instant: float, language: Language, hours: OpeningHours) -> str:
    """A moment in words on the company's clock; `instant` is UTC epoch seconds.

    Example: "Thursday, November 26, 5:00 PM"
    """
    return _say(instant, language, hours.zone)


def say_moment_to(instant: float, language: Language, hours: OpeningHours, zone: ZoneInfo | None) -> str:
    """A moment in words on the customer's clock, with its name where that might be another than they think.

    Args:
        zone: the customer's; None if it isn't known: then it is the company's, by its name.

    Example: "jueves 26 de noviembre a las 15:00, hora de Tijuana"
    """
    moment = _say(instant, language, zone or hours.zone)
    if zone is not None and agree(zone, hours.zone, instant):
        return moment
    named = zone_name(zone or hours.zone, language)
    return vocabulary(language).moment_in_zone.format(moment=moment, zone=named)


def _say(instant: float, language: Language, zone: ZoneInfo) -> str:
    moment = datetime.fromtimestamp(instant, zone)
    return str(format_datetime(moment, _PATTERNS[language], locale=LOCALES[language]))
