"""Who is at the desk: everyone whose desk is open gives a sign now and then; who gives none is gone."""

from __future__ import annotations

from dataclasses import dataclass

import redis.asyncio as redis

from relevo.cases.changes import script
from relevo.store import keys

_sign, _leave, _watch = script("sign"), script("leave"), script("watch")

GAP_SECONDS = 60.0
"""A longer pause of the clock is a gap: perhaps nobody could give a sign in it, as the store was away."""


@dataclass(frozen=True)
class Colleague:
    """Someone at the desk: display name, who that is in the roster (or ""), last sign (UTC epoch seconds)."""

    agent: str
    person: str
    last_sign: float


class Presence:
    """The signs of life of all who work at the desk."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    async def sign(
        self, agent: str, now: float, person: str = "", *, folio: str = "", lapses_at: float | None = None
    ) -> None:
        """A sign of life of someone whose desk is open.

        Args:
            folio: the case that they are working on, if they show that.
            lapses_at: by when they must give the next sign there.
        """
        names = [keys.PRESENT, keys.PERSONS, keys.case(folio), keys.LAPSES]
        by_when = "" if lapses_at is None else lapses_at
        await _sign(self._redis, names, [agent, now, person, folio, by_when])

    async def colleagues(self) -> list[Colleague]:
        """Everyone who gave a sign and is not gone, the latest sign first."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.zrevrange(keys.PRESENT, 0, -1, withscores=True)
            pipeline.hgetall(keys.PERSONS)
            signs, persons = await pipeline.execute()
        return [Colleague(agent, persons.get(agent, ""), sign) for agent, sign in signs]

    async def vanished(self, last_sign: float, limit: int) -> list[str]:
        """Display names of those whose last sign is not later than that, the earliest first."""
        found = await self._redis.zrangebyscore(keys.PRESENT, "-inf", last_sign, start=0, num=limit)
        return list(found)

    async def leave(self, agent: str, last_sign: float) -> None:
        """Forget someone unless they have given a later sign meanwhile."""
        await _leave(self._redis, [keys.PRESENT, keys.PERSONS], [last_sign, agent])

    async def watched_since(self, now: float) -> float:
        """Note that the clock watches, and since when it has without a gap."""
        return float(await _watch(self._redis, [keys.WATCH], [now, GAP_SECONDS]))
