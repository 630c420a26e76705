"""The base of outputs to networks that aren't ours: what is said waits in the queue of what is to be sent."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

import redis.asyncio as redis

from relevo.channels.output import ChannelOutput, Entry
from relevo.channels.written import Written
from relevo.protocol.parts.channels import ChannelName
from relevo.sending.outgoing import Author, Outgoing, OutgoingQueue


class QueuedOutput(ChannelOutput):
    """Queues what a channel writes of each entry; the channel's carrier sends it from the clock's process."""

    channel: ChannelName
    joins = False
    """Whether all that is said in one turn leaves in one message."""

    def __init__(self, client: redis.Redis, turn: str | None = None) -> None:
        """`turn` as in `ChannelOutput`."""
        super().__init__(turn)
        self._redis = client

    @classmethod
    def name(cls) -> str:
        return cls.channel

    @abstractmethod
    async def write(self, conversation: str, entry: Entry, metadata: dict[str, Any]) -> Iterable[Written]:
        """The messages of an entry; none of one that has no place on this channel."""

    async def signs(self, conversation: str, author: Author, now: float) -> list[Outgoing]:
        """What goes before, such as the mark that a person has read what they answer."""
        return []

    async def deliver(self, conversation: str, key: str, entry: Entry, metadata: dict[str, Any]) -> None:
        author: Author = "agent" if entry.get("author") == "agent" else "bot"
        now = time.time()
        messages = [
            Outgoing(
                id=f"{key}/{number}",
                conversation=conversation,
                channel=self.channel,
                body=written.body,
                at=now,
                text=written.text,
                author=author,
                is_reply=self.turn is not None,
                more=written.more,
                news=metadata.get("news") or {},
                together=self.batch if self.joins else "",
            )
            for number, written in enumerate(await self.write(conversation, entry, metadata))
        ]
        if messages:
            signs = await self.signs(conversation, author, now)
            await OutgoingQueue(self._redis).add([*signs, *messages], now)
