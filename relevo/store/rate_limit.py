"""Limits on how often something may happen, counted in Redis for all servers together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import redis.asyncio as redis

from relevo.store import keys
from relevo.store.connection import Script

_count = Script(Path(__file__).with_name("count_time.lua"))


@dataclass(frozen=True)
class RateLimit:
    """At most `count` times per `seconds`, in windows that begin with the first time."""

    what: str
    count: int
    seconds: int

    async def allows(self, client: redis.Redis, who: str) -> bool:
        """Count one more time for `who`; False if that is too many."""
        times = await _count(client, [keys.throttle(self.what, who)], [self.seconds])
        return int(times) <= self.count
