"""How far a person's words have come: sent, delivered to the customer's browser, read.

A line of the transcript carries where it stands in the customer's stream, so that one receipt, up to a
position, tells of all lines at once; the page's script compares the positions as they come.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import redis.asyncio as redis

from relevo.store.keys import ConversationKeys
from relevo.store.out_stream import OutStream
from relevo.store.receipts import Receipt, Receipts, Seen
from relevo.store.transcript import TranscriptLine
from relevo.store.wakes import Wakes


@dataclass(frozen=True)
class Marks:
    """Where lines stand in the customer's stream, by the lines' keys, and what has been seen of it."""

    positions: dict[str, str]
    seen: Seen

    def position(self, line: TranscriptLine) -> str:
        """Where a line stands; "" if it is no person's, or too long ago to know."""
        return self.positions.get(line.key, "") if line.author == "agent" else ""

    def receipt(self, line: TranscriptLine) -> Receipt | None:
        """How far a line has come; None where nobody knows."""
        position = self.position(line)
        return self.seen.receipt(position) if position else None


async def read_marks(client: redis.Redis, conversation: str, lines: Sequence[TranscriptLine]) -> Marks:
    """The marks of some lines of a conversation."""
    keys = [line.key for line in lines if line.author == "agent" and line.key]
    positions = await OutStream(client, conversation).positions_of(keys)
    return Marks(positions, await Receipts(client, conversation).seen())


async def follow_seen(
    client: redis.Redis, wakes: Wakes, conversation: str, beat_seconds: float
) -> AsyncIterator[Seen]:
    """What has been seen of a conversation, if anything, and whenever that changes."""
    known = Seen()
    async with wakes.sleeper(ConversationKeys(conversation).receipts) as sleeper:
        while True:
            await sleeper.wait(beat_seconds)
            if (seen := await Receipts(client, conversation).seen()) != known:
                known = seen
                yield seen


def as_event(seen: Seen) -> str:
    """What the page's script is told."""
    return json.dumps({"delivered": seen.delivered, "read": seen.read})
