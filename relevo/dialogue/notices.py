"""When and where a notice is in force, as the trained model carries it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class NoticePeriod:
    """The days and channels of a notice, both days included."""

    first_day: date
    last_day: date
    channels: frozenset[str]

    @classmethod
    def of(cls, record: dict[str, Any]) -> NoticePeriod:
        """From the policy's configuration, where days are written like 2026-12-31."""
        first, last = (date.fromisoformat(record[name]) for name in ("first_day", "last_day"))
        return cls(first, last, frozenset(record["channels"]))

    def covers(self, day: date, channel: str) -> bool:
        return self.first_day <= day <= self.last_day and channel in self.channels
