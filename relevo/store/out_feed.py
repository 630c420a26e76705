"""How open pages follow their conversations: what stands in the streams, and what is only said once.

All the pages of a process share one connection for waiting and a few for reading. A page holds nothing here
but its position: whoever reads slowly costs no memory, and what they have not read stays in the stream.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator

import redis.asyncio as redis

from relevo.store.keys import ConversationKeys
from relevo.store.out_stream import OutEntry
from relevo.store.wakes import Wakes

READ_AT_ONCE = 100
MAX_READERS = 16
"""Reads at the same time: after an outage everyone is woken at once."""


class OutFeed:
    """Follows the out-streams of many conversations."""

    def __init__(self, client: redis.Redis, wakes: Wakes) -> None:
        self._redis = client
        self._wakes = wakes
        self._readers = asyncio.Semaphore(MAX_READERS)

    async def follow(
        self, conversation: str, after: str, *, beat_seconds: float
    ) -> AsyncGenerator[list[OutEntry], None]:
        """Entries after a position as they come.

        An empty list follows what stands there already, and each `beat_seconds` in which nothing came.
        """
        names, has_caught_up = ConversationKeys(conversation), False
        async with self._wakes.sleeper(names.news) as sleeper:
            while True:
                while entries := await self._read(names.out, after):
                    after = entries[-1].position
                    yield entries
                if not has_caught_up:
                    has_caught_up = True
                    yield []
                heard = await sleeper.wait(beat_seconds)
                if heard is None:
                    yield []
                elif heard:
                    yield [OutEntry("", json.loads(words)) for words in heard]

    async def _read(self, stream: str, after: str) -> list[OutEntry]:
        async with self._readers:
            entries = await self._redis.xrange(stream, min=f"({after}", count=READ_AT_ONCE)
        return [OutEntry(position, json.loads(fields["e"])) for position, fields in entries]
