"""Wrong passwords are slowed down, right ones are not."""

from __future__ import annotations

import asyncio

import pytest
import redis.asyncio as redis

from relevo.desk.throttle import FREE_TRIES, MAX_WAIT_SECONDS, REMEMBERED_SECONDS, LoginThrottle

NOW = 1_764_000_000.0


@pytest.fixture
def throttle(redis_client: redis.Redis) -> LoginThrottle:
    return LoginThrottle(redis_client)


async def fail(throttle: LoginThrottle, times: int, name: str = "ana", address: str = "a") -> None:
    for _ in range(times):
        await throttle.admit(name, address, NOW)


async def test_five_tries_are_free_and_then_each_waits_twice_as_long(throttle: LoginThrottle) -> None:
    waits, now = [], NOW
    for _ in range(FREE_TRIES + 12):
        wait_seconds = await throttle.admit("ana", "a", now)
        waits.append(wait_seconds)
        now += wait_seconds
        if wait_seconds:
            assert await throttle.admit("ana", "a", now) == 0
    assert waits[:FREE_TRIES] == [0] * FREE_TRIES
    assert waits[FREE_TRIES:] == [2, 4, 8, 16, 32, 64, 128, 256, 512, *[MAX_WAIT_SECONDS] * 3]


async def test_a_name_is_slowed_down_from_any_address(throttle: LoginThrottle) -> None:
    for number in range(FREE_TRIES):
        assert await throttle.admit("ana", f"address {number}", NOW) == 0
    assert await throttle.admit(" ANA", "another", NOW) == 2
    assert await throttle.admit("luis", "another", NOW) == 0


async def test_an_address_is_slowed_down_for_any_name(throttle: LoginThrottle) -> None:
    for number in range(FREE_TRIES):
        assert await throttle.admit(f"name {number}", "a", NOW) == 0
    assert await throttle.admit("luis", "a", NOW) == 2


async def test_tries_side_by_side_gain_nothing(throttle: LoginThrottle) -> None:
    waits = await asyncio.gather(*(throttle.admit("ana", "a", NOW) for _ in range(20)))
    assert waits.count(0) == FREE_TRIES


async def test_waiting_does_not_count(throttle: LoginThrottle) -> None:
    await fail(throttle, FREE_TRIES + 10)
    assert await throttle.admit("ana", "a", NOW + 1) == 1
    assert await throttle.admit("ana", "a", NOW + 2) == 0


async def test_a_right_password_is_forgiven(throttle: LoginThrottle) -> None:
    for _ in range(3 * FREE_TRIES):
        assert await throttle.admit("ana", "a", NOW) == 0
        await throttle.forgive("ana", "a", NOW)


async def test_ones_own_login_does_not_clear_the_address_of_other_failures(throttle: LoginThrottle) -> None:
    await fail(throttle, FREE_TRIES - 1, name="luis")
    assert await throttle.admit("ana", "a", NOW) == 0
    await throttle.forgive("ana", "a", NOW)
    assert await throttle.admit("luis", "a", NOW) == 0
    assert await throttle.admit("someone", "a", NOW) == 2


async def test_counts_expire_and_hold_no_names(throttle: LoginThrottle, redis_client: redis.Redis) -> None:
    await throttle.admit("my password, typed into the wrong field", "198.51.100.7", NOW)
    names = await redis_client.keys("*")
    assert len(names) == 2
    for name in names:
        assert "password" not in name and "198.51" not in name
        assert 0 < await redis_client.ttl(name) <= REMEMBERED_SECONDS
