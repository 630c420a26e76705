"""Send mutated webhooks and chat requests to a bot; exits with 1 if one gets another answer than it should.

Without an address, a whole system is started for it, and the bot's memory is watched.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from rich.console import Console

from relevo.whatsapp.simulate import NUMBER_ID
from tests.fuzz import chat
from tests.fuzz.assault import Outcome, assault, resident_megabytes
from tests.fuzz.request import Request
from tests.fuzz.webhooks import requests
from tests.simulated import Simulated

COUNT = 100_000
WATCHED = (0.1, 0.5, 1.0)
"""When the memory is measured; the first tenth fills caches, pools and the model's working memory."""
MAX_GROWTH_MEGABYTES = 50.0
"""Between the first tenth and the end: if each of 90,000 requests left 600 bytes behind, it would be more.

It was 0.6 MB; the rest is room for what a busy machine leaves in its heap.
"""
OUTPUT = Path(__file__).resolve().parents[1] / "output"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("url", nargs="?", help="where the bot listens, like http://127.0.0.1:5005")
    parser.add_argument(
        "--app-secret", default=os.environ.get("WHATSAPP_APP_SECRET"), help="signs the webhooks"
    )
    parser.add_argument("--number", default=NUMBER_ID, help="id of the business's number")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pid", type=int, help="the bot's process, whose memory is watched")
    asked = parser.parse_args()
    if asked.url is None:
        return run_on_own_system(asked.count, asked.seed)
    if not asked.app_secret:
        parser.error("give --app-secret or set WHATSAPP_APP_SECRET")
    return run(asked.url, asked.app_secret, asked.number, asked.count, asked.seed, asked.pid)


def run_on_own_system(count: int, seed: int) -> int:
    """Start the whole system, and attack it; 1 if something is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        # As behind a proxy, so that the requests can come from many addresses.
        system = Simulated(Path(folder), RELEVO_PROXIES="1")
        system.start()
        try:
            secret = system.credentials.app_secret
            return run(system.bot, secret, NUMBER_ID, count, seed, system.pid_of("relevo.bot"))
        finally:
            system.stop()


def run(url: str, app_secret: str, number: str, count: int, seed: int, pid: int | None = None) -> int:
    """Send them, tell what came of it; 1 if something is wrong."""
    console, outcome, began = Console(), Outcome(), time.monotonic()
    wanted = both(seed, number, app_secret, asyncio.run(chat.begin(url)))
    memory: list[float] = []
    for share in WATCHED:
        part = asyncio.run(assault(url, wanted, round(count * share) - outcome.sent))
        outcome.add(part)
        memory += [resident_megabytes(pid)] if pid else []
        console.print(_progress(share, outcome, time.monotonic() - began, memory))
        if outcome.failures:
            break
    growth = memory[-1] - memory[0] if memory else 0.0
    if pid:
        console.print(f"memory: {growth:+.1f} MB after the first tenth (at most {MAX_GROWTH_MEGABYTES:.0f})")
    for index, problem, request in outcome.failures:
        OUTPUT.mkdir(exist_ok=True)
        file = OUTPUT / f"fuzz-{seed}-{index}.bin"
        file.write_bytes(request.body)
        asked = f"{request.method} {request.path} {request.headers}"
        console.print(f"request {index}: {problem}; {asked}; its body is in {file}", style="red")
    return int(bool(outcome.failures) or growth > MAX_GROWTH_MEGABYTES)


def both(seed: int, number: str, app_secret: str, talks: chat.Talks) -> Iterator[Request]:
    """Requests of either channel in turn, without an end."""
    return chain.from_iterable(
        zip(requests(seed, number, app_secret), chat.requests(seed, talks), strict=True)
    )


def _progress(share: float, outcome: Outcome, seconds: float, memory: list[float]) -> str:
    told = ", ".join(f"{status}: {times:,}" for status, times in sorted(outcome.statuses.items()))
    holds = f"; memory {memory[-1]:.0f} MB" if memory else ""
    return f"{share:.0%}: {outcome.sent:,} requests in {seconds:.0f} s; answers {told}{holds}"


if __name__ == "__main__":
    sys.exit(main())
