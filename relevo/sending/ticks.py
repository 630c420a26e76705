"""Ticks: how far what was said on a messenger has come, by the key under which it was said.

A text that was too long went as several messages, and one that failed may have gone again: what was said has
come as far as the message of it that lags behind, each counted by the try that came furthest.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Literal, NamedTuple

import redis.asyncio as redis

from relevo.store import keys

State = Literal["failed", "sent", "delivered", "read"]
_ORDER: tuple[State, ...] = ("failed", "sent", "delivered", "read")
_ID = re.compile(r"(?P<key>.+)/(?P<part>\d+)(?:[~+][\d-]+)*")
"""Of a message that says something: the key, which message of it, and after `~` or `+` which repeat."""


class Tick(NamedTuple):
    """How far something has come; `reason` says why it failed, as `relevo.sending.carrier.Reason` does."""

    state: State
    reason: str = ""

    @property
    def rank(self) -> int:
        """The further, the higher."""
        return _ORDER.index(self.state)


class Ticks:
    """The ticks of all conversations. How far a message came is noted by those who hear it."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    async def note_failed(self, conversation: str, message_id: str, reason: str) -> None:
        """Note that a message will not reach its customer, and tell the desk."""
        names = keys.ConversationKeys(conversation)
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.hset(names.ticks, message_id, f"failed {reason}")
            pipeline.expire(names.ticks, keys.MESSAGES_SECONDS)
            pipeline.publish(names.receipts, "")
            await pipeline.execute()

    async def all(self, conversation: str) -> dict[str, Tick]:
        """How far all that was lately said has come, by the keys under which it was said."""
        return by_key(await self._redis.hgetall(keys.ConversationKeys(conversation).ticks))


def by_key(kept: Mapping[str, str]) -> dict[str, Tick]:
    """The ticks of what was said, from those of its messages by their ids."""
    said: dict[str, dict[str, Tick]] = defaultdict(dict)
    for message_id, text in kept.items():
        state, _, reason = text.partition(" ")
        if (found := _ID.fullmatch(message_id)) and state in _ORDER:
            tick, parts = Tick(state, reason), said[found["key"]]  # type: ignore[arg-type]
            parts[found["part"]] = max(parts.get(found["part"], tick), tick, key=lambda one: one.rank)
    return {key: min(parts.values(), key=lambda one: one.rank) for key, parts in said.items()}
