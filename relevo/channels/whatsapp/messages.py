"""What WhatsApp's message ids stand for: texts that are quoted, statuses of what we sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import redis.asyncio as redis

from relevo.sending.outgoing import Outgoing
from relevo.store import keys
from relevo.store.connection import Script, in_one_trip

RANKS = {"sent": 1, "delivered": 2, "read": 3, "failed": 4}
"""The order of statuses; what was sent can still be told as failed, and that is the last word."""
QUOTED_CHARACTERS = 300

_keep = Script(Path(__file__).with_name("keep_message.lua"))
_note_status = Script(Path(__file__).with_name("note_status.lua"))
_settle = Script(Path(__file__).with_name("settle_failure.lua"))


class Failure(NamedTuple):
    """That a message did not reach its customer, though Meta took it; `code` is Meta's, if it told one."""

    code: int | None


@dataclass(frozen=True)
class KnownMessage:
    """A message of a conversation, the customer's or one of ours."""

    author: str
    text: str = field(repr=False)
    status: str = ""
    outgoing: str = field(default="", repr=False)
    """What we sent, as it stood in the queue."""

    @property
    def sent(self) -> Outgoing | None:
        """What we sent; None if the customer wrote it."""
        return Outgoing.from_json(self.outgoing) if self.outgoing else None


class Messages:
    """The messages of all conversations, by WhatsApp's ids."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    async def note_received(self, conversation: str, message_id: str, text: str) -> None:
        """Remember what a customer wrote."""
        await self._keep(conversation, message_id, "customer", text)

    async def note_sent(self, conversation: str, message_id: str, message: Outgoing) -> Failure | None:
        """Remember what we sent under an id; that it failed, if a status has told so already."""
        code = await self._keep(conversation, message_id, message.author, message.text, message)
        return Failure(int(code) or None) if int(code) >= 0 else None

    async def note_status(
        self, conversation: str, message_id: str, status: str, at: float, code: int | None = None
    ) -> str:
        """Note what became of a message.

        Args:
            status: one of `RANKS`.
            at: UTC epoch seconds.
            code: why it failed.
        Returns:
            what we sent, as it stood in the queue, if it failed and nobody has seen to that yet; else "".
        """
        names = keys.ConversationKeys(conversation)
        lives = [keys.MESSAGES_SECONDS, names.receipts]
        arguments = [message_id, status, RANKS[status], repr(at), *lives, code or 0]
        return str(await _note_status(self._redis, [names.messages, names.ticks], arguments))

    async def settle_failure(self, conversation: str, message_id: str) -> None:
        """It is tried again, or people know of it: told once more, it is no news."""
        await _settle(self._redis, [keys.ConversationKeys(conversation).messages], [message_id])

    async def get(self, conversation: str, message_id: str) -> KnownMessage | None:
        """The message with an id; None if it isn't known (any more)."""
        return (await self.get_all([(conversation, message_id)]))[0]

    async def get_all(self, wanted: Sequence[tuple[str, str]]) -> list[KnownMessage | None]:
        """The messages with some ids, each of its conversation; None for one that isn't known."""

        async def ask(client: redis.Redis) -> None:
            for conversation, message_id in wanted:
                await client.hget(keys.ConversationKeys(conversation).messages, message_id)

        kept = await in_one_trip(self._redis, ask) if wanted else []
        return [_known(text) if text else None for text in kept]

    async def _keep(
        self, conversation: str, message_id: str, author: str, text: str, sent: Outgoing | None = None
    ) -> Any:
        names = keys.ConversationKeys(conversation)
        told = (sent.to_json(), sent.id) if sent else ("", "")
        arguments = [message_id, author, text, told[0], keys.MESSAGES_SECONDS, told[1], names.receipts]
        return await _keep(self._redis, [names.messages, names.ticks, names.customer], arguments)


def _known(kept: str) -> KnownMessage:
    record = json.loads(kept)
    return KnownMessage(**{name: record.get(name, "") for name in ("author", "text", "status", "outgoing")})
