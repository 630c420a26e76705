"""Limits on how often something may happen, counted in Redis for all servers together."""

from __future__ import annotations

from dataclasses import dataclass

import redis.asyncio as redis

from relevo.store import keys


@dataclass(frozen=True)
class RateLimit:
    """At most `count` times per `seconds`, in windows that begin with the first time."""

    what: str
    count: int
    seconds: int

    async def allows(self, client: redis.Redis, who: str) -> bool:
        """Count one more time for `who`; False if that is too many."""
        key = keys.throttle(self.what, who)
        async with client.pipeline(transaction=True) as pipeline:
            pipeline.set(key, 0, ex=self.seconds, nx=True)
            pipeline.incr(key)
            _, times = await pipeline.execute()
        return int(times) <= self.count
