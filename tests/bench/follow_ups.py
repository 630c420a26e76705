"""What the clock needs to find due follow-ups: it must not grow with those that are not due."""

from __future__ import annotations

import asyncio
import logging
import statistics
import time
from collections.abc import Awaitable, Callable

import redis.asyncio as redis
from rich.console import Console
from rich.table import Table

from relevo.follow_ups.agenda import Agenda
from relevo.follow_ups.follow_up import FollowUp
from relevo.follow_ups.keeping import Keeping
from relevo.protocol import load_protocol
from relevo.settings import Settings
from relevo.store import keys
from relevo.store.connection import connect

FEW, MANY = 100, 100_000
ROUNDS = 200
NOON = 1_764_698_400.0
"""An opening hour of the demo protocol, so that a grace of minutes ends on the same day."""
LATER = NOON + 30 * 86_400.0
MOST_TIMES = 1.5
AT_ONCE = 2_000
Work = Callable[[redis.Redis, Keeping], Awaitable[None]]


def run(redis_url: str, console: Console) -> bool:
    """Print milliseconds of a round with few and with many that are not due; whether the ratio stays low."""
    return asyncio.run(_run(redis_url, console))


async def _run(redis_url: str, console: Console) -> bool:
    logging.getLogger("relevo.clock").setLevel(logging.ERROR)
    protocol = load_protocol(Settings.from_environment().protocol_dir)
    clients = {count: connect(f"{redis_url}{base}") for count, base in ((FEW, "/1"), (MANY, "/2"))}
    for count, client in clients.items():
        await _fill(client, count)
    clocks = {count: (client, Keeping(client, protocol)) for count, client in clients.items()}
    table = Table(title="A round of the clock over follow-ups, milliseconds (median)")
    for heading in ("in the round", f"{FEW:,} not due", f"{MANY:,} not due", "ratio"):
        table.add_column(heading, justify="right")
    worst = 0.0
    for name, work in WORKS.items():
        few, many = await _measure(work, clocks)
        worst = max(worst, many / few)
        table.add_row(name, f"{few:.2f}", f"{many:.2f}", f"{many / few:.2f}")
    for client in clients.values():
        await client.close()
    console.print(table)
    console.print(f"Promise: at most {MOST_TIMES} times. Measured: {worst:.2f} times.\n")
    return worst <= MOST_TIMES


async def _measure(work: Work, clocks: dict[int, tuple[redis.Redis, Keeping]]) -> tuple[float, float]:
    """Median milliseconds with few and with many, in turns: what else the machine does slows both down."""
    milliseconds: dict[int, list[float]] = {count: [] for count in clocks}
    for _ in range(ROUNDS):
        for count, (client, keeping) in clocks.items():
            started = time.perf_counter()
            await work(client, keeping)
            milliseconds[count].append((time.perf_counter() - started) * 1000)
    return statistics.median(milliseconds[FEW]), statistics.median(milliseconds[MANY])


async def _nothing_is_due(client: redis.Redis, keeping: Keeping) -> None:
    await keeping.see_to(NOON)


async def _one_is_missed(client: redis.Redis, keeping: Keeping) -> None:
    agenda = Agenda(client)
    due = await agenda.book(_follow_up(f"now-{time.perf_counter_ns()}", NOON))
    await keeping.see_to(NOON)
    await keeping.see_to(NOON + 3_600)
    await agenda.complete(due.folio, "bench", NOON)


async def _fill(client: redis.Redis, count: int) -> None:
    """Follow-ups that are booked for later, and as many that are due and have time to be kept.

    They stand in the lists only, as no round may look at the records of those that are not due.
    """
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(count, start + AT_ONCE))
        await client.zadd(keys.FOLLOW_UPS_BOOKED, {f"booked-{number}": LATER + number for number in numbers})
        await client.zadd(keys.FOLLOW_UPS_DUE, {f"due-{number}": NOON - number for number in numbers})
        await client.zadd(keys.FOLLOW_UPS_KEEP_BY, {f"due-{number}": LATER + number for number in numbers})


WORKS: dict[str, Work] = {
    "nothing is due": _nothing_is_due,
    "one is booked, falls due, is missed and done": _one_is_missed,
}


def _follow_up(name: str, due_at: float) -> FollowUp:
    return FollowUp(
        folio=name,
        conversation=name,
        channel="webchat",
        language="es",
        method="call",
        contact="+525512345678",
        topic="track_order",
        due_at=due_at,
        created_at=NOON,
        cause=name,
    )
