"""Sends the requests, several at a time and beside clients that never finish, and says what came of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from relevo.whatsapp.credentials import WEBHOOK_PATH
from tests.fuzz.request import Request
from tests.fuzz.webhooks import MARKER

AT_ONCE = 16
SLOW_CLIENTS = 20
TIMEOUT_SECONDS = 30.0
STREAM_SECONDS, STREAM_BYTES = 0.2, 65_536
"""So much of an answer without an end is looked at."""
MAX_ANSWER_BYTES = 4096
"""Of an answer to who may not know anything; pages and scripts are larger."""
MAX_FAILURES = 20
REFUSED = 400


@dataclass
class Outcome:
    """What came of a run."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[tuple[int, str, Request]] = field(default_factory=list)
    """The number of the request, what was wrong with its answer, and the request."""

    @property
    def sent(self) -> int:
        return sum(self.statuses.values())

    def add(self, part: Outcome) -> None:
        """Add what came of a further part of the run."""
        self.failures += [
            (self.sent + number, problem, request) for number, problem, request in part.failures
        ]
        self.statuses += part.statuses


async def assault(url: str, wanted: Iterator[Request], count: int) -> Outcome:
    """Send `count` requests to the bot at `url`, unless too many fail before."""
    outcome = Outcome()
    numbered = iter(enumerate(islice(wanted, count)))
    slow = [await _begin_and_stop(url) for _ in range(SLOW_CLIENTS)]
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            await asyncio.gather(*(_send_all(session, url, numbered, outcome) for _ in range(AT_ONCE)))
    finally:
        for writer in slow:
            writer.close()
    return outcome


async def _send_all(
    session: aiohttp.ClientSession, url: str, numbered: Iterator[tuple[int, Request]], outcome: Outcome
) -> None:
    for number, request in numbered:
        problem = await _send(session, url, request, outcome)
        if problem:
            outcome.failures.append((number, problem, request))
        if len(outcome.failures) >= MAX_FAILURES:
            return


async def _send(session: aiohttp.ClientSession, url: str, request: Request, outcome: Outcome) -> str | None:
    """What is wrong with the answer to a request; None if nothing."""
    try:
        async with session.request(
            request.method,
            f"{url}{request.path}",
            data=request.body or None,
            headers=request.headers,
            params=request.query,
        ) as answer:
            told = await (_beginning(answer) if request.is_stream else answer.read())
    except (aiohttp.ClientError, asyncio.TimeoutError) as error:
        # A server may refuse a large body by closing the connection while it still comes.
        if len(request.body) > MAX_ANSWER_BYTES and isinstance(error, aiohttp.ClientError):
            outcome.statuses[413] += 1
            return None
        return f"no answer ({type(error).__name__})"
    outcome.statuses[answer.status] += 1
    if not request.accepts(answer.status):
        return f"the status is {answer.status}"
    if MARKER.encode() in told:
        return "the answer tells what a customer wrote"
    is_refused = answer.status >= REFUSED
    return f"the answer has {len(told)} bytes" if is_refused and len(told) > MAX_ANSWER_BYTES else None


async def _beginning(answer: aiohttp.ClientResponse) -> bytes:
    """What an event stream says at once."""
    told = b""
    with suppress(asyncio.TimeoutError):
        while len(told) < STREAM_BYTES and not answer.content.at_eof():
            told += await asyncio.wait_for(answer.content.read(STREAM_BYTES), STREAM_SECONDS)
    answer.close()
    return told


async def _begin_and_stop(url: str) -> asyncio.StreamWriter:
    """A client that announces a body and never sends it."""
    address = urlsplit(url)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    head = f"POST {WEBHOOK_PATH} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 100\r\n\r\n{{"
    writer.write(head.encode())
    await writer.drain()
    return writer


def resident_megabytes(pid: int) -> float:
    """The memory that a process holds."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"process {pid} tells no memory")
