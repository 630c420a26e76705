"""Fixtures for all tests: a real Redis of their own, and the demo protocol."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis
import redis.asyncio
from hypothesis import HealthCheck, settings
from playwright.async_api import Browser, async_playwright, expect
from whole_system import System

from relevo.embedded_redis import EmbeddedRedis
from relevo.protocol import Protocol, load_protocol
from relevo.store.connection import connect

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# How long an example takes to make or to try says more about what else the machine does than about the code.
settings.register_profile("relevo", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("relevo")
# Milliseconds: a page that has lost its server has tried again by then, on a busy machine too.
expect.set_options(timeout=15_000)


SLOWEST_FIRST = ("system", "browser", "rasa", "redis", "unit")
"""The folders of tests."""
LONGEST_NAMED_BYTES = 80


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests stay together when several processes share the run, and which kinds start first.

    A file's tests share what its fixtures start, and all that use the whole system share that one. The
    slowest go first, lest one process be left with them while the others are done.
    """
    for item in items:
        uses_system = "system" in getattr(item, "fixturenames", ())
        item.add_marker(pytest.mark.xdist_group("system" if uses_system else item.path.name))
    items.sort(key=lambda item: SLOWEST_FIRST.index(item.path.parent.name))


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name files by their size: all processes must name a test alike, and a zip holds when it was made."""
    return f"{len(val)} bytes" if isinstance(val, bytes) and len(val) > LONGEST_NAMED_BYTES else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the figures that tests measured, whichever process they ran in."""
    passed = terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", [])
    for name, figure in (told for report in passed for told in report.user_properties):
        terminalreporter.write_line(f"{name}: {figure}")


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


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The machine's Chromium; without it these tests are skipped, unless RELEVO_BROWSER_REQUIRED is set."""
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None and os.environ.get("RELEVO_BROWSER_REQUIRED"):
        pytest.fail("no Chromium on this machine, and RELEVO_BROWSER_REQUIRED is set")
    if found is None:
        pytest.skip(f"no browser on this machine (looked for {', '.join(BROWSERS)})")
    return found


@pytest.fixture
async def chromium(chromium_path: str) -> AsyncIterator[Browser]:
    """A real browser without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_FLAGS)
        yield browser
        await browser.close()
