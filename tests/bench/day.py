"""A day compressed to minutes: simulated customers and agents, real queue, agenda, outbox and clocks.

Time is a number in a file that is put forward step by step. Two clocks run as processes of their own; the one
that works is killed again and again, at any moment, and started anew. In the end every promise must be
accounted for in the ledger.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import astuple, dataclass, field
from pathlib import Path

import redis.asyncio as redis
from rich.console import Console
from rich.table import Table

from relevo.cases.queue import CaseQueue
from relevo.follow_ups.agenda import Agenda
from relevo.protocol import Protocol, load_protocol
from relevo.settings import Settings
from relevo.store import keys
from tests.bench.day_ledger import Row, World, audit
from tests.bench.day_people import HOUR, Agent, Customers
from tests.builders import SECRET, Bot, OtherProcess, another_process, client_of, eventually, local_time

MORNING = local_time("2025-12-02 08:30")
STEP_SECONDS = 30.0
PATIENCE_SECONDS = 20.0
"""How long a step waits for a clock, in real time."""
STEPS_WITHOUT = 6
"""After a clock was killed the day goes on for so many steps without waiting for another."""
PEOPLE = ("daniel_olvera", "itzel_canul", "brenda_escobedo", "teresa_huerta", "elena_ruiz", "luis_najera")
SEED = 20_251_202

CLOCK_PROCESS = """
import asyncio, os
from pathlib import Path
from relevo.bot_api import BotApi
from relevo.clock import clock
from relevo.protocol import load_protocol
from relevo.settings import Settings
from relevo.store.connection import connect

clock.LEASE_SECONDS, clock.TICK_SECONDS, clock.RETRY_SECONDS = 0.5, 0.01, 0.05

async def run():
    settings = Settings.from_environment()
    protocol, client = load_protocol(settings.protocol_dir), connect(settings.redis_url)
    async with BotApi(settings) as bot:
        now = lambda: float(Path(os.environ["DAY_TIME"]).read_text())
        await clock.Clock(client, bot, protocol, now=now).run()

asyncio.run(run())
"""


@dataclass
class Clocks:
    """Two clocks; the one that is killed is replaced by a fresh one."""

    environment: dict[str, str]
    stack: AsyncExitStack
    running: list[OtherProcess] = field(default_factory=list)
    killed: int = 0

    async def start(self) -> None:
        process = await self.stack.enter_async_context(another_process(CLOCK_PROCESS, **self.environment))
        self.running.append(process)

    async def kill_one(self, chance: random.Random) -> None:
        """End one without any chance to tidy up, perhaps in the middle of its work, and start another."""
        await self.running.pop(chance.randrange(len(self.running))).kill()
        self.killed += 1
        await self.start()


@dataclass
class Day:
    """What was simulated, and its ledger."""

    ledger: Sequence[Row]
    customers: int
    clocks_killed: int
    longest_pause: float
    real_seconds: float

    @property
    def is_accounted_for(self) -> bool:
        """Whether no promise is lost and nothing was done twice."""
        return not any(row.lost or row.twice for row in self.ledger)


def run(redis_url: str, console: Console) -> bool:
    """Print the ledger of a day; whether every promise is accounted for."""
    day = asyncio.run(simulate(redis_url, hours=12.0, kills=20))
    headings = ("promise", "made", "in time", "late", "unneeded", "ahead", "lost", "twice")
    table = Table(title=f"A day of {day.customers} customers in {day.real_seconds:.0f} seconds")
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "promise" else "right")
    for row in day.ledger:
        table.add_row(*map(str, astuple(row)))
    console.print(table)
    console.print(
        f"Clocks killed: {day.clocks_killed}; longest without one: {day.longest_pause / 60:.0f} min."
    )
    console.print(f"Promise: nothing lost, nothing twice. Kept: {day.is_accounted_for}.\n")
    return day.is_accounted_for


async def simulate(
    redis_url: str, *, hours: float, kills: int, customers_a_minute: float = 0.5, seed: int = SEED
) -> Day:
    """Live through some hours from the morning on; the store at `redis_url` is emptied."""
    began, protocol = time.monotonic(), load_protocol(Settings.from_environment().protocol_dir)
    chance = random.Random(seed)  # noqa: S311 - no secret
    async with _world(redis_url, protocol) as world, AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        clocks = Clocks(_environment(redis_url, world.bot, folder / "now"), stack)
        customers = Customers(world, protocol, chance, customers_a_minute, STEP_SECONDS)
        agents = [Agent(world, protocol, chance, person) for person in PEOPLE]
        agents[0].leaves_at = MORNING + 0.4 * hours * HOUR
        _set_time(folder / "now", MORNING)
        for _ in range(2):
            await clocks.start()
        await eventually(lambda: _last_look(world.client), seconds=30)
        steps = int(hours * HOUR / STEP_SECONDS)
        kill_at = set(chance.sample(range(steps // 10, steps - steps // 10), kills))
        alone_until = 0
        for number in range(steps):
            now = MORNING + number * STEP_SECONDS
            _set_time(folder / "now", now)
            for somebody in (customers, *agents):
                await somebody.act(now)
            if number in kill_at:
                await clocks.kill_one(chance)
                alone_until = number + STEPS_WITHOUT
            await _wait_for_clock(world, now, PATIENCE_SECONDS if number >= alone_until else 0.0)
        await _drain(world, folder / "now", now)
        ledger = await audit(world, now)
    pause = world.book.longest_pause
    return Day(ledger, customers.came, clocks.killed, pause, time.monotonic() - began)


@asynccontextmanager
async def _world(redis_url: str, protocol: Protocol) -> AsyncIterator[World]:
    async with client_of(redis_url) as client, Bot(client).up() as bot:
        await client.flushall()
        yield World(client, CaseQueue(client, protocol), Agenda(client), bot)


def _environment(redis_url: str, bot: Bot, time_file: Path) -> dict[str, str]:
    return {
        "REDIS_URL": redis_url,
        "RELEVO_SECRET": SECRET,
        "RELEVO_BOT_URL": bot.url,
        "DAY_TIME": str(time_file),
    }


def _set_time(file: Path, now: float) -> None:
    """Put the day's time forward, in one step: a clock never reads half of it."""
    fresh = file.with_suffix(".fresh")
    fresh.write_text(repr(now))
    fresh.replace(file)


async def _wait_for_clock(world: World, now: float, patience_seconds: float) -> None:
    """Wait until a clock has looked at this time, not for ever; note how long none has."""
    deadline = time.monotonic() + patience_seconds
    looked_at = await _last_look(world.client)
    while looked_at < now and time.monotonic() < deadline:
        await asyncio.sleep(0.003)
        looked_at = await _last_look(world.client)
    world.book.longest_pause = max(world.book.longest_pause, now - max(looked_at, MORNING) + STEP_SECONDS)


async def _last_look(client: redis.Redis) -> float:
    return float(await client.hget(keys.WATCH, "last") or 0)


async def _drain(world: World, time_file: Path, now: float) -> None:
    """At the end the clocks see to what is due and deliver what waits."""
    _set_time(time_file, now)

    async def is_done() -> bool:
        due = await world.client.zcount(keys.TARGETS, "-inf", now)
        due += await world.client.zcount(keys.FOLLOW_UPS_BOOKED, "-inf", now)
        return due + await world.client.xlen(keys.OUTBOX) == 0

    await eventually(is_done, seconds=30)
