"""What waits to be sent: a durable list per conversation, so that a customer reads everything in order.

Where a channel wants it, what is said in one turn waits piece by piece and leaves as one message: pieces that
are `together` are joined when their time has come.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal, NamedTuple

import redis.asyncio as redis

from relevo.store import keys
from relevo.store.connection import Script
from relevo.store.marks import Marks

Author = Literal["bot", "agent"]
MAX_JOINED = 20
WAKE_LIFE_SECONDS = 10

_add = Script(Path(__file__).with_name("add_outgoing.lua"))


@dataclass(frozen=True)
class Outgoing:
    """One message to a customer on a network that isn't ours."""

    id: str
    """A message with an id that was there before is not added again."""
    conversation: str
    channel: str
    body: dict[str, Any] = field(repr=False)
    """As the network takes it, without the address."""
    at: float
    """When it was said, UTC epoch seconds."""
    text: str = field(default="", repr=False)
    """What the customer reads, for people."""
    author: Author = "bot"
    is_reply: bool = False
    """Whether it answers a message, rather than being said from the desk or by the clock."""
    is_sign: bool = False
    """Whether it is a mere sign, such as a read mark: tried once, and nobody misses it."""
    more: list[dict[str, str]] = field(default_factory=list, repr=False)
    """Options for which the message had no room."""
    news: dict[str, Any] = field(default_factory=dict)
    """What it tells of a case (`folio`) that may have changed before it is sent; `wait_seconds` of a place in
    line."""
    together: str = ""
    """What it is a piece of, if it leaves with the other pieces of that in one message."""

    @classmethod
    def joined(cls, pieces: Sequence[Outgoing]) -> Outgoing:
        """The message of some pieces, said when the last one was; its body holds `pieces`, their bodies.

        It is known by the last one's id: when more has been added since a try, it is another message.
        """
        # One that is sent again, after it was given up, holds pieces already.
        bodies = [body for piece in pieces for body in piece.body.get("pieces", [piece.body])]
        text = "\n\n".join(piece.text for piece in pieces if piece.text)
        return replace(pieces[-1], body={"pieces": bodies}, text=text)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Outgoing:
        return cls(**json.loads(text))


class Head(NamedTuple):
    """What is next in a conversation's list, how it stands there, and how often sending it has failed."""

    kept: list[str]
    message: Outgoing
    tries: int


class OutgoingQueue:
    """The lists of all conversations."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client
        self.marks = Marks(client, keys.OUTGOING)

    async def add(self, messages: Sequence[Outgoing], now: float) -> int:
        """Add messages of one conversation; returns how many were new."""
        if not messages:
            return 0
        conversation = messages[0].conversation
        names = keys.ConversationKeys(conversation)
        pairs = [text for message in messages for text in (message.id, message.to_json())]
        lives = [keys.DEDUPLICATION_SECONDS, keys.MESSAGES_SECONDS]
        async with self.marks.around([conversation], now):
            added = int(await _add(self._redis, [names.queued, names.outgoing], [*lives, *pairs]))
        await self._wake()
        return added

    async def hasten(self, conversations: Iterable[str], now: float) -> None:
        """What waits in these conversations may be sent now: their customers have written."""
        if await self.marks.hasten(conversations, now):
            await self._wake()

    async def hasten_all(self, now: float) -> None:
        """Everything that waits may be tried now: what stopped it is over."""
        await self.hasten(await self.marks.all(), now)

    async def head(self, conversation: str) -> Head | None:
        """The message that is next in a conversation."""
        names = keys.ConversationKeys(conversation)
        waiting = await self._redis.lrange(names.outgoing, 0, MAX_JOINED - 1)
        if not waiting:
            return None
        first, tries = Outgoing.from_json(waiting[0]), int(await self._redis.get(names.tries) or 0)
        if not first.together:
            return Head(waiting[:1], first, tries)
        known = map(Outgoing.from_json, waiting)
        pieces = list(takewhile(lambda piece: piece.together == first.together, known))
        return Head(waiting[: len(pieces)], Outgoing.joined(pieces), tries)

    async def remove(self, head: Head) -> None:
        """Take out a message that was sent or given up."""
        names = keys.ConversationKeys(head.message.conversation)
        for kept in head.kept:
            # By value: a repeat takes nothing more.
            await self._redis.lrem(names.outgoing, 1, kept)
        await self._redis.delete(names.tries)

    async def note_failure(self, conversation: str) -> None:
        """Count a failed try of the first message."""
        names = keys.ConversationKeys(conversation)
        await self._redis.incr(names.tries)
        await self._redis.expire(names.tries, keys.MESSAGES_SECONDS)

    async def wait(self, seconds: float) -> None:
        """Return as soon as something was added or hastened, or after some seconds."""
        await self._redis.blpop([keys.OUTGOING_WAKE], timeout=max(0.01, seconds))

    async def _wake(self) -> None:
        await self._redis.lpush(keys.OUTGOING_WAKE, "")
        await self._redis.ltrim(keys.OUTGOING_WAKE, 0, 0)
        await self._redis.expire(keys.OUTGOING_WAKE, WAKE_LIFE_SECONDS)
