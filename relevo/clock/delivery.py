"""Delivery of the outbox: in order per conversation, again and again until the bot has taken it.

Some conversations at once, each in a task of its own: one whose delivery hangs keeps no other waiting.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Collection

import redis.asyncio as redis

from relevo.bot_api import BotApi, BotRefused, BotUnavailable
from relevo.sending.undelivered import Undeliverable, Undelivered
from relevo.store import keys
from relevo.store.lease import Lease
from relevo.store.outbox import OutboxMessage

logger = logging.getLogger("relevo.clock")

PAGE = 100
"""Entries of the outbox read at once."""
AT_ONCE = 16
"""Conversations that are delivered to at the same time."""
PATIENCE_SECONDS = 1.0
"""What takes longer goes on by itself, and the round goes on without it."""

LEASE_SECONDS = 5.0
"""A clock that hung may come back beside the one that took its place: a conversation belongs to one."""

Entry = tuple[str, OutboxMessage]


class Delivery:
    """Empties the outbox."""

    def __init__(self, client: redis.Redis, bot: BotApi) -> None:
        self._redis = client
        self._bot = bot
        self._undelivered = Undelivered(client)
        self._places = asyncio.Semaphore(AT_ONCE)
        self._busy: dict[str, asyncio.Task[bool]] = {}
        """By conversation: what delivers to it; its result is whether the bot has taken all."""

    async def wait(self, seconds: float) -> None:
        """Return as soon as the outbox holds something, or after some seconds."""
        await self._redis.xread({keys.OUTBOX: "0"}, count=1, block=max(1, int(seconds * 1000)))

    async def deliver_all(self) -> int:
        """Deliver what is there; the number of conversations whose messages had to stay or are under way.

        A message that stays keeps its conversation's later ones back: a customer reads them in order.
        """
        self._forget_done()
        held_back: set[str] = set()
        try:
            async for page in self._pages():
                held_back |= await self._deliver_page(page, held_back | self._busy.keys())
                if len(self._busy) >= AT_ONCE:
                    break  # All places are taken by what hangs: the rest comes with the next round.
        except asyncio.CancelledError:
            await self.stop()
            raise
        return len(held_back | self._busy.keys())

    async def stop(self) -> None:
        """Break off what is under way; the outbox still holds it."""
        tasks = [*self._busy.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _pages(self) -> AsyncIterator[dict[str, list[Entry]]]:
        """All entries, some at a time, by conversation and in their order."""
        after = "-"
        while found := await self._redis.xrange(keys.OUTBOX, min=after, count=PAGE):
            page: dict[str, list[Entry]] = defaultdict(list)
            for position, fields in found:
                message = OutboxMessage.from_fields(fields)
                page[message.conversation].append((position, message))
            yield page
            after = f"({found[-1][0]}"

    async def _deliver_page(self, page: dict[str, list[Entry]], not_now: Collection[str]) -> set[str]:
        """Deliver to the page's conversations but for some; those that are still owed something."""
        begun = {
            conversation: asyncio.create_task(self._deliver_in_order(entries))
            for conversation, entries in page.items()
            if conversation not in not_now
        }
        self._busy |= begun
        if begun:
            await asyncio.wait(begun.values(), timeout=PATIENCE_SECONDS)
        self._forget_done()
        taken = {name for name, task in begun.items() if task.done() and task.result()}
        return page.keys() - taken

    def _forget_done(self) -> None:
        self._busy = {name: task for name, task in self._busy.items() if not task.done()}

    async def _deliver_in_order(self, entries: list[Entry]) -> bool:
        """Deliver one conversation's messages until one has to stay; whether none had to."""
        async with self._places:
            names = keys.ConversationKeys(entries[0][1].conversation)
            lease = Lease(self._redis, names.delivery, LEASE_SECONDS)
            try:
                return await lease.take() and await self._deliver_all_of(entries, lease)
            except redis.RedisError as error:
                logger.warning("Redis is away: %s", type(error).__name__)
                return False

    async def _deliver_all_of(self, entries: list[Entry], lease: Lease) -> bool:
        try:
            async with lease.kept():
                for position, message in entries:
                    if not await self._deliver(position, message):
                        return False
        finally:
            await lease.release()
        return True

    async def _deliver(self, position: str, message: OutboxMessage) -> bool:
        names = keys.ConversationKeys(message.conversation)
        try:
            # After a crash between the bot's work and our note of it, the log knows the message's id.
            if not await self._redis.sismember(names.handled, message.id):
                await self._bot.append_events(message.conversation, message.channel, message.events)
        except BotUnavailable as error:
            logger.warning("A message to a customer waits: %s", error)
            return False
        except BotRefused as error:
            logger.error("A message to a customer can't be delivered: %s", error)
            await self._undelivered.add(_entry(message, str(error)))
        await self._redis.xdel(keys.OUTBOX, position)
        return True


def _entry(message: OutboxMessage, code: str) -> Undeliverable:
    """What the bot will not take, as people at the desk see it."""
    said = [event["text"] for event in message.events if event.get("text")]
    return Undeliverable(
        id=message.id,
        conversation=message.conversation,
        channel=message.channel,
        reason="bot_refused",
        message=message.to_json(),
        text="\n".join(said),
        code=code,
        source="outbox",
        at=repr(time.time()),
    )
