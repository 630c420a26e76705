"""Event streams: what happens in a conversation, to the browsers that have it open, from any position on.

An open stream costs a task and a position. A browser that doesn't take what it is sent is let go of: it comes
back with `Last-Event-ID` and misses nothing.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from contextlib import aclosing
from typing import Any

import redis.asyncio as redis
from sanic.request import Request

from relevo.cases.queue import CaseQueue
from relevo.channels.webchat.incoming import Refused
from relevo.protocol import Protocol
from relevo.store import live_entries
from relevo.store.out_feed import OutFeed
from relevo.store.out_stream import FROM_START, OutEntry, parse_position
from relevo.store.receipts import Receipts
from relevo.store.wakes import Wakes

BEAT_SECONDS = 15.0
"""A comment is sent after this long without an entry, so that nothing on the way takes the line for dead."""
SLOW_SECONDS = 20.0
"""A browser that has not taken anything for this long is let go of."""
MAX_OF_ONE = 20
"""Streams of one conversation on one server: a customer's tabs, not an attacker's thousands."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStreams:
    """The open streams of a server."""

    def __init__(self, client: redis.Redis, cases: CaseQueue, protocol: Protocol) -> None:
        self._redis = client
        self._cases = cases
        self._protocol = protocol
        self._wakes = Wakes(client)
        self._feed = OutFeed(client, self._wakes)
        self._open: Counter[str] = Counter()
        self._listening: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to hear what happens."""
        self._listening = asyncio.create_task(self._wakes.run())

    async def stop(self) -> None:
        """Hear nothing more."""
        if self._listening:
            self._listening.cancel()
            await asyncio.wait([self._listening])

    async def send(self, request: Request, conversation: str) -> None:
        """Send a conversation's entries until the browser goes.

        Raises:
            Refused: it has too many streams open.
        """
        if self._open[conversation] >= MAX_OF_ONE:
            raise Refused(429, "too_many", retry_seconds=int(BEAT_SECONDS))
        self._open[conversation] += 1
        try:
            await self._send(request, conversation)
        except asyncio.TimeoutError:
            request.transport.abort()
        finally:
            self._open[conversation] -= 1
            if not self._open[conversation]:
                del self._open[conversation]

    async def _send(self, request: Request, conversation: str) -> None:
        after = parse_position(request.headers.get("Last-Event-ID", "")) or FROM_START
        reply = await request.respond(content_type="text/event-stream", headers=HEADERS)
        await reply.send(": welcome\n\n")
        is_new = True
        async with aclosing(self._feed.follow(conversation, after, beat_seconds=BEAT_SECONDS)) as updates:
            async for entries in updates:
                has_caught_up, is_new = is_new and not entries, is_new and bool(entries)
                shown = await self._standing(conversation) if has_caught_up else entries
                await asyncio.wait_for(reply.send(_text(shown)), SLOW_SECONDS)
                await self._note_delivered(conversation, shown)

    async def _standing(self, conversation: str) -> list[OutEntry]:
        """How things stand, for a browser that has caught up with what was said."""
        seen = await Receipts(self._redis, conversation).seen()
        entries = [live_entries.read(seen.agent)] if seen.agent != FROM_START else []
        if self._protocol.company.hours.is_open(time.time()):
            entries += [
                live_entries.place(place.position, place.wait_seconds)
                for case in await self._cases.of_conversation(conversation)
                if case.kind == "hand_off" and (place := await self._cases.place(case))
            ]
        return [OutEntry("", entry) for entry in entries]

    async def _note_delivered(self, conversation: str, entries: list[OutEntry]) -> None:
        """Tell the desk that a person's words have come to the customer's browser."""
        of_people = [entry.position for entry in entries if entry.data.get("author") == "agent"]
        if of_people and of_people[-1]:
            await Receipts(self._redis, conversation).note_delivered(of_people[-1])


def _text(entries: list[OutEntry]) -> str:
    return "".join(map(_event, entries)) or ": beat\n\n"


def _event(entry: OutEntry) -> str:
    data: Any = json.dumps(entry.data)
    return f"id: {entry.position}\ndata: {data}\n\n" if entry.position else f"data: {data}\n\n"
