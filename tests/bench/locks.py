"""A quick second message must not wait: how soon a conversation's lock passes on, against Rasa's own."""

from __future__ import annotations

import asyncio
import statistics
import time

import redis
from rasa.core.lock_store import LockStore
from rasa.core.lock_store import RedisLockStore as StockLockStore
from rasa.utils.endpoints import EndpointConfig
from rich.console import Console
from rich.table import Table

from relevo.store.lock_store import RedisLockStore

HELD_SECONDS = 0.02
"""About a turn."""
ROUNDS = {"Rasa's Redis lock store": 3, "Relevo's": 30}
SMALLEST_GAIN = 5.0


def run(redis_url: str, console: Console) -> bool:
    """Print how long the second of two messages waits; whether ours is several times faster."""
    waits = asyncio.run(_measure_all(redis_url))
    table = Table(title=f"Waiting for a turn of {HELD_SECONDS * 1000:.0f} ms to end, milliseconds (median)")
    table.add_column("lock store", justify="right")
    table.add_column("waits", justify="right")
    for name, seconds in waits.items():
        table.add_row(name, f"{seconds * 1000:.1f}")
    console.print(table)
    stock, ours = waits.values()
    console.print(f"Promise: at least {SMALLEST_GAIN:.0f} times less. Measured: {stock / ours:.0f} times.\n")
    return stock / ours >= SMALLEST_GAIN


async def _measure_all(redis_url: str) -> dict[str, float]:
    address = redis.connection.parse_url(redis_url)
    stock, ours = ROUNDS
    return {
        stock: await _measure(StockLockStore(address["host"], address["port"]), ROUNDS[stock]),
        ours: await _measure(RedisLockStore(EndpointConfig(redis_url)), ROUNDS[ours]),
    }


async def _measure(store: LockStore, rounds: int) -> float:
    """Median seconds that a second message waits while the first one's turn goes on."""
    waits = []
    for number in range(rounds):
        held = asyncio.Event()
        first = asyncio.create_task(_hold(store, f"bench-lock-{number}", held))
        await held.wait()
        started = time.perf_counter()
        async with store.lock(f"bench-lock-{number}"):
            waits.append(time.perf_counter() - started)
        await first
    return statistics.median(waits)


async def _hold(store: LockStore, conversation: str, held: asyncio.Event) -> None:
    async with store.lock(conversation):
        held.set()
        await asyncio.sleep(HELD_SECONDS)
