"""Wake-ups: whoever waits for news of a conversation is woken by whoever makes them.

One connection to Redis (publish and subscribe) serves all sleepers of a process, however many. A wake-up is
a hint: one that is lost with a connection is made up for, since all are woken when it is back, and sleepers
look at the store by themselves now and then. What must not be lost stands in a stream.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import redis.asyncio as redis

RETRY_SECONDS = 1.0
MAX_HEARD = 16
"""Words that a sleeper has not taken yet; of more, the latest are enough."""
_KEPT_OPEN = "relevo:wakes"
"""A channel on which nobody speaks: hearing that it is subscribed to again tells of a new connection."""

logger = logging.getLogger(__name__)


class Sleeper:
    """Someone who waits for news on a channel."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._heard: deque[str] = deque(maxlen=MAX_HEARD)

    def wake(self, words: str = "") -> None:
        """Wake them, perhaps with words; without any they look for themselves."""
        if words:
            self._heard.append(words)
        self._woken.set()

    async def wait(self, seconds: float) -> list[str] | None:
        """Sleep until woken: the words that were said meanwhile. None if nothing happened for `seconds`."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)
        if not self._woken.is_set():
            return None
        self._woken.clear()
        heard = list(self._heard)
        self._heard.clear()
        return heard


class Wakes:
    """Hears what is published, as long as `run` runs."""

    def __init__(self, client: redis.Redis) -> None:
        self._sleepers: dict[str, set[Sleeper]] = {}
        self._subscribing = asyncio.Lock()
        self._pubsub = _of_one_server(client).pubsub(ignore_subscribe_messages=False)

    @asynccontextmanager
    async def sleeper(self, channel: str) -> AsyncIterator[Sleeper]:
        """A sleeper on a channel for the length of the block; woken once as soon as it hears everything.

        Raises:
            RedisError: nothing can be heard now.
        """
        sleeper, sleepers = Sleeper(), self._sleepers.setdefault(channel, set())
        sleepers.add(sleeper)
        try:
            if len(sleepers) == 1:
                await self._subscribe(channel)
            yield sleeper
        finally:
            sleepers.discard(sleeper)
            if not sleepers and self._sleepers.get(channel) is sleepers:
                del self._sleepers[channel]
                with suppress(redis.RedisError):
                    await self._pubsub.unsubscribe(channel)

    async def run(self) -> None:
        """Listen until cancelled; an outage of Redis is waited out."""
        try:
            while True:
                try:
                    await self._listen()
                except redis.RedisError as error:
                    logger.warning("Wake-ups can't be heard (%s); trying on.", type(error).__name__)
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            await self._pubsub.close()

    async def _subscribe(self, *channels: str) -> None:
        async with self._subscribing:  # or two would both open the connection
            await self._pubsub.subscribe(*channels)

    async def _listen(self) -> None:
        await self._subscribe(_KEPT_OPEN, *self._sleepers)
        while True:
            self._pass_on(await self._pubsub.get_message(timeout=None))  # type: ignore[arg-type]

    def _pass_on(self, message: dict[str, Any] | None) -> None:
        if message is None:
            return
        channel, kind = message["channel"], message["type"]
        if kind == "subscribe" and channel == _KEPT_OPEN:
            for name in self._sleepers:
                self._wake(name)
        elif kind in ("subscribe", "message"):
            # Between its first look at the store and this confirmation a sleeper may have missed something.
            self._wake(channel, message["data"] if kind == "message" else "")

    def _wake(self, channel: str, words: str = "") -> None:
        for sleeper in self._sleepers.get(channel, ()):
            sleeper.wake(words)


def _of_one_server(client: redis.Redis) -> redis.Redis:
    """A client that can listen: in a cluster every server passes on what is published on any."""
    if not isinstance(client, redis.RedisCluster):
        return client
    node = next(iter(client.nodes_manager.startup_nodes.values()))
    login = {name: node.connection_kwargs.get(name) for name in ("username", "password")}
    return redis.Redis(host=node.host, port=node.port, decode_responses=True, **login)
