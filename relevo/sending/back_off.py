"""How long to wait after a failed try, before the next."""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 600.0


def back_off_seconds(tries: int, jitter: Callable[[], float] = random.random) -> float:
    """Twice as long each time; the jitter keeps those that failed together from coming together.

    Args:
        tries: how many have failed before.
        jitter: gives numbers from 0 to 1.
    """
    longest = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0**tries)
    return longest * (0.5 + jitter() / 2)
