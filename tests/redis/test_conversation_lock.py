"""One turn at a time per conversation, whatever happens to those who hold the lock or wait for it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis
from builders import Network, another_process, client_of, eventually, is_renewed

from relevo.store import conversation_lock
from relevo.store.conversation_lock import ConversationBusy, hold_conversation
from relevo.store.keys import ConversationKeys

NAMES = ConversationKeys("c1")
HOLDS = """
import asyncio, os
from relevo.store.connection import connect
from relevo.store.conversation_lock import hold_conversation
async def main():
    async with hold_conversation(connect(os.environ["REDIS_URL"]), "c1"):
        print("held", flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


class Turns:
    """Turns of several servers in one conversation; each server has its own connections."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.order: list[str] = []
        self.at_work = 0
        self.most_at_work = 0

    async def take(self, name: str) -> None:
        """Wait for the lock and work for a moment."""
        async with client_of(self._url) as client, hold_conversation(client, "c1"):
            self.order.append(name)
            self.at_work += 1
            self.most_at_work = max(self.most_at_work, self.at_work)
            await client.ping()
            self.at_work -= 1


@pytest.fixture
def turns(redis_url: str) -> Turns:
    return Turns(redis_url)


@pytest.fixture
async def elsewhere(redis_url: str) -> AsyncIterator[redis.Redis]:
    """Another server's connection."""
    async with client_of(redis_url) as client:
        yield client


async def stands_in_line(client: redis.Redis, waiters: int) -> None:
    """Returns once so many wait for the lock."""

    async def is_so() -> bool:
        return int(await client.zcard(NAMES.waiters)) == waiters

    await eventually(is_so, seconds=30.0)  # Another process may have to start first.


async def remains(client: redis.Redis) -> set[str]:
    """What is left in Redis of the conversation's lock."""
    return {key async for key in client.scan_iter()} - {NAMES.waiters_next}


async def test_only_one_turn_is_at_work_at_any_time(turns: Turns, redis_client: redis.Redis) -> None:
    await asyncio.gather(*(turns.take(str(number)) for number in range(12)))
    assert len(turns.order) == 12
    assert turns.most_at_work == 1
    assert await remains(redis_client) == set()


async def test_turns_are_served_in_the_order_in_which_they_came(
    turns: Turns, redis_client: redis.Redis
) -> None:
    waiting = []
    async with hold_conversation(redis_client, "c1"):
        for number in range(6):
            waiting.append(asyncio.create_task(turns.take(str(number))))
            await stands_in_line(redis_client, number + 1)
    await asyncio.gather(*waiting)
    assert turns.order == ["0", "1", "2", "3", "4", "5"]


async def test_newcomer_does_not_get_in_before_one_who_is_slow_to_wake(
    redis_client: redis.Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation_lock, "WAKE_SECONDS", 0.02)
    monkeypatch.setattr(conversation_lock, "WAITER_GONE_SECONDS", 60.0)
    async with another_process(HOLDS, REDIS_URL=redis_url) as first_in_line:
        async with hold_conversation(redis_client, "c1"):
            await stands_in_line(redis_client, 1)
            first_in_line.process.send_signal(signal.SIGSTOP)
        with pytest.raises(ConversationBusy):
            async with hold_conversation(redis_client, "c1", timeout_seconds=0.1):
                pytest.fail("somebody was before us")
        first_in_line.process.send_signal(signal.SIGCONT)
        assert await first_in_line.line() == "held"


async def test_other_conversations_do_not_wait(redis_client: redis.Redis, elsewhere: redis.Redis) -> None:
    async with hold_conversation(redis_client, "c1"), hold_conversation(elsewhere, "c2", timeout_seconds=0):
        assert {NAMES.lock, ConversationKeys("c2").lock} <= await remains(redis_client)


async def test_next_in_line_is_woken_at_once(
    redis_client: redis.Redis, elsewhere: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation_lock, "WAKE_SECONDS", 60.0)
    for _ in range(3):
        async with hold_conversation(redis_client, "c1"):
            waiter = asyncio.create_task(_hold(elsewhere, asyncio.Event()))
            await stands_in_line(redis_client, 1)
        await asyncio.wait_for(waiter, 30)


async def _hold(client: redis.Redis, taken: asyncio.Event) -> None:
    async with hold_conversation(client, "c1"):
        taken.set()


async def test_lock_is_kept_as_long_as_the_turn_lasts(
    redis_client: redis.Redis, elsewhere: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation_lock, "LEASE_SECONDS", 2.0)
    monkeypatch.setattr(conversation_lock, "WAKE_SECONDS", 0.02)
    taken = asyncio.Event()
    async with hold_conversation(redis_client, "c1"):
        waiter = asyncio.create_task(_hold(elsewhere, taken))
        for _ in range(2):
            await is_renewed(redis_client, NAMES.lock)
        assert not taken.is_set()
    await waiter


async def test_lock_of_a_server_that_was_killed_passes_on(
    redis_client: redis.Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation_lock, "WAKE_SECONDS", 0.05)
    async with another_process(HOLDS, REDIS_URL=redis_url) as holder:
        assert await holder.line() == "held"
        waiter = asyncio.create_task(_hold(redis_client, asyncio.Event()))
        await stands_in_line(redis_client, 1)
        await holder.kill()
        assert 0 < await redis_client.pttl(NAMES.lock) <= conversation_lock.LEASE_SECONDS * 1000
        await redis_client.pexpire(NAMES.lock, 1)  # The lease's time passes.
        await asyncio.wait_for(waiter, 30)


async def test_waiter_that_was_killed_does_not_hold_up_those_behind_it(
    redis_client: redis.Redis, elsewhere: redis.Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation_lock, "WAKE_SECONDS", 0.05)
    monkeypatch.setattr(conversation_lock, "WAITER_GONE_SECONDS", 60.0)
    async with another_process(HOLDS, REDIS_URL=redis_url) as first_in_line:
        async with hold_conversation(redis_client, "c1"):
            await stands_in_line(redis_client, 1)
            await first_in_line.kill()
            behind = asyncio.create_task(_hold(elsewhere, asyncio.Event()))
            await stands_in_line(redis_client, 2)
            monkeypatch.setattr(conversation_lock, "WAITER_GONE_SECONDS", 0.3)
        await asyncio.wait_for(behind, 30)


async def test_waiter_that_gives_up_leaves_the_line(
    redis_client: redis.Redis, elsewhere: redis.Redis, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation_lock, "WAKE_SECONDS", 20.0)
    async with hold_conversation(redis_client, "c1"):
        impatient = asyncio.create_task(_hold(elsewhere, asyncio.Event()))
        await stands_in_line(redis_client, 1)
        patient = asyncio.create_task(turns.take("patient"))
        await stands_in_line(redis_client, 2)
        impatient.cancel()
        await stands_in_line(redis_client, 1)
    await asyncio.wait_for(patient, 5)
    assert await remains(redis_client) == set()


async def test_who_waits_too_long_is_told_so_and_leaves_the_line(
    redis_client: redis.Redis, elsewhere: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation_lock, "WAKE_SECONDS", 0.05)
    async with hold_conversation(redis_client, "c1"):
        with pytest.raises(ConversationBusy):
            async with hold_conversation(elsewhere, "c1", timeout_seconds=0.1):
                pytest.fail("the lock was held")
        assert await redis_client.zcard(NAMES.waiters) == 0
        assert await redis_client.exists(NAMES.lock)


async def test_turn_that_fails_gives_the_lock_back(redis_client: redis.Redis) -> None:
    with pytest.raises(ZeroDivisionError):
        async with hold_conversation(redis_client, "c1"):
            raise ZeroDivisionError
    assert await remains(redis_client) == set()


async def test_lock_that_was_lost_is_not_taken_from_its_new_holder(redis_client: redis.Redis) -> None:
    async with hold_conversation(redis_client, "c1"):
        await redis_client.set(NAMES.lock, "another")
    assert await redis_client.get(NAMES.lock) == "another"


async def test_lost_answer_neither_doubles_nor_loses_the_lock(
    redis_client: redis.Redis, redis_url: str
) -> None:
    await _hold(redis_client, asyncio.Event())  # The scripts are known to Redis.
    async with Network(redis_url).up() as network, client_of(network.url) as client:
        await client.ping()
        network.lose_answer()
        async with hold_conversation(client, "c1"):
            assert network.lost == 1
            assert await redis_client.zcard(NAMES.waiters) == 0
            network.lose_answer()
        assert network.lost == 2
    assert await remains(redis_client) == set()


async def test_nothing_of_a_lock_stays_for_ever(redis_client: redis.Redis, turns: Turns) -> None:
    async with hold_conversation(redis_client, "c1"):
        waiter = asyncio.create_task(turns.take("1"))
        await stands_in_line(redis_client, 1)
        during = [key async for key in redis_client.scan_iter()]
        lives = {key: await redis_client.ttl(key) for key in during}
    await waiter
    assert set(lives) == {NAMES.lock, NAMES.waiters, NAMES.waiters_seen, NAMES.waiters_next}
    assert all(0 < seconds <= 3_600 for seconds in lives.values())


async def test_uncontended_lock_leaves_nothing_for_ever(redis_client: redis.Redis) -> None:
    await _hold(redis_client, asyncio.Event())
    assert [await redis_client.ttl(key) > 0 async for key in redis_client.scan_iter()] in ([], [True])
