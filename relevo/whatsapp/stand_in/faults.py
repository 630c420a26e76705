"""Faults on demand: how the next answers go wrong."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

from relevo.whatsapp.stand_in.errors import KNOWN

Kind = Literal["error", "late_error", "latency", "closed", "answer_lost", "media_expired", "media_damaged"]
OF_MEDIA: frozenset[Kind] = frozenset({"media_expired", "media_damaged"})
"""These go wrong with the next downloads, the others with the next messages."""
LONGEST_LATENCY_SECONDS = 60.0
MAX_SCRIPTED = 1_000


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request.

    `error`: it is refused with `code`. `late_error`: it is taken, and fails later with `code`. `latency`: the
    answer takes `seconds`. `closed`: the connection is closed before any work. `answer_lost`: the work is
    done, and the connection closed instead of an answer. `media_expired`: the address of a file is no longer
    good. `media_damaged`: what comes is not what was announced.
    """

    kind: Kind
    code: int = 131016
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Raises ValueError for a code that is not known, or a wait that is too long."""
        if self.code not in KNOWN:
            raise ValueError(f"{self.code} is not an error of the Graph API")
        if not 0 <= self.seconds <= LONGEST_LATENCY_SECONDS:
            raise ValueError(f"an answer takes at most {LONGEST_LATENCY_SECONDS:.0f} seconds")


class Faults:
    """Faults that wait for the next requests, in order."""

    def __init__(self) -> None:
        self._waiting: deque[Fault] = deque()

    def script(self, fault: Fault, times: int = 1) -> None:
        """Let the next `times` messages have this fault, after those that wait already.

        Raises:
            ValueError: too many would wait.
        """
        if not 1 <= times <= MAX_SCRIPTED - len(self._waiting):
            raise ValueError(f"at most {MAX_SCRIPTED} faults wait at once")
        self._waiting.extend([fault] * times)

    def next(self) -> Fault | None:
        """The fault of the present request."""
        return self._waiting.popleft() if self._waiting else None

    def clear(self) -> None:
        self._waiting.clear()

    def __len__(self) -> int:
        return len(self._waiting)
