"""Accepting a message: kept durably in its conversation's inbox, before its customer is told that it came.

Knows nothing of Rasa, so that a process beside the bot may accept messages, too: a bot takes them up.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import redis.asyncio as redis

from relevo.store import keys
from relevo.store.connection import Script, in_one_trip
from relevo.store.marks import Marks

_accept = Script(Path(__file__).with_name("accept.lua"))


@dataclass(frozen=True)
class InboxMessage:
    """A customer's message as a channel took it in.

    Attributes:
        text: the words for the bot: what was typed, or `/topic` for a pressed button.
        language: what the channel knows of its customer's language; "" if nothing.
        written_at: when the channel says that it was written, UTC epoch seconds; 0 if it comes in order.
        is_note: whether it is nothing for the bot to understand (a voice note, a reaction): it is kept in the
            conversation, and the channel has the answer.
    """

    id: str
    conversation: str
    channel: str
    text: str
    language: str
    metadata: dict[str, Any] = field(default_factory=dict)
    written_at: float = 0.0
    is_note: bool = False


async def accept(client: redis.Redis, message: InboxMessage, shown: dict[str, Any] | None = None) -> bool:
    """Keep a message; False if its id was accepted before.

    Args:
        shown: its entry in the conversation's stream, for channels with a page of ours.
    """
    async with Marks(client, keys.INBOXES).around([message.conversation], time.time()):
        return bool(await _put(client, message, shown))


async def accept_all(client: redis.Redis, messages: Sequence[InboxMessage]) -> None:
    """Keep messages of any conversations in one go, in their order."""
    conversations = dict.fromkeys(message.conversation for message in messages)

    async def put(trip: redis.Redis) -> None:
        for message in messages:
            await _put(trip, message)

    async with Marks(client, keys.INBOXES).around(conversations, time.time()):
        await in_one_trip(client, put)


async def _put(client: redis.Redis, message: InboxMessage, shown: dict[str, Any] | None = None) -> Any:
    names = keys.ConversationKeys(message.conversation)
    return await _accept(
        client,
        [names.accepted, names.inbox, names.out],
        [
            message.id,
            json.dumps(asdict(message), ensure_ascii=False),
            json.dumps(shown, ensure_ascii=False) if shown else "",
            keys.DEDUPLICATION_SECONDS,
            keys.TRANSCRIPT_SECONDS,
            names.news,
            message.written_at,
        ],
    )
