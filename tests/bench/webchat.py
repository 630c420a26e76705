"""Posts to the website chat at a steady rate: how soon a customer hears that their message has arrived."""

from __future__ import annotations

import asyncio
import statistics

import aiohttp
from rich.console import Console
from rich.table import Table

from tests.bench.chat import Customer, chat_server

PER_SECOND = 200
SECONDS = 10
CUSTOMERS = 400
LONGEST_P50_MS, LONGEST_P99_MS = 10.0, 50.0


def run(redis_url: str, console: Console) -> bool:
    """Print how long posts take; whether the promise is kept."""
    milliseconds = sorted(wait * 1000 for wait in asyncio.run(_measure(redis_url)))
    p50, p99 = statistics.median(milliseconds), milliseconds[int(len(milliseconds) * 0.99)]
    table = Table(title=f"Posts to the website chat, {PER_SECOND} a second for {SECONDS} s")
    for heading in ("p50", "p99", "longest"):
        table.add_column(heading, justify="right")
    table.add_row(f"{p50:.1f} ms", f"{p99:.1f} ms", f"{milliseconds[-1]:.1f} ms")
    console.print(table)
    console.print(f"Promise: p50 under {LONGEST_P50_MS:.0f} ms, p99 under {LONGEST_P99_MS:.0f} ms.\n")
    return p50 < LONGEST_P50_MS and p99 < LONGEST_P99_MS


async def _measure(redis_url: str) -> list[float]:
    """Seconds of each post. The rate is kept whatever the answers take, so that a slow server shows."""
    async with (
        chat_server(redis_url) as server,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        customers = [Customer(session, server.url) for _ in range(CUSTOMERS)]
        for customer in customers:
            await customer.begin()
        loop = asyncio.get_running_loop()
        started, posts = loop.time(), []
        for number in range(PER_SECOND * SECONDS):
            await asyncio.sleep(max(0.0, started + number / PER_SECOND - loop.time()))
            customer = customers[number % CUSTOMERS]
            posts.append(asyncio.create_task(customer.say("¿Dónde está mi pedido?")))
        return await asyncio.gather(*posts)
