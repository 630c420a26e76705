"""Receipts: up to where a conversation was delivered to the customer, and read by either side.

Positions are those of the out-stream, in which the customer's and the desk's words stand in one order:
whoever has read an entry has read all before it. A customer can't claim to have read what isn't there yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import redis.asyncio as redis

from relevo.store import keys, live_entries
from relevo.store.connection import Script
from relevo.store.out_stream import FROM_START, OutStream

Receipt = Literal["sent", "delivered", "read"]

_note = Script(Path(__file__).with_name("note_seen.lua"))


@dataclass(frozen=True)
class Seen:
    """Up to where a conversation was given to the customer's browser, and read by them and by a person."""

    delivered: str = FROM_START
    read: str = FROM_START
    agent: str = FROM_START

    def receipt(self, position: str) -> Receipt:
        """How far an entry for the customer has come."""
        if order(position) <= order(self.read):
            return "read"
        return "delivered" if order(position) <= order(self.delivered) else "sent"

    @classmethod
    def from_mapping(cls, fields: Mapping[str, str]) -> Seen:
        known = ("delivered", "read", "agent")
        return cls(**{name: at for name, at in fields.items() if name in known})


class Receipts:
    """What has been seen of one conversation."""

    def __init__(self, client: redis.Redis, conversation: str) -> None:
        self._redis = client
        self._stream = OutStream(client, conversation)
        self._names = keys.ConversationKeys(conversation)

    async def seen(self) -> Seen:
        """What is known."""
        return Seen.from_mapping(await self._redis.hgetall(self._names.seen))

    async def note_delivered(self, position: str) -> None:
        """The customer's browser was given all up to a position."""
        await self._note("delivered", position)

    async def note_read(self, position: str) -> None:
        """The customer has read all up to a position, as far as there is anything."""
        latest = await self._stream.last_position()
        await self._note("read", min(position, latest, key=order))

    async def note_read_at_desk(self) -> None:
        """A person has read all that there is; the pages that are open are told."""
        latest = await self._stream.last_position()
        if latest != FROM_START and await self._note("agent", latest):
            await self._stream.show(live_entries.read(latest))

    async def _note(self, field: str, position: str) -> bool:
        arguments = [field, position, keys.TRANSCRIPT_SECONDS, self._names.receipts]
        return bool(await _note(self._redis, [self._names.seen], arguments))


def order(position: str) -> tuple[int, int]:
    """A position as what it is compared by."""
    milliseconds, _, sequence = position.partition("-")
    return int(milliseconds), int(sequence)
