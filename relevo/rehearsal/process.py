"""Plays scenes: a process of its own, since it runs Rasa (`relevo.rehearsal.play` starts it).

Usage: `python -m relevo.rehearsal.process MODEL`; lines of `{"scene": …, "begins_at": seconds}` in at
standard input, a performance for each out at standard output, as soon as it is over.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from relevo.quiet import silence_libraries, silence_rasa

silence_libraries()

from actions.services import shared_services  # noqa: E402
from relevo.embedded_redis import EmbeddedRedis  # noqa: E402
from relevo.rehearsal.scenes import Scene  # noqa: E402
from relevo.rehearsal.stage import Stage  # noqa: E402


def main() -> None:
    """Play all scenes."""
    with _standard_output_for_results_alone() as results, tempfile.TemporaryDirectory() as folder:
        logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s", stream=sys.stderr)
        silence_rasa(logging.ERROR)
        for chatty in ("rasa_sdk", "relevo"):
            logging.getLogger(chatty).setLevel(logging.ERROR)
        with EmbeddedRedis(Path(folder), persistent=False, on_socket=True) as server:
            # Never the Redis that the environment names: every scene empties it.
            os.environ["REDIS_URL"] = server.url
            asyncio.run(_play(Path(sys.argv[1]), server.url, sys.stdin.buffer, results))


async def _play(model: Path, redis_url: str, lines: Iterable[bytes], results: BinaryIO) -> None:
    stage = Stage(model, redis_url, shared_services())
    for line in lines:
        task = json.loads(line)
        performance = await stage.play(Scene(**task["scene"]), task["begins_at"])
        results.write(json.dumps(performance.to_json()).encode() + b"\n")
        results.flush()


def _standard_output_for_results_alone() -> BinaryIO:
    """Standard output; what libraries print there goes to standard error from now on."""
    results = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return results


if __name__ == "__main__":
    main()
