"""The durable inbox: a message is kept before the customer is told that it was received.

Each conversation has its own list, emptied in order by one server at a time. What a server leaves behind
when it dies is taken up by another: a message is handled at least once, and its effects happen once.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import redis.asyncio as redis

from relevo.channels.accept import InboxMessage, accept, accept_all
from relevo.store import keys
from relevo.store.connection import Script
from relevo.store.lease import Lease
from relevo.store.marks import Marks

DRAIN_SECONDS = 30.0
STALE_SECONDS = 3.0
"""An inbox that still waits after this long has lost its server."""
BATCH = 100
AT_ONCE = 16
"""Conversations that a server handles at the same time: beside hundreds, a new message would have to wait."""
MAX_ATTEMPTS = 3
RETRY_SECONDS = 0.5

_finish = Script(Path(__file__).with_name("finish_drain.lua"))

logger = logging.getLogger(__name__)


Handler = Callable[[InboxMessage], Awaitable[None]]


class Inbox:
    """Takes messages in and hands them to the bot, in order per conversation."""

    def __init__(self, client: redis.Redis, handle: Handler, give_up: Handler) -> None:
        """`handle` processes a message; `give_up` is called for one that failed several times."""
        self._redis = client
        self._marks = Marks(client, keys.INBOXES)
        self._handle = handle
        self._give_up = give_up
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._in_line: set[str] = set()
        """Conversations that wait for a place: whoever gets one sees all that came meanwhile."""

    async def accept(self, message: InboxMessage, shown: dict[str, Any] | None = None) -> bool:
        """Keep a message and begin to handle it; as `accept`."""
        accepted = await accept(self._redis, message, shown)
        self._begin_drain(message.conversation)
        return accepted

    async def accept_all(self, messages: Sequence[InboxMessage]) -> None:
        """Keep messages of any conversations in one go; none is handled before all are kept."""
        conversations = list(dict.fromkeys(message.conversation for message in messages))
        if not conversations:
            return
        await accept_all(self._redis, messages)
        for conversation in conversations:
            self._begin_drain(conversation)

    def start(self) -> None:
        """Begin to take up, now and then, inboxes that were left behind."""
        self._keep(asyncio.create_task(self._sweep_forever()))

    async def stop(self) -> None:
        """Stop all work; what is unfinished stays in the inboxes."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _sweep_forever(self) -> None:
        while True:
            try:
                for conversation in await self._marks.due(time.time() - STALE_SECONDS, BATCH):
                    self._begin_drain(conversation)
            except redis.RedisError as error:
                logger.warning("The inboxes can't be looked at: %s", type(error).__name__)
            await asyncio.sleep(STALE_SECONDS)

    def _begin_drain(self, conversation: str) -> None:
        if conversation not in self._in_line:
            self._in_line.add(conversation)
            self._keep(asyncio.create_task(self._wait_and_drain(conversation)))

    async def _wait_and_drain(self, conversation: str) -> None:
        try:
            await self._places.acquire()
        finally:
            self._in_line.discard(conversation)
        try:
            await self._drain(conversation)
        finally:
            self._places.release()

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, conversation: str) -> None:
        names = keys.ConversationKeys(conversation)
        lease = Lease(self._redis, names.drain, DRAIN_SECONDS)
        try:
            mark = await self._marks.of(conversation)
            if not await lease.take():
                return
            try:
                async with lease.kept():
                    await self._empty(names, lease)
            finally:
                # Also when this server is told to stop: another one may go on at once.
                await lease.release()
            await self._marks.forget(conversation, mark)
        except redis.RedisError as error:
            logger.warning("An inbox was left for later: %s", type(error).__name__)

    async def _empty(self, names: keys.ConversationKeys, lease: Lease) -> None:
        while not await _finish(self._redis, [names.inbox, names.drain], [lease.token]):
            head = await self._redis.lindex(names.inbox, 0)
            if head is not None:
                await self._process(names, InboxMessage(**json.loads(head)))
                # By value: another server may have emptied on meanwhile, and a repeat takes nothing more.
                await self._redis.lrem(names.inbox, 1, head)

    async def _process(self, names: keys.ConversationKeys, message: InboxMessage) -> None:
        for attempt in range(MAX_ATTEMPTS):
            if await self._redis.sismember(names.handled, message.id):
                return
            try:
                await self._handle(message)
                return
            except redis.RedisError:
                raise  # The store is away: the message stays in the inbox until it is back.
            except Exception as error:  # noqa: BLE001 - whatever a turn raises, the next message must go on
                logger.error("A turn failed (attempt %d): %s", attempt + 1, type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
        await self._give_up(message)
