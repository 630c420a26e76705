"""What is known of a conversation's lines besides their words: receipts, and files that a messenger keeps.

A line of the transcript carries where it stands in the customer's stream, so that one receipt, up to a
position, tells of all lines at once; the page's script compares the positions as they come. On a messenger
each line has a tick of its own, by its key, and a file its messenger's id.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

import redis.asyncio as redis

from relevo.sending.ticks import Tick, Ticks
from relevo.store.keys import ConversationKeys
from relevo.store.out_stream import OutStream
from relevo.store.receipts import Receipt, Receipts, Seen
from relevo.store.remote_files import RemoteFile, RemoteFiles
from relevo.store.transcript import TranscriptLine
from relevo.store.wakes import Wakes


@dataclass(frozen=True)
class Known:
    """What has been seen of a conversation, ticks by the keys of lines, files by their messenger's ids."""

    seen: Seen = field(default_factory=Seen)
    ticks: Mapping[str, Tick] = field(default_factory=dict)
    files: Mapping[str, RemoteFile] = field(default_factory=dict)

    def since(self, earlier: Known) -> Known:
        """What of it is new."""
        ticks = {key: tick for key, tick in self.ticks.items() if earlier.ticks.get(key) != tick}
        files = {name: file for name, file in self.files.items() if earlier.files.get(name) != file}
        return Known(self.seen, ticks, files)


@dataclass(frozen=True)
class Marks:
    """Where lines stand in the customer's stream, by the lines' keys, and what is known besides."""

    positions: dict[str, str]
    known: Known

    def position(self, line: TranscriptLine) -> str:
        """Where a line stands; "" if it is no person's, or too long ago to know."""
        return self.positions.get(line.key, "") if line.author == "agent" else ""

    def receipt(self, line: TranscriptLine) -> Receipt | None:
        """How far a line has come; None where nobody knows."""
        position = self.position(line)
        return self.known.seen.receipt(position) if position else None

    def tick(self, line: TranscriptLine) -> Tick | None:
        """How far a line has come on a messenger; None where nobody knows, or not yet."""
        return self.known.ticks.get(line.key)

    def file(self, line: TranscriptLine) -> RemoteFile | None:
        """The file that came with a line by a messenger; None if there is none, or not any more."""
        return self.known.files.get(line.remote_file)


async def read_marks(client: redis.Redis, conversation: str, lines: Sequence[TranscriptLine]) -> Marks:
    """The marks of some lines of a conversation."""
    keys = [line.key for line in lines if line.author == "agent" and line.key]
    positions = await OutStream(client, conversation).positions_of(keys)
    return Marks(positions, await _read(client, conversation))


async def follow_known(
    client: redis.Redis, wakes: Wakes, conversation: str, beat_seconds: float
) -> AsyncIterator[Known]:
    """What is known of a conversation, if anything, and whenever that changes what of it is new."""
    known = Known()
    async with wakes.sleeper(ConversationKeys(conversation).receipts) as sleeper:
        while True:
            await sleeper.wait(beat_seconds)
            before, known = known, await _read(client, conversation)
            if known != before:
                yield known.since(before)


async def _read(client: redis.Redis, conversation: str) -> Known:
    return Known(
        await Receipts(client, conversation).seen(),
        await Ticks(client).all(conversation),
        await RemoteFiles(client).all(conversation),
    )


def as_event(seen: Seen) -> str:
    """What the page's script is told."""
    return json.dumps({"delivered": seen.delivered, "read": seen.read})
