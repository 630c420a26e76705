"""Send mutated webhooks to a bot; exits with 1 if one gets another answer than it should.

Without an address, a whole system is started for it, and the bot's memory is watched.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from relevo.whatsapp.credentials import WEBHOOK_PATH
from relevo.whatsapp.simulate import NUMBER_ID
from tests.fuzz.assault import assault, resident_megabytes
from tests.fuzz.webhooks import requests
from tests.simulated import Simulated

COUNT = 100_000
WARM_UP = 5_000
MAX_GROWTH_MEGABYTES = 50.0
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
        system = Simulated(Path(folder))
        system.start()
        try:
            secret = system.credentials.app_secret
            return run(system.bot, secret, NUMBER_ID, count, seed, system.pid_of("relevo.bot"))
        finally:
            system.stop()


def run(url: str, app_secret: str, number: str, count: int, seed: int, pid: int | None = None) -> int:
    """Send them, tell what came of it; 1 if something is wrong."""
    console, webhook = Console(), f"{url.rstrip('/')}{WEBHOOK_PATH}"
    wanted, began = requests(seed, number, app_secret), time.monotonic()
    outcome = asyncio.run(assault(webhook, wanted, min(WARM_UP, count)))
    before = resident_megabytes(pid) if pid else 0.0
    if not outcome.failures and count > WARM_UP:
        rest = asyncio.run(assault(webhook, wanted, count - WARM_UP))
        outcome.statuses += rest.statuses
        outcome.failures += rest.failures
    growth = resident_megabytes(pid) - before if pid else 0.0
    seconds = time.monotonic() - began
    told = ", ".join(f"{status}: {times:,}" for status, times in sorted(outcome.statuses.items()))
    console.print(f"{outcome.sent:,} webhooks in {seconds:.0f} s (seed {seed}); answers {told}")
    if pid:
        console.print(
            f"memory after the first {WARM_UP:,}: {growth:+.1f} MB (at most {MAX_GROWTH_MEGABYTES:.0f})"
        )
    for index, problem, request in outcome.failures:
        OUTPUT.mkdir(exist_ok=True)
        file = OUTPUT / f"fuzz-{seed}-{index}.bin"
        file.write_bytes(request.body)
        console.print(f"request {index}: {problem}; its body is in {file}", style="red")
    return int(bool(outcome.failures) or growth > MAX_GROWTH_MEGABYTES)


if __name__ == "__main__":
    sys.exit(main())
