"""Rates as the Cloud API enforces them: per number, and per pair of number and customer.

Both are token buckets: a burst is allowed and paid back in time.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

THROUGHPUT_PER_SECOND: Final = 80.0
PAIR_SECONDS: Final = 6.0
"""One message to a customer every so many seconds …"""
PAIR_BURST: Final = 45
"""… and so many at once, which are paid back."""


@dataclass
class Buckets:
    """A token bucket for each key."""

    capacity: float
    per_second: float
    _levels: dict[Hashable, tuple[float, float]] = field(default_factory=dict)
    """By key: tokens, and when they were counted."""

    def take(self, key: Hashable, now: float) -> bool:
        """Take a token; False if there is none."""
        tokens, counted_at = self._levels.get(key, (self.capacity, now))
        tokens = min(self.capacity, tokens + (now - counted_at) * self.per_second)
        allowed = tokens >= 1
        self._levels[key] = (tokens - 1 if allowed else tokens, now)
        return allowed


def throughput(per_second: float = THROUGHPUT_PER_SECOND) -> Buckets:
    """What one number may send."""
    return Buckets(per_second, per_second)


def pairs() -> Buckets:
    """What one number may send to one customer."""
    return Buckets(PAIR_BURST, 1 / PAIR_SECONDS)
