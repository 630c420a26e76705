"""A lease: one holder at a time for a piece of work; it passes on soon after its holder dies."""

from __future__ import annotations

import uuid
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import redis.asyncio as redis

from relevo.store.connection import Script
from relevo.store.renewal import renewed

_renew = Script(Path(__file__).with_name("renew_lease.lua"))
_release = Script(Path(__file__).with_name("release_lease.lua"))


class Lease:
    """A key in Redis that only its holder renews and gives back."""

    def __init__(self, client: redis.Redis, key: str, seconds: float) -> None:
        self._redis, self._key, self._milliseconds = client, key, int(seconds * 1000)
        self._token = uuid.uuid4().hex

    @property
    def token(self) -> str:
        """What the key holds while the lease is ours."""
        return self._token

    async def take(self) -> bool:
        """Whether the lease is ours now; it was free, or already ours."""
        if await self._redis.set(self._key, self._token, nx=True, px=self._milliseconds):
            return True
        return await self.renew()

    async def renew(self) -> bool:
        """Lengthen the lease; False if it is no longer ours."""
        return bool(await _renew(self._redis, [self._key], [self._token, self._milliseconds]))

    async def release(self) -> None:
        """Give the lease back if it is ours."""
        await _release(self._redis, [self._key], [self._token])

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Renew the lease, which must be ours, for the length of the block."""
        return renewed(self.renew, self._milliseconds / 3000)
