"""What the clock does at each tick: a few duties, each of which finds what is due and does it once.

A duty that fails this time is tried again with the next tick, and keeps no other from its turn.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import redis.asyncio as redis

from relevo.cases.queue import CaseQueue
from relevo.clock.live_places import LivePlaces
from relevo.contained import contained
from relevo.follow_ups.keeping import Keeping
from relevo.letters import LetterWriter
from relevo.privacy.retention import tidy
from relevo.protocol import Protocol

logger = logging.getLogger("relevo.clock")


class Duty(NamedTuple):
    """Something that is due now and then; `do` takes the time, UTC epoch seconds."""

    name: str
    do: Callable[[float], Awaitable[object]]


class Duties:
    """All that the passing of time asks for."""

    def __init__(
        self,
        client: redis.Redis,
        protocol: Protocol,
        more: Sequence[Duty] = (),
        letters: LetterWriter | None = None,
    ) -> None:
        """`more`: duties besides, done after the others; `letters`: who writes by e-mail, if anybody."""
        self._client, self._retention = client, protocol.privacy.retention
        self._queue = CaseQueue(client, protocol)
        self.all: tuple[Duty, ...] = (
            Duty("follow-ups", Keeping(client, protocol, letters).see_to),
            Duty("targets", self._see_to_targets),
            Duty("silence", self._release_silent),
            Duty("waits", self._queue.tell_waits),
            Duty("quiet cases", self._queue.close_quiet),
            Duty("places", LivePlaces(client, self._queue, protocol).show),
            Duty("retention", self._tidy),
            *more,
        )

    async def do_all(self, now: float) -> None:
        """Do each in its turn."""
        for duty in self.all:
            try:
                with contained(duty.name):
                    await duty.do(now)
            except redis.RedisError as error:
                logger.warning("Redis is away: %s (%s)", type(error).__name__, duty.name)

    async def _see_to_targets(self, now: float) -> None:
        for case, due, _ in await self._queue.see_to_targets(now):
            logger.info("Case %s: %s is %s", case.folio, due.target.kind, due.step.when)

    async def _release_silent(self, now: float) -> None:
        for case in await self._queue.release_silent(now):
            logger.info("Case %s waits again: its person gave no sign", case.folio)

    async def _tidy(self, now: float) -> None:
        if erased := await tidy(self._client, self._queue, self._retention, now):
            logger.info("%d conversations are kept no longer", erased)
