"""Token buckets: so many at once, so many in the long run."""

from __future__ import annotations

import redis.asyncio as redis
from builders import NOON

from relevo.store.token_bucket import TokenBucket

BUCKET = TokenBucket(burst=3, per_second=0.5)


async def take(client: redis.Redis, now: float, times: int = 1) -> list[float]:
    return [await BUCKET.take(client, "bucket", now) for _ in range(times)]


async def test_a_burst_is_paid_back(redis_client: redis.Redis) -> None:
    assert await take(redis_client, NOON, 4) == [0, 0, 0, 2]
    assert await take(redis_client, NOON + 1.5) == [0.5]
    assert await take(redis_client, NOON + 2, 2) == [0, 2]


async def test_a_long_rest_fills_the_bucket_and_no_more(redis_client: redis.Redis) -> None:
    await take(redis_client, NOON, 3)
    assert await take(redis_client, NOON + 3_600, 4) == [0, 0, 0, 2]


async def test_a_clock_that_goes_back_gives_nothing(redis_client: redis.Redis) -> None:
    await take(redis_client, NOON, 3)
    assert await take(redis_client, NOON - 3_600) == [2]


async def test_a_full_bucket_is_forgotten(redis_client: redis.Redis) -> None:
    await take(redis_client, NOON)
    assert 0 < await redis_client.ttl("bucket") <= 4
