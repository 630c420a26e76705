"""Addresses from which messages come back: nothing is promised there until their owner has written again."""

from __future__ import annotations

from collections.abc import Iterable

import redis.asyncio as redis

from relevo.store import keys


class UnreachableContacts:
    """Those of all customers, by their digests."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    async def note(self, contact: str, now: float) -> None:
        """What goes to a contact comes back. `now`: UTC epoch seconds."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.zadd(keys.UNREACHABLE, {keys.digest_of(contact): now})
            # What was so long ago may have been mended.
            pipeline.zremrangebyscore(keys.UNREACHABLE, "-inf", now - keys.UNREACHABLE_SECONDS)
            await pipeline.execute()

    async def forget(self, contact: str) -> None:
        """Its owner has written from it, or its data are erased."""
        await self._redis.zrem(keys.UNREACHABLE, keys.digest_of(contact))

    async def holds(self, contact: str) -> bool:
        """Whether what goes to a contact came back."""
        return bool(await self.among([keys.digest_of(contact)]))

    async def among(self, digests: Iterable[str]) -> set[str]:
        """Those of some digests of contacts."""
        wanted = list(digests)
        if not wanted:
            return set()
        noted = await self._redis.zmscore(keys.UNREACHABLE, wanted)  # type: ignore[no-untyped-call]
        return {digest for digest, at in zip(wanted, noted, strict=True) if at is not None}
