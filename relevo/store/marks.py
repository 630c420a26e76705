"""Marks: which conversations have something in a list of theirs, by when it is to be looked at.

Cases with targets are marked in the same way, by folio.

Conversations lie in slots of their own; one sorted set tells which of them to visit. A conversation is marked
before its list gets something, so that a crash in between leaves a mark too many and never one too few; and
again after it, since a visit in between finds the list still empty and takes the mark off.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import redis.asyncio as redis

from relevo.store.connection import Script

_touch = Script(Path(__file__).with_name("touch_mark.lua"))
_hasten = Script(Path(__file__).with_name("hasten_mark.lua"))
_settle = Script(Path(__file__).with_name("settle_mark.lua"))


class Marks:
    """The marks in one sorted set; times are UTC epoch seconds."""

    def __init__(self, client: redis.Redis, key: str) -> None:
        self._redis, self._key = client, key

    @asynccontextmanager
    async def around(self, conversations: Iterable[str], at: float) -> AsyncIterator[None]:
        """Mark conversations whose lists get something in the block, to be visited from `at` on.

        If one is marked already, the time stays.
        """
        marked = list(conversations)
        await _touch(self._redis, [self._key], [repr(at), *marked])
        yield
        await _touch(self._redis, [self._key], [repr(at), *marked])

    async def hasten(self, conversations: Iterable[str], at: float) -> bool:
        """Visit marked conversations at `at` at the latest, visited now or not; False if none is marked."""
        return bool(await _hasten(self._redis, [self._key], [repr(at), *conversations]))

    async def of(self, conversation: str) -> float | None:
        """The present mark; None if there is none."""
        score = await self._redis.zscore(self._key, conversation)
        return None if score is None else float(score)

    async def due(self, now: float, count: int) -> list[str]:
        """Conversations to visit now, those that have waited longest first."""
        due: list[str] = await self._redis.zrangebyscore(self._key, "-inf", now, start=0, num=count)
        return due

    async def all(self) -> list[str]:
        """All marked conversations, those to be visited first at the front."""
        marked: list[str] = await self._redis.zrange(self._key, 0, -1)
        return marked

    async def next(self) -> float | None:
        """The earliest mark; None if there is none."""
        first = await self._redis.zrange(self._key, 0, 0, withscores=True)
        return float(first[0][1]) if first else None

    async def forget(self, conversation: str, mark: float | None) -> None:
        """Take a mark off, unless it has been put anew since it was `mark`."""
        await self._settle(conversation, mark, "")

    async def move(self, conversation: str, mark: float | None, at: float) -> None:
        """Put off the next visit, unless the mark has been put anew since it was `mark`."""
        await self._settle(conversation, mark, repr(at))

    async def _settle(self, conversation: str, mark: float | None, to: str) -> None:
        await _settle(self._redis, [self._key], [conversation, "" if mark is None else repr(mark), to])
