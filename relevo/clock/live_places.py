"""Shows customers who wait where they stand, whenever that changes; without words, on pages that are open."""

from __future__ import annotations

import redis.asyncio as redis

from relevo.cases.queue import CaseQueue
from relevo.protocol import Protocol
from relevo.store import live_entries
from relevo.store.out_stream import OutStream

MAX_SHOWN = 200
"""Of each line; further back a place is no comfort."""


class LivePlaces:
    """Remembers which places were shown; another clock that takes over shows all of them once more."""

    def __init__(self, client: redis.Redis, queue: CaseQueue, protocol: Protocol) -> None:
        self._redis = client
        self._queue = queue
        self._protocol = protocol
        self._shown: dict[str, live_entries.Entry] = {}

    async def show(self, now: float) -> int:
        """Show the places that have changed since the last time, while people are at work; how many.

        Args:
            now: UTC epoch seconds.
        """
        if not self._protocol.company.hours.is_open(now):
            return 0
        places = await self._queue.places(self._protocol.roster.areas, MAX_SHOWN)
        entries = {
            folio: live_entries.place(place.position, place.wait_seconds) for folio, place in places.items()
        }
        cases = await self._queue.read(folio for folio in entries if self._shown.get(folio) != entries[folio])
        # Who filed something does not sit waiting for it.
        waited_for = [case for case in cases if case.kind == "hand_off"]
        for case in waited_for:
            await OutStream(self._redis, case.conversation).show(entries[case.folio])
        self._shown = entries
        return len(waited_for)
