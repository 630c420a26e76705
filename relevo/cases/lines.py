"""The lines of all areas as they stand: who waits where, how long it takes, who has what."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import redis.asyncio as redis

from relevo.cases.case import Case
from relevo.cases.changes import read_case, read_cases, score_of
from relevo.store import keys
from relevo.store.confirmed_contacts import ConfirmedContacts

MAX_HISTORY = 500


@dataclass(frozen=True)
class Place:
    """Where a case stands in its line: 1 is next. The wait is in seconds, None if not known yet."""

    position: int
    wait_seconds: float | None


@dataclass(frozen=True)
class Happening:
    """One entry of a case's history; `details` holds what belongs to its kind (note, area, reason, …)."""

    kind: str
    at: float
    by: str
    details: Mapping[str, str]


class Lines:
    """Reads cases; changes nothing."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    async def get(self, folio: str) -> Case:
        """The case with this folio.

        Raises:
            UnknownCase: there is none.
        """
        return await read_case(self._redis, folio)

    async def open_cases(self) -> list[Case]:
        """All cases that a person must see to: waiting ones in the order of their lines, then the others."""
        return _in_order(await self.read(await self._redis.smembers(keys.OPEN_CASES)))

    async def waiting(self, areas: Iterable[str], limit: int) -> list[Case]:
        """The first cases of some areas' lines, `limit` of each at most, in the order of the lines."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for area in areas:
                pipeline.zrange(keys.waiting(area), 0, limit - 1)
            lines = await pipeline.execute()
        return _in_order(await self.read(folio for line in lines for folio in line))

    async def count_waiting(self, areas: Iterable[str]) -> int:
        """How many cases wait in some areas."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for area in areas:
                pipeline.zcard(keys.waiting(area))
            return sum(await pipeline.execute())

    async def taken(self, limit: int) -> list[Case]:
        """The cases that people have, those taken last first, `limit` at most."""
        return await self.read(await self._redis.zrevrange(keys.CLAIMED_CASES, 0, limit - 1))

    async def count_taken(self) -> int:
        """How many cases people have."""
        return int(await self._redis.zcard(keys.CLAIMED_CASES))

    async def count_open(self) -> int:
        """How many cases a person must see to."""
        return int(await self._redis.scard(keys.OPEN_CASES))

    async def load_of(self, agents: Iterable[str]) -> dict[str, int]:
        """How many cases each of some people has in hand."""
        names = list(agents)
        async with self._redis.pipeline(transaction=False) as pipeline:
            for agent in names:
                pipeline.scard(keys.in_hand(agent))
            return dict(zip(names, await pipeline.execute(), strict=True))

    async def places(self, areas: Iterable[str], limit: int) -> dict[str, Place]:
        """Where the first cases of some areas' lines stand, `limit` of each at most, by their folios."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for area in areas:
                pipeline.zrange(keys.waiting(area), 0, limit - 1)
                pipeline.lrange(keys.waits(area), 0, -1)
            found = await pipeline.execute()
        lines, waits = found[::2], found[1::2]
        return {
            folio: _place(rank, last_waits)
            for line, last_waits in zip(lines, waits, strict=True)
            for rank, folio in enumerate(line)
        }

    async def place(self, case: Case) -> Place | None:
        """Where a waiting case stands; None once it is claimed or closed.

        The wait is the median of the area's last waits per place in line, times the place: it follows the
        area's present pace and is not upset by one long case. Only first waits count, not those of cases that
        came back. Unknown until a case has been claimed there.
        """
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.zrank(keys.waiting(case.area), case.folio)
            pipeline.lrange(keys.waits(case.area), 0, -1)
            rank, waits = await pipeline.execute()
        return None if rank is None else _place(rank, waits)

    async def history(self, folio: str) -> list[Happening]:
        """What happened to a case, oldest first; of a very long history its end."""
        entries = await self._redis.xrevrange(keys.history(folio), count=MAX_HISTORY)
        return [_happening(fields) for _, fields in reversed(entries)]

    async def of_conversation(self, conversation: str) -> list[Case]:
        """The conversation's cases that are not closed, oldest first."""
        return await self.of_conversations([conversation])

    async def of_conversations(self, conversations: Sequence[str]) -> list[Case]:
        """The cases of some conversations that are not closed, oldest first."""
        if not conversations:
            return []
        sets = [keys.cases_of(keys.digest_of(conversation)) for conversation in conversations]
        folios = map(str, await self._redis.sunion(sets))
        cases = [case for case in await self.read(folios) if case.conversation in conversations]
        return sorted(cases, key=lambda case: (case.opened_at, case.folio))

    async def of_same_customer(self, case: Case) -> list[Case]:
        """Other cases of a case's customer that are not closed, oldest first.

        They are of its conversation, or of one that a confirmed contact links with it.
        """
        linked = await ConfirmedContacts(self._redis).linked(case.conversation)
        cases = await self.of_conversations([case.conversation, *linked])
        return [other for other in cases if other.folio != case.folio]

    async def read(self, folios: Iterable[str]) -> list[Case]:
        """The cases with these folios; those that don't exist are left out."""
        return await read_cases(self._redis, folios)


def _place(rank: int, last_waits: list[str]) -> Place:
    """The place of a rank, where cases last waited so many seconds per place."""
    wait_seconds = statistics.median(map(float, last_waits)) * (rank + 1) if last_waits else None
    return Place(rank + 1, wait_seconds)


def _in_order(cases: list[Case]) -> list[Case]:
    return sorted(cases, key=lambda case: (case.state != "waiting", score_of(case), case.folio))


def _happening(fields: dict[str, str]) -> Happening:
    details = {name: value for name, value in fields.items() if name not in ("kind", "at", "by") and value}
    return Happening(fields["kind"], float(fields["at"]), fields["by"], details)
