"""The queue under load: opening, claiming and passing on with many waiting, and what the clock finds late.

Times are compared within one run, a queue of 100,000 waiting cases against one of 100; operations a second
count all three verbs, many at once from two processes, beside the 100,000.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from typing import Any

import redis.asyncio as redis
from rich.console import Console
from rich.table import Table

from relevo.cases.case import Case
from relevo.cases.queue import CaseQueue
from relevo.protocol import load_protocol
from relevo.settings import Settings
from relevo.store import keys
from relevo.store.connection import connect

FEW, MANY = 100, 100_000
SLOWEST_RATIO = 1.5
LEAST_A_SECOND = 5_000
ROUNDS = 400
LATE = 20
"""Cases that are due when the clock looks."""
PROCESSES, AT_ONCE, CASES = 2, 32, 60
"""Processes, agents at once in each, cases of each agent."""
NOW = 1_764_698_400.0
"""A Tuesday noon, in opening hours."""
FAR_AHEAD = NOW + 30 * 86_400
AREA, OTHER_AREA = "customer_care", "senior_care"


def run(redis_url: str, console: Console) -> bool:
    """Print how the queue bears many cases; whether both promises are kept."""
    few, many = asyncio.run(_measure_all(redis_url))
    rate = _rate(redis_url)
    table = Table(title="The queue, milliseconds (median)")
    for heading in ("operation", f"{FEW:,} waiting", f"{MANY:,} waiting", "ratio"):
        table.add_column(heading, justify="right")
    ratios = {}
    for name, seconds in few.items():
        ratios[name] = many[name] / seconds
        table.add_row(name, *(f"{s * 1000:.2f}" for s in (seconds, many[name])), f"{ratios[name]:.2f}")
    console.print(table)
    slowest = max(ratios.values())
    console.print(f"Promise: at most {SLOWEST_RATIO} times. Measured: {slowest:.2f} times.")
    console.print(f"Promise: at least {LEAST_A_SECOND:,} operations a second. Measured: {rate:,.0f}")
    console.print(f"(on {os.cpu_count()} cores with a load of {os.getloadavg()[0]:.1f} before).\n")
    return slowest <= SLOWEST_RATIO and rate >= LEAST_A_SECOND


async def _measure_all(redis_url: str) -> tuple[dict[str, float], dict[str, float]]:
    """Median seconds by operation with few and with many waiting."""
    protocol = load_protocol(Settings.from_environment().protocol_dir)
    client = connect(redis_url)
    queue, numbers = CaseQueue(client, protocol), count()
    try:
        await client.flushall()
        await _fill(client, FEW, numbers)
        few = await _measure(queue, client, numbers)
        await _fill(client, MANY - FEW, numbers)
        many = await _measure(queue, client, numbers)
    finally:
        await client.close()
    return few, many


async def _fill(client: redis.Redis, cases: int, numbers: count[int]) -> None:
    """Put cases in line as they stand there a while after they were opened: nothing is due for long."""
    async with client.pipeline(transaction=False) as pipeline:
        for number in (next(numbers) for _ in range(cases)):
            folio, case = f"RV-FULL-{number}", _case(number)
            pipeline.hset(keys.case(folio), mapping={**case.to_mapping(), "folio": folio})
            pipeline.zadd(keys.waiting(AREA), {folio: case.target_at})
            pipeline.zadd(keys.TARGETS, {folio: FAR_AHEAD + number})
            pipeline.sadd(keys.OPEN_CASES, folio)
            if number % 1_000 == 0:
                await pipeline.execute()
        await pipeline.execute()


async def _measure(queue: CaseQueue, client: redis.Redis, numbers: count[int]) -> dict[str, float]:
    """Median seconds of each operation, alone."""
    times: dict[str, list[float]] = {"open": [], "claim": [], "transfer": []}
    for number in (next(numbers) for _ in range(ROUNDS)):
        case = await _timed(times["open"], lambda: queue.open(_case(number), f"bench:{number}"))  # noqa: B023
        folio = case[0].folio
        await _timed(times["claim"], lambda: queue.claim(folio, "Ana", NOW))  # noqa: B023
        await _timed(times["transfer"], lambda: queue.transfer(folio, "Ana", OTHER_AREA, NOW))  # noqa: B023
    late = await _time_late(queue, client)
    return {
        **{name: statistics.median(seconds) for name, seconds in times.items()},
        f"find {LATE} late": late,
    }


async def _time_late(queue: CaseQueue, client: redis.Redis) -> float:
    """Median seconds in which the clock finds the cases that are due, and takes their next step."""
    await client.zremrangebyscore(keys.TARGETS, "-inf", FAR_AHEAD - 1)
    times: list[float] = []
    for _ in range(FEW // LATE):
        late = await client.zrevrange(keys.TARGETS, 0, LATE - 1)
        await client.zadd(keys.TARGETS, dict.fromkeys(late, NOW))
        taken = await _timed(times, lambda: queue.see_to_targets(NOW + 230))
        if len(taken) != LATE:
            raise AssertionError(f"{len(taken)} steps were taken, and {LATE} were due")
        await client.zadd(keys.TARGETS, dict.fromkeys(late, FAR_AHEAD - 1))
    return statistics.median(times)


async def _timed(times: list[float], work: Callable[[], Awaitable[Any]]) -> Any:
    started = time.perf_counter()
    result = await work()
    times.append(time.perf_counter() - started)
    return result


def _rate(redis_url: str) -> float:
    """Operations a second of two processes."""
    with ProcessPoolExecutor(PROCESSES) as pool:
        spans = list(pool.map(_work, [redis_url] * PROCESSES, range(PROCESSES)))
    began, ended = min(start for start, _ in spans), max(end for _, end in spans)
    return PROCESSES * AT_ONCE * CASES * 3 / (ended - began)


def _work(redis_url: str, process: int) -> tuple[float, float]:
    """One process's share; when it began and ended."""
    return asyncio.run(_many_at_once(redis_url, process))


async def _many_at_once(redis_url: str, process: int) -> tuple[float, float]:
    client = connect(redis_url)
    queue = CaseQueue(client, load_protocol(Settings.from_environment().protocol_dir))
    numbers = count(1_000_000 * (process + 1))

    async def agent(name: str) -> None:
        for number in (next(numbers) for _ in range(CASES)):
            case, _ = await queue.open(_case(number), f"bench:{number}")
            await queue.claim(case.folio, name, NOW)
            await queue.transfer(case.folio, name, OTHER_AREA, NOW)

    started = time.monotonic()
    await asyncio.gather(*(agent(f"Agent {process}-{number}") for number in range(AT_ONCE)))
    ended = time.monotonic()
    await client.close()
    return started, ended


def _case(number: int) -> Case:
    return Case(
        folio="",
        kind="hand_off",
        conversation=f"bench-{number}",
        channel="webchat",
        language="es",
        area=AREA,
        priority="normal",
        rank=2,
        opened_at=NOW,
        target_at=NOW + 300,
        resolution_by=NOW + 86_400,
        topic="track_order",
    )
