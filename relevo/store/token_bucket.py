"""Token buckets in Redis: so many at once, so many per second in the long run, for all servers together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import redis.asyncio as redis

from relevo.store.connection import Script

_take = Script(Path(__file__).with_name("take_token.lua"))


@dataclass(frozen=True)
class TokenBucket:
    """At most `burst` at once; what was taken comes back at `per_second`.

    Example:
        >>> TokenBucket(burst=45, per_second=1 / 6)  # bursts of 45 that are paid back, one in 6 seconds
    """

    burst: int
    per_second: float

    async def take(self, client: redis.Redis, key: str, now: float) -> float:
        """Take a token; 0 if there was one, else after how many seconds there will be. `now`: UTC epoch."""
        return float(await _take(client, [key], [self.burst, self.per_second, repr(now)]))
