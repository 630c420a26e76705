"""The connection to Redis, and Lua scripts as callables.

Works against one server, a Sentinel-managed address or a Cluster (`redis+cluster://…`): no command here
touches keys of two slots at once.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.commands import AsyncCoreCommands
from redis.exceptions import BusyLoadingError, ConnectionError, NoScriptError, TimeoutError

CLUSTER_SCHEME = "redis+cluster://"
_IN_FULL: ContextVar[bool] = ContextVar("scripts in full", default=False)
"""Whether scripts are sent with their text, since a server doesn't know their digests."""


def connect(url: str) -> redis.Redis:
    """A client for the Redis at `url`; replies are text. Commands are retried while Redis restarts (3 tries).

    Example:
        >>> client = connect("redis://127.0.0.1:6379/0")
    """
    if url.startswith(CLUSTER_SCHEME):
        address = url.replace(CLUSTER_SCHEME, "redis://", 1)
        return redis.RedisCluster.from_url(address, decode_responses=True)  # type: ignore[return-value]
    client = redis.Redis.from_url(
        url,
        decode_responses=True,
        retry=Retry(ExponentialBackoff(cap=1.0, base=0.05), 3),
        retry_on_error=[ConnectionError, TimeoutError, BusyLoadingError],
        health_check_interval=30,
    )
    pool = client.connection_pool
    pool.connection_class = type("Connection", (_Cancellable, pool.connection_class), {})
    return client


class _Cancellable:
    """A connection whose user can be cancelled at any moment.

    Before each command redis-py looks, with a timeout of zero seconds, whether there is anything to read.
    Below Python 3.11 a cancellation that comes in that same moment is lost: tasks could not be stopped.
    """

    _reader: asyncio.StreamReader

    async def can_read_destructive(self) -> bool:
        """Whether there is something to read that nobody asked for."""
        return bool(self._reader._buffer)  # type: ignore[attr-defined]


class Script:
    """A Lua script that lies beside the module that uses it."""

    def __init__(self, *paths: Path) -> None:
        """Several files are one script, in their order: what comes first may define what the others use."""
        self._source = "".join(path.read_text(encoding="utf-8") for path in paths)
        self._digest = hashlib.sha1(self._source.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, client: redis.Redis, keys: list[str], args: list[Any]) -> Any:
        """Run the script; its text is sent once per server, its digest after that."""
        run: Any = client  # untyped in the library
        if not _IN_FULL.get():
            try:
                return await run.evalsha(self._digest, len(keys), *keys, *args)
            except NoScriptError:
                pass
        return await run.eval(self._source, len(keys), *keys, *args)


async def in_one_trip(client: redis.Redis, fill: Callable[[redis.Redis], Awaitable[None]]) -> list[Any]:
    """Send many commands and scripts at once, and wait once for what they return, in their order.

    `fill` is given what takes commands in a client's place, and awaits nothing else. It may be called twice,
    so what it does must be harmless if it is repeated. A cluster keeps their order within a slot only: what
    must precede something in another slot needs a trip of its own.
    """
    try:
        return await _trip(client, fill)
    except NoScriptError:
        token = _IN_FULL.set(True)
        try:
            return await _trip(client, fill)
        finally:
            _IN_FULL.reset(token)


class _Commands(AsyncCoreCommands):
    """Stands in a client's place and only writes down what it is asked to do."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    async def execute_command(self, *asked: Any, **_: Any) -> None:
        """Write a command down."""
        self.asked.append(asked)


async def _trip(client: redis.Redis, fill: Callable[[redis.Redis], Awaitable[None]]) -> list[Any]:
    commands = _Commands()
    await fill(commands)  # type: ignore[arg-type]
    # Not filled by itself: a cluster's pipeline forgets all its commands when it is awaited.
    async with client.pipeline(transaction=False) as pipeline:
        for asked in commands.asked:
            pipeline.execute_command(*asked)
        results: list[Any] = await pipeline.execute()
    return results
