"""Time zones of customers: where their phone number is from, and what the zone is called."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from babel.dates import get_timezone_location
from phonenumbers import timezone as number_zones

from relevo.follow_ups.vocabulary import vocabulary
from relevo.protocol import Language

TIME_ZONE = "time_zone"
"""Under this name a message's metadata holds the zone of the browser that it was written in."""
_LOCALES: dict[str, str] = {"en": "en_US", "es": "es_MX"}


def zone_named(name: str) -> ZoneInfo | None:
    """The zone with this IANA name; None for "" and for what is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError):
        return None


def zone_of(contact: str | None) -> ZoneInfo | None:
    """Where a phone number (E.164) is from, by its area code; None for anything else, or several zones.

    Mobile numbers move with their owners: it is a guess, which is told with every time.
    """
    try:
        number = phonenumbers.parse(contact or "")
    except phonenumbers.NumberParseException:
        return None
    names = number_zones.time_zones_for_number(number)
    return zone_named(names[0]) if len(names) == 1 else None


def agree(zone: ZoneInfo, other: ZoneInfo, instant: float) -> bool:
    """Whether the clocks of two zones show the same time at an instant (UTC epoch seconds)."""
    offsets = {datetime.fromtimestamp(instant, each).utcoffset() for each in (zone, other)}
    return len(offsets) == 1


def zone_name(zone: ZoneInfo, language: Language) -> str:
    """What a zone is called: "hora de Tijuana", "Pacific Time"."""
    words = vocabulary(language)
    known = words.zone_names.get(zone.key)
    city = get_timezone_location(zone, locale=_LOCALES[language], return_city=True)
    return known or words.city_zone.format(city=city)
