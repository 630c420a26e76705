"""How words reach a customer on WhatsApp: messages in the queue of what waits to be sent."""

from __future__ import annotations

import time
from typing import Any

import redis.asyncio as redis

from relevo.channels.output import ChannelOutput, Entry
from relevo.channels.whatsapp.writing import CHANNEL, Writer, sign
from relevo.sending.outgoing import Author, Outgoing, OutgoingQueue
from relevo.store.customers import Customers


class WhatsAppOutput(ChannelOutput):
    """Writes entries as messages and queues them; a change of status has no place on WhatsApp."""

    def __init__(self, client: redis.Redis, writer: Writer, turn: str | None = None) -> None:
        """`turn` as in `ChannelOutput`."""
        super().__init__(turn)
        self._redis = client
        self._writer = writer

    @classmethod
    def name(cls) -> str:
        return CHANNEL

    async def deliver(self, conversation: str, key: str, entry: Entry, metadata: dict[str, Any]) -> None:
        text = entry.get("text")
        if entry.get("type") != "message" or not text:
            return
        author: Author = "agent" if entry.get("author") == "agent" else "bot"
        now = time.time()
        messages = [
            Outgoing(
                id=f"{key}/{number}",
                conversation=conversation,
                channel=CHANNEL,
                body=written.body,
                at=now,
                text=written.text,
                author=author,
                is_reply=self.turn is not None,
                more=written.more,
            )
            for number, written in enumerate(self._writer.write(text, entry.get("quick_replies") or ()))
        ]
        read = await self._read_by_person(conversation, now) if author == "agent" else []
        await OutgoingQueue(self._redis).add([*read, *messages], now)

    async def _read_by_person(self, conversation: str, now: float) -> list[Outgoing]:
        """Whoever answers has read what the customer wrote."""
        customer = await Customers(self._redis).get(conversation)
        if customer is None or not customer.last_message:
            return []
        return [sign(conversation, customer.last_message, now, is_typing=False)]
