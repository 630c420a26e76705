"""Where reports are printed."""

from __future__ import annotations

import sys

from rich.console import Console

WIDTH_ELSEWHERE = 140


def console() -> Console:
    """Standard output: as wide as its terminal, and wide enough for tables in a file or another program."""
    return Console() if sys.stdout.isatty() else Console(width=WIDTH_ELSEWHERE)
