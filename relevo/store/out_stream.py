"""What a customer's page shows: a durable stream per conversation, read from any position.

A page that was reloaded or lost its network reads on from the last entry it has seen; which server it
reaches makes no difference. `OutFeed` reads it for the pages that are open.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis.asyncio as redis

from relevo.store import keys
from relevo.store.connection import Script

MAX_ENTRIES = 2_000
FROM_START = "0-0"

_LARGEST = 2**64 - 1
_MAX_DIGITS = 20

_post = Script(Path(__file__).with_name("post_out.lua"))


def parse_position(text: str) -> str | None:
    """A position as a browser gives it, in its shortest form; None for what is none.

    Example:
        >>> parse_position("0017-3")
        '17-3'
    """
    milliseconds, _, sequence = text.partition("-")
    parts = (milliseconds, sequence)
    if not all(part.isascii() and part.isdecimal() and len(part) <= _MAX_DIGITS for part in parts):
        return None
    # After the very last one Redis finds no position to read on from, and says that it is none.
    if int(milliseconds) > _LARGEST or int(sequence) >= _LARGEST:
        return None
    return f"{int(milliseconds)}-{int(sequence)}"


@dataclass(frozen=True)
class OutEntry:
    """One entry and its position in the stream; "" for one that is not kept in it."""

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
        lists = [self._names.out, self._names.posted]
        return bool(await _post(self._redis, lists, [*arguments, self._names.news]))

    async def show(self, data: dict[str, Any]) -> None:
        """Show an entry to the pages that are open now, and keep it nowhere."""
        await self._redis.publish(self._names.news, json.dumps(data, ensure_ascii=False))

    async def last_position(self) -> str:
        """The position of the latest entry; that before all if there is none."""
        latest = await self._redis.xrevrange(self._names.out, count=1)
        return latest[0][0] if latest else FROM_START

    async def positions_of(self, keys_of_entries: list[str]) -> dict[str, str]:
        """Where entries stand, by their keys, as far as these are remembered (7 days)."""
        if not keys_of_entries:
            return {}
        found = await self._redis.hmget(self._names.posted, keys_of_entries)
        return {key: at for key, at in zip(keys_of_entries, found, strict=True) if at}
