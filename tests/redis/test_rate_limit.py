"""Limits that all servers count together."""

from __future__ import annotations

import asyncio

import pytest
import redis.asyncio as redis
from builders import client_of

from relevo.store import keys
from relevo.store.rate_limit import RateLimit

LIMIT = RateLimit("messages", 3, 60)


async def test_so_many_are_allowed_and_no_more(redis_client: redis.Redis) -> None:
    assert [await LIMIT.allows(redis_client, "c1") for _ in range(5)] == [True, True, True, False, False]


async def test_each_is_counted_alone(redis_client: redis.Redis) -> None:
    for _ in range(4):
        await LIMIT.allows(redis_client, "c1")
    assert await LIMIT.allows(redis_client, "c2")
    assert await RateLimit("conversations", 3, 60).allows(redis_client, "c1")


async def test_servers_count_together(redis_client: redis.Redis, redis_url: str) -> None:
    async with client_of(redis_url) as elsewhere:
        asked = [LIMIT.allows(client, "c1") for client in (redis_client, elsewhere) for _ in range(5)]
        assert sum(await asyncio.gather(*asked)) == 3


@pytest.mark.parametrize("times", [1, 5])
async def test_window_begins_with_the_first_time_and_is_not_prolonged(
    redis_client: redis.Redis, times: int
) -> None:
    await LIMIT.allows(redis_client, "c1")
    assert await redis_client.ttl(keys.throttle("messages", "c1")) == pytest.approx(60, abs=5)
    await redis_client.expire(keys.throttle("messages", "c1"), 7)
    for _ in range(times):
        await LIMIT.allows(redis_client, "c1")
    assert await redis_client.ttl(keys.throttle("messages", "c1")) <= 7


async def test_next_window_begins_anew(redis_client: redis.Redis) -> None:
    for _ in range(4):
        await LIMIT.allows(redis_client, "c1")
    await redis_client.pexpireat(keys.throttle("messages", "c1"), 1)  # The window is over.
    assert await LIMIT.allows(redis_client, "c1")
