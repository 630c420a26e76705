"""How words reach a customer on WhatsApp: messages in the queue of what waits to be sent."""

from __future__ import annotations

from typing import Any

import redis.asyncio as redis

from relevo.channels.output import Entry
from relevo.channels.queued_output import QueuedOutput
from relevo.channels.whatsapp.writing import CHANNEL, Writer, sign
from relevo.channels.written import Written
from relevo.sending.outgoing import Author, Outgoing
from relevo.store.customers import Customers


class WhatsAppOutput(QueuedOutput):
    """Writes entries as messages; a change of status has no place on WhatsApp."""

    channel = CHANNEL

    def __init__(self, client: redis.Redis, writer: Writer, turn: str | None = None) -> None:
        """`turn` as in `ChannelOutput`."""
        super().__init__(client, turn)
        self._writer = writer

    async def write(self, conversation: str, entry: Entry, metadata: dict[str, Any]) -> list[Written]:
        text = entry.get("text")
        if entry.get("type") != "message" or not text:
            return []
        return self._writer.write(text, entry.get("quick_replies") or ())

    async def signs(self, conversation: str, author: Author, now: float) -> list[Outgoing]:
        """A person who answers has read what the customer wrote."""
        customer = await Customers(self._redis).get(conversation) if author == "agent" else None
        if customer is None or not customer.last_message:
            return []
        return [sign(conversation, customer.last_message, now, is_typing=False)]
