"""Run the sections that are asked for, or all; exits with 1 if a promise is not kept."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from relevo.quiet import silence_libraries

silence_libraries()

from rich.console import Console  # noqa: E402

from relevo.embedded_redis import EmbeddedRedis  # noqa: E402
from tests.bench import (  # noqa: E402
    day,
    follow_ups,
    locks,
    plan,
    queue,
    streams,
    turns,
    understanding,
    webchat,
    webhooks,
)

SECTIONS = (
    *("turns", "locks", "plan", "queue", "follow_ups", "day"),
    *("streams", "webchat", "whatsapp", "understanding"),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}")
    parser.add_argument(
        "--utterances",
        type=int,
        default=understanding.UTTERANCES,
        help="of each topic and language, that the understanding is taught with",
    )
    asked = parser.parse_args()
    if set(asked.sections) - set(SECTIONS):
        parser.error(f"sections are {', '.join(SECTIONS)}")
    console = Console()
    with tempfile.TemporaryDirectory() as folder, EmbeddedRedis(Path(folder)) as server:
        runs = {
            "turns": lambda: turns.run(server.url, console),
            "locks": lambda: locks.run(server.url, console),
            "plan": lambda: plan.run(server.url, console),
            "day": lambda: day.run(server.url, console),
            "queue": lambda: queue.run(server.url, console),
            "follow_ups": lambda: follow_ups.run(server.url, console),
            "streams": lambda: streams.run(server.url, console),
            "webchat": lambda: webchat.run(server.url, console),
            "understanding": lambda: understanding.run(console, asked.utterances),
            "whatsapp": lambda: webhooks.run(console),
        }
        kept = [runs[section]() for section in asked.sections or SECTIONS]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
