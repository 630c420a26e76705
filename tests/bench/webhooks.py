"""A webhook must be answered at once, whatever the bot is busy with: WhatsApp sends it again else.

After an outage one webhook holds hundreds of messages; all are kept before it is answered.
Deliveries come at a steady pace, whether or not the ones before were answered. Most of them tell how far the
bot's own messages have come, as in a real account; some are new messages, which the bot answers meanwhile.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.table import Table

from relevo.whatsapp.credentials import WEBHOOK_PATH
from relevo.whatsapp.signature import HEADER, sign
from relevo.whatsapp.simulate import ACCOUNT_ID, NUMBER_ID
from relevo.whatsapp.stand_in.account import PhoneNumber
from relevo.whatsapp.stand_in.changes import Change, message_change, status_change
from relevo.whatsapp.stand_in.customers import ChatMessage, Customer
from relevo.whatsapp.stand_in.webhooks import payload
from tests.simulated import Simulated

PER_SECOND = 200
SECONDS = 15
NEW_PER_SECOND = {"statuses and repeats": 0, "and 5 new messages a second": 5}
LARGEST_MEDIAN, LARGEST_P99 = 0.010, 0.050
CUSTOMERS = 500
OK = 200
LARGE_MESSAGES, LARGE_TIMES = 300, 9
LARGEST_WAIT = 0.250
"""Of a webhook with so many messages, the median of several."""
CONNECTIONS = 50
"""Kept open, as WhatsApp does; waiting for one counts as waiting for the answer."""


@dataclass(frozen=True)
class Pace:
    """What came of one run: the seconds that each delivery waited for its answer, and how many failed."""

    waits: list[float]
    failed: int

    @property
    def median(self) -> float:
        return statistics.median(self.waits)

    @property
    def p99(self) -> float:
        return statistics.quantiles(self.waits, n=100)[98]

    @property
    def keeps_promise(self) -> bool:
        return self.median <= LARGEST_MEDIAN and self.p99 <= LARGEST_P99 and not self.failed


def run(console: Console) -> bool:
    """Print how long webhooks wait for their answer; whether all are answered soon enough."""
    with tempfile.TemporaryDirectory() as folder:
        system = Simulated(Path(folder))
        system.start()
        try:
            runs = {
                name: asyncio.run(measure(system.bot, system.credentials.app_secret, new))
                for name, new in NEW_PER_SECOND.items()
            }
            large = asyncio.run(measure_large(system.bot, system.credentials.app_secret))
        finally:
            system.stop()
    return all((tell(console, runs), tell_large(console, large)))


def tell(console: Console, runs: dict[str, Pace]) -> bool:
    """Print the runs; whether each keeps the promise."""
    table = Table(title=f"Webhook answered, milliseconds, at {PER_SECOND} a second")
    for heading in ("deliveries", "median", "p99", "not answered with 200"):
        table.add_column(heading, justify="right")
    for name, pace in runs.items():
        table.add_row(name, f"{pace.median * 1000:.1f}", f"{pace.p99 * 1000:.1f}", str(pace.failed))
    console.print(table)
    limits = f"median {LARGEST_MEDIAN * 1000:.0f} ms, p99 {LARGEST_P99 * 1000:.0f} ms, none lost"
    console.print(f"Promise: at most {limits}.\n")
    return all(
        pace.median <= LARGEST_MEDIAN and pace.p99 <= LARGEST_P99 and not pace.failed
        for pace in runs.values()
    )


def tell_large(console: Console, waits: list[float]) -> bool:
    """Print how long large webhooks took; whether they keep the promise."""
    median = statistics.median(waits)
    console.print(
        f"A webhook of {LARGE_MESSAGES} messages is answered after {waits[0] * 1000:.0f} ms, "
        f"repeated after {median * 1000:.0f} ms (median); at most {LARGEST_WAIT * 1000:.0f}.\n"
    )
    return median <= LARGEST_WAIT


async def measure_large(url: str, app_secret: str) -> list[float]:
    """Seconds until a webhook of many customers' messages is answered, and its repeats."""
    number, began, chance = PhoneNumber(NUMBER_ID), time.time(), random.Random(1)  # noqa: S311
    changes = [
        message_change(
            number,
            Customer(f"521560000{index:04}", "Lupe"),
            ChatMessage(f"wamid.large-{began}-{index}", "to_business", "text", {"body": "gracias"}, began),
        )
        for index in range(LARGE_MESSAGES)
    ]
    body, waits = payload(ACCOUNT_ID, changes, chance), []
    async with aiohttp.ClientSession() as session:
        for _ in range(LARGE_TIMES):
            due = time.perf_counter()
            wait, status = await _post(session, f"{url}{WEBHOOK_PATH}", body, app_secret, due)
            waits.append(wait if status == OK else float("inf"))
    return waits


async def measure(url: str, app_secret: str, new_per_second: int, seconds: int = SECONDS) -> Pace:
    """Deliver at the pace for some seconds to the bot at `url`."""
    bodies = list(_bodies(new_per_second, PER_SECOND * seconds))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:
        began = time.perf_counter()
        posts = []
        for number, body in enumerate(bodies):
            await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.perf_counter()))
            due = began + number / PER_SECOND
            posts.append(asyncio.create_task(_post(session, f"{url}{WEBHOOK_PATH}", body, app_secret, due)))
        answers = await asyncio.gather(*posts)
    waits = [wait for wait, _ in answers]
    return Pace(waits, sum(status != OK for _, status in answers))


async def _post(
    session: aiohttp.ClientSession, url: str, body: bytes, app_secret: str, due: float
) -> tuple[float, int]:
    """Seconds from when it was due until the answer, and the status."""
    headers = {HEADER: sign(body, app_secret), "Content-Type": "application/json"}
    status = 0
    with suppress(aiohttp.ClientError, asyncio.TimeoutError):
        async with session.post(url, data=body, headers=headers) as answer:
            await answer.read()
            status = answer.status
    return time.perf_counter() - due, status


def _bodies(new_per_second: int, count: int) -> Iterator[bytes]:
    chance = random.Random(1)  # noqa: S311 - the same deliveries in every run
    number, began = PhoneNumber(NUMBER_ID), time.time()
    every = PER_SECOND // new_per_second if new_per_second else count + 1
    for index in range(count):
        customer = Customer(f"521550000{index % CUSTOMERS:04}", "Lupe")
        is_new = index % every == every - 1
        yield payload(ACCOUNT_ID, [_change(number, customer, index, is_new, began, chance)], chance)


def _change(
    number: PhoneNumber, customer: Customer, index: int, is_new: bool, began: float, chance: random.Random
) -> Change:
    if is_new or chance.random() < 0.1:
        name = f"wamid.new-{began}-{index}" if is_new else "wamid.repeated"
        repeated = Customer("5215500000000", "Lupe")
        message = ChatMessage(name, "to_business", "text", {"body": "¿aceptan paypal?"}, began)
        return message_change(number, customer if is_new else repeated, message)
    sent = ChatMessage(f"wamid.sent-{began}-{index // 3}", "to_customer", "text", {"body": "sí"}, began)
    status = ("sent", "delivered", "read")[index % 3]
    return status_change(number, customer.wa_id, sent, status, began)  # type: ignore[arg-type]
