"""The live feed wakes those who look at what changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import redis.asyncio as redis

from relevo.desk.feed import DeskFeed
from relevo.store.keys import DESK_EVENTS

SOON = 2.0


@pytest.fixture
async def feed(redis_client: redis.Redis) -> AsyncIterator[DeskFeed]:
    await change(redis_client, "F0")
    feed = DeskFeed(redis_client)
    task = asyncio.create_task(feed.run())
    with feed.subscribe() as subscription:
        while not await subscription.wait(0.01):
            await change(redis_client, "F0")
    yield feed
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


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


async def test_what_happened_before_wakes_nobody(feed: DeskFeed) -> None:
    with feed.subscribe() as subscription:
        assert not await subscription.wait(0)


async def test_after_an_outage_everyone_looks_again(feed: DeskFeed) -> None:
    with feed.subscribe({"F1"}) as subscription:
        feed._note_outage(redis.ConnectionError())
        feed._note_recovery()
        assert await subscription.wait(0)
