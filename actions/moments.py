"""When people are back, in words."""

from __future__ import annotations

from relevo.follow_ups.moments import say_moment
from relevo.protocol import Language
from relevo.protocol.opening_hours import OpeningHours


def say_opening(now: float, language: Language, hours: OpeningHours) -> str:
    """When people are at work again."""
    opening = hours.next_open(now)
    return say_moment(opening if opening is not None else now, language, hours)
