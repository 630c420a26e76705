"""The live feed wakes those who look at what changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import redis.asyncio as redis

from relevo.desk import feed as feed_module
from relevo.desk.feed import DeskFeed
from relevo.store.keys import DESK_EVENTS

SOON = 10.0


@asynccontextmanager
async def running(feed: DeskFeed, client: redis.Redis) -> AsyncIterator[None]:
    """The feed runs for the length of the block, and has begun to read."""
    task = asyncio.create_task(feed.run())
    with feed.subscribe({"F0"}) as subscription:
        while not await subscription.wait(0.01):
            await change(client, "F0")
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.fixture
async def feed(redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DeskFeed]:
    monkeypatch.setattr(feed_module, "BLOCK_SECONDS", 60.0)  # What comes was not found by looking again.
    feed = DeskFeed(redis_client)
    async with running(feed, redis_client):
        yield feed


async def change(client: redis.Redis, folio: str) -> None:
    await client.xadd(DESK_EVENTS, {"kind": "case_claimed", "folio": folio})


async def test_a_change_wakes_whoever_looks_at_everything_or_at_that_case(
    feed: DeskFeed, redis_client: redis.Redis
) -> None:
    with feed.subscribe() as everything, feed.subscribe({"F1"}) as one, feed.subscribe({"F2"}) as other:
        await change(redis_client, "F1")
        assert await everything.wait(SOON)
        assert await one.wait(SOON)
        assert not await other.wait(0)


async def test_several_changes_wake_once(feed: DeskFeed, redis_client: redis.Redis) -> None:
    with feed.subscribe({"F1"}) as subscription, feed.subscribe({"F2"}) as last:
        for folio in ("F1", "F1", "F2"):
            await change(redis_client, folio)
        assert await last.wait(SOON)
        assert await subscription.wait(SOON)
        assert not await subscription.wait(0)


async def test_what_happened_before_wakes_nobody(redis_client: redis.Redis) -> None:
    await change(redis_client, "F1")
    feed = DeskFeed(redis_client)
    with feed.subscribe({"F1"}) as subscription:
        async with running(feed, redis_client):
            assert not await subscription.wait(0)


async def test_after_an_outage_everyone_looks_again(feed: DeskFeed) -> None:
    with feed.subscribe({"F1"}) as subscription:
        feed._note_outage(redis.ConnectionError())
        feed._note_recovery()
        assert await subscription.wait(0)
