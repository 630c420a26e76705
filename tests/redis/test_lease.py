"""A lease has one holder at a time and passes on soon after its holder dies."""

from __future__ import annotations

import asyncio

import redis.asyncio as redis
from builders import Network, client_of, eventually, is_renewed

from relevo.store.lease import Lease

KEY = "relevo:work"


async def test_only_one_of_many_takes_the_lease(redis_client: redis.Redis) -> None:
    leases = [Lease(redis_client, KEY, 5.0) for _ in range(8)]
    taken = await asyncio.gather(*(lease.take() for lease in leases))
    assert sum(taken) == 1


async def test_holder_may_take_its_lease_again_and_lengthens_it(redis_client: redis.Redis) -> None:
    lease = Lease(redis_client, KEY, 5.0)
    await lease.take()
    await redis_client.pexpire(KEY, 100)
    assert await lease.take()
    assert await redis_client.pttl(KEY) > 1_000


async def test_lease_that_was_given_back_is_free(redis_client: redis.Redis) -> None:
    mine, theirs = Lease(redis_client, KEY, 5.0), Lease(redis_client, KEY, 5.0)
    await mine.take()
    await mine.release()
    assert await theirs.take()


async def test_lease_of_a_dead_holder_runs_out(redis_client: redis.Redis) -> None:
    dead, heir = Lease(redis_client, KEY, 30.0), Lease(redis_client, KEY, 5.0)
    await dead.take()
    assert not await heir.take()
    assert 0 < await redis_client.pttl(KEY) <= 30_000
    await redis_client.pexpire(KEY, 1)  # Its time passes.
    await eventually(heir.take)


async def test_holder_whose_lease_ran_out_changes_nothing_of_its_heirs(redis_client: redis.Redis) -> None:
    late, heir = Lease(redis_client, KEY, 0.001), Lease(redis_client, KEY, 5.0)
    await late.take()
    await eventually(heir.take)
    assert not await late.renew()
    await late.release()
    assert await redis_client.get(KEY) == heir.token
    assert await redis_client.pttl(KEY) > 1_000


async def test_lease_is_kept_as_long_as_the_work_lasts_and_no_longer(redis_client: redis.Redis) -> None:
    worker, other = Lease(redis_client, KEY, 2.0), Lease(redis_client, KEY, 5.0)
    await worker.take()
    async with worker.kept():
        for _ in range(2):
            await is_renewed(redis_client, KEY)
        assert not await other.take()
    await eventually(other.take, seconds=30.0)


async def test_lost_answer_leaves_the_lease_with_who_took_it(
    redis_client: redis.Redis, redis_url: str
) -> None:
    async with Network(redis_url).up() as network, client_of(network.url) as client:
        await client.ping()
        network.lose_answer()
        lease = Lease(client, KEY, 5.0)
        assert await lease.take()
    assert network.lost == 1
    assert await redis_client.get(KEY) == lease.token
