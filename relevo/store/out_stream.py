"""What a customer's page shows: a durable stream per conversation, read from any position.

A page that was reloaded or lost its network reads on from the last entry it has seen; which server it
reaches makes no difference.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis.asyncio as redis

from relevo.store import keys
from relevo.store.connection import Script

MAX_ENTRIES = 2_000
FROM_START = "0-0"

_post = Script(Path(__file__).with_name("post_out.lua"))


@dataclass(frozen=True)
class OutEntry:
    """One entry and its position in the stream."""

    position: str
    data: dict[str, Any]


class OutStream:
    """The stream of one conversation."""

    def __init__(self, client: redis.Redis, conversation: str) -> None:
        self._redis = client
        self._names = keys.ConversationKeys(conversation)

    async def post(self, key: str, data: dict[str, Any], *, seconds: int = keys.TRANSCRIPT_SECONDS) -> bool:
        """Add an entry; False if one with this key is there already.

        Args:
            key: names the entry, for instance message and step: a repeated turn posts nothing twice.
            data: the entry as a JSON object.
            seconds: how long the stream lives from now on, at least.
        """
        arguments = [
            key,
            json.dumps(data, ensure_ascii=False),
            seconds,
            keys.DEDUPLICATION_SECONDS,
            MAX_ENTRIES,
        ]
        return bool(await _post(self._redis, [self._names.out, self._names.sent], arguments))

    async def follow(self, after: str, *, beat_seconds: float) -> AsyncIterator[list[OutEntry]]:
        """Entries after a position as they come; an empty list after each `beat_seconds` without any."""
        while True:
            replies = await self._redis.xread({self._names.out: after}, block=int(beat_seconds * 1000))
            entries = [
                OutEntry(position, json.loads(fields["e"]))
                for position, fields in (replies[0][1] if replies else [])
            ]
            if entries:
                after = entries[-1].position
            yield entries
