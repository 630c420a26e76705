"""Run every section and print its table; exits with 1 if a promise is not kept."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from relevo.quiet import silence_libraries

silence_libraries()

from rich.console import Console  # noqa: E402

from relevo.embedded_redis import EmbeddedRedis  # noqa: E402
from tests.bench import locks, plan, turns  # noqa: E402


def main() -> int:
    console = Console()
    with tempfile.TemporaryDirectory() as folder, EmbeddedRedis(Path(folder)) as server:
        kept = [section.run(server.url, console) for section in (turns, locks, plan)]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
