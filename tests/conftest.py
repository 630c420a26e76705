"""Fixtures for all tests: a real Redis of their own, and the demo protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis
import redis.asyncio
from whole_system import System

from relevo.embedded_redis import EmbeddedRedis
from relevo.protocol import Protocol, load_protocol
from relevo.store.connection import connect

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis server on a free port, for this test run alone."""
    with EmbeddedRedis(tmp_path_factory.mktemp("redis"), persistent=False) as server:
        yield server.url


@pytest.fixture
async def redis_client(redis_url: str) -> AsyncIterator[redis.asyncio.Redis]:
    """A client to an emptied Redis."""
    client = connect(redis_url)
    await client.flushall()
    yield client
    await client.close()
    await client.connection_pool.disconnect()


@pytest.fixture(scope="session")
def protocol() -> Protocol:
    """The demo company's protocol."""
    return load_protocol(ROOT / "protocol")


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The whole system, started once; it must stop cleanly."""
    running = System(tmp_path_factory.mktemp("system"))
    running.start()
    yield running
    assert running.stop() == 0, running.output
    assert "Everything has stopped" in running.output
