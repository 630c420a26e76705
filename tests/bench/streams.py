"""Open event streams: what thousands cost one bot, and how soon a message is on an open page."""

from __future__ import annotations

import asyncio
import random
import statistics
import time

import aiohttp
from rich.console import Console
from rich.table import Table

from tests.bench.chat import BASE, Customer, chat_server

STREAMS = 2_000
MESSAGES = 200
PER_SECOND = 20
MOST_MEGABYTES = 200.0
LONGEST_MS = 50.0
OPENED_AT_ONCE = 50
SETTLE_SECONDS = 2.0


class Page:
    """A page with its stream open; knows when it hears what it waits for."""

    def __init__(self, customer: Customer) -> None:
        self.customer = customer
        self._waits: dict[str, asyncio.Future[float]] = {}

    async def follow(self, is_open: asyncio.Event) -> None:
        """Read the stream until cancelled."""
        address = f"{self.customer.url}{BASE}/events"
        async with self.customer.session.get(address, headers=self.customer.headers) as reply:
            async for line in reply.content:
                is_open.set()
                for text in [text for text in self._waits if f"\\u00ab{text}".encode() in line]:
                    self._waits.pop(text).set_result(time.perf_counter())

    async def ask(self, text: str) -> float:
        """Send a message; the seconds until the answer to it is on the page."""
        answered = self._waits[text] = asyncio.get_running_loop().create_future()
        started = time.perf_counter()
        await self.customer.say(text)
        return await asyncio.wait_for(answered, 10) - started


def run(redis_url: str, console: Console) -> bool:
    """Print memory and latency; whether both promises are kept."""
    megabytes, waits = asyncio.run(_measure(redis_url))
    milliseconds = sorted(wait * 1000 for wait in waits)
    p50, p99 = statistics.median(milliseconds), milliseconds[int(len(milliseconds) * 0.99)]
    table = Table(title=f"{STREAMS:,} open event streams on one bot, {PER_SECOND} messages a second")
    for heading in ("memory more", "message to open page, p50", "p99"):
        table.add_column(heading, justify="right")
    table.add_row(f"{megabytes:.0f} MB", f"{p50:.1f} ms", f"{p99:.1f} ms")
    console.print(table)
    console.print(f"Promise: under {MOST_MEGABYTES:.0f} MB, and under {LONGEST_MS:.0f} ms at the median.\n")
    return megabytes < MOST_MEGABYTES and p50 < LONGEST_MS


async def _measure(redis_url: str) -> tuple[float, list[float]]:
    """Megabytes that the streams take, and seconds from sending to the open page."""
    # Less than the server keeps an idle connection open: else one may be used as it closes.
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=2)
    timeout = aiohttp.ClientTimeout(total=None)
    async with (
        chat_server(redis_url) as server,
        aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
    ):
        customers = [Customer(session, server.url) for _ in range(STREAMS)]
        for customer in customers:
            await customer.begin()
        before = server.megabytes()
        pages = [Page(customer) for customer in customers]
        following = await _open(pages)
        await asyncio.sleep(SETTLE_SECONDS)
        more = server.megabytes() - before
        waits = await _ask(pages)
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
    return more, waits


async def _open(pages: list[Page]) -> list[asyncio.Task[None]]:
    tasks = []
    for start in range(0, len(pages), OPENED_AT_ONCE):
        opened = []
        for page in pages[start : start + OPENED_AT_ONCE]:
            opened.append(asyncio.Event())
            tasks.append(asyncio.create_task(page.follow(opened[-1])))
        await asyncio.gather(*(event.wait() for event in opened))
    return tasks


async def _ask(pages: list[Page]) -> list[float]:
    asked = []
    for number in range(MESSAGES):
        page = random.choice(pages)  # noqa: S311
        asked.append(asyncio.create_task(page.ask(f"message {number}!")))
        await asyncio.sleep(1 / PER_SECOND)
    return await asyncio.gather(*asked)
