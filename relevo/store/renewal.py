"""Renewal of what expires, a lease or a lock, for as long as the work lasts for which it is held."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import redis.asyncio as redis


@asynccontextmanager
async def renewed(renew: Callable[[], Awaitable[Any]], every_seconds: float) -> AsyncIterator[None]:
    """Call `renew` now and then for the length of the block; if Redis fails it is called again next time."""
    renewal = asyncio.create_task(_repeat(renew, every_seconds))
    try:
        yield
    finally:
        renewal.cancel()
        # Not `await renewal`: its cancellation could not be told from one of our own.
        await asyncio.wait([renewal])


async def _repeat(renew: Callable[[], Awaitable[Any]], every_seconds: float) -> None:
    while True:
        await asyncio.sleep(every_seconds)
        with suppress(redis.RedisError):
            await renew()
