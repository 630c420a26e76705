"""Slows down whoever tries passwords: after some wrong ones, each further try must wait twice as long.

Counted for the name (many addresses against one user) and for the address (one address against many users).
A try is counted before its password is checked, so that tries side by side gain nothing.
"""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import redis.asyncio as redis

from relevo.store import keys
from relevo.store.connection import Script

FREE_TRIES = 5
MAX_WAIT_SECONDS = 900
REMEMBERED_SECONDS = 2 * MAX_WAIT_SECONDS

_throttle = Script(Path(__file__).with_name("throttle.lua"))


class LoginThrottle:
    """Admits or delays logins."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    async def admit(self, name: str, address: str, now: float) -> int:
        """Count a try; returns 0 if it may go on, else the seconds to wait (then nothing is counted)."""
        return await self._run("admit", name, address, now)

    async def forgive(self, name: str, address: str, now: float) -> None:
        """Take the last try back: its password was right. The name starts afresh, the address does not."""
        await self._run("forgive", name, address, now)

    async def _run(self, verb: str, name: str, address: str, now: float) -> int:
        counters = [_counter("name", name.strip().lower()), _counter("address", address)]
        limits = [FREE_TRIES, MAX_WAIT_SECONDS, REMEMBERED_SECONDS]
        return math.ceil(float(await _throttle(self._redis, counters, [verb, now, *limits])))


def _counter(what: str, who: str) -> str:
    # A digest, since people type passwords into the name field; one hash tag, so that one script holds both.
    return keys.throttle(f"{{login}}:{what}", hashlib.sha256(who.encode()).hexdigest())
