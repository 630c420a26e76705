"""Rasa's lock store, as our own conversation lock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis
from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import EndpointConfig

from relevo.store import conversation_lock
from relevo.store.lock_store import RedisLockStore


@pytest.fixture
async def stores(redis_client: redis.Redis, redis_url: str) -> AsyncIterator[list[LockStore]]:
    """The lock stores of two servers, built as Rasa builds them."""
    described = EndpointConfig(redis_url, type="relevo.store.lock_store.RedisLockStore")
    stores = [LockStore.create(described) for _ in range(2)]
    yield stores
    for store in stores:
        assert isinstance(store, RedisLockStore)
        await store._redis.close()


async def test_rasa_builds_the_store_from_its_endpoints_file(stores: list[LockStore]) -> None:
    assert all(isinstance(store, RedisLockStore) for store in stores)


async def test_only_one_of_two_servers_is_in_a_conversation(stores: list[LockStore]) -> None:
    at_work, most = 0, 0

    async def turn(store: LockStore) -> None:
        nonlocal at_work, most
        async with store.lock("c1"):
            at_work += 1
            most = max(most, at_work)
            await asyncio.sleep(0.001)
            at_work -= 1

    await asyncio.wait_for(asyncio.gather(*(turn(store) for store in stores * 4)), 5)
    assert most == 1


async def test_lock_tells_rasa_whose_it_is(stores: list[LockStore]) -> None:
    async with stores[0].lock("c1") as lock:
        assert lock.conversation_id == "c1"


async def test_rasa_is_told_with_its_own_error_that_a_conversation_is_busy(
    stores: list[LockStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation_lock, "WAKE_SECONDS", 0.02)
    async with stores[0].lock("c1"):
        with pytest.raises(LockError):
            async with stores[1].lock("c1", lock_lifetime=0.05):
                pytest.fail("the conversation was locked")
    async with stores[1].lock("c1", lock_lifetime=0.05):
        pass


async def test_failure_of_a_turn_is_passed_on_and_gives_the_lock_back(stores: list[LockStore]) -> None:
    with pytest.raises(ZeroDivisionError):
        async with stores[0].lock("c1"):
            raise ZeroDivisionError
    async with stores[1].lock("c1", lock_lifetime=0):
        pass
