"""What an open page is told once and nobody keeps: that somebody types, has read, where the customer stands.

The entries of a conversation's stream are described in `relevo.channels.webchat.events`.
"""

from __future__ import annotations

from typing import Any, Literal

SECONDS_PER_MINUTE = 60

Entry = dict[str, Any]


def typing(author: Literal["bot", "agent"]) -> Entry:
    """Somebody is writing an answer."""
    return {"type": "typing", "author": author}


def read(position: str) -> Entry:
    """A person has read all up to a position."""
    return {"type": "read", "position": position}


def place(position: int, wait_seconds: float | None) -> Entry:
    """The place in line, 1 is next, and about how long it takes; None if nobody knows."""
    minutes = None if wait_seconds is None else max(1, round(wait_seconds / SECONDS_PER_MINUTE))
    return {"type": "place", "position": position, "wait_minutes": minutes}
