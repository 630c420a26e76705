"""When people are back, in words."""

from __future__ import annotations

from relevo.follow_ups.moments import say_moment
from relevo.protocol import Language, Protocol


def say_opening(now: float, language: Language, protocol: Protocol) -> str:
    """When people are at work again."""
    opening = protocol.company.hours.next_open(now)
    return say_moment(opening if opening is not None else now, language, protocol.company.hours)
