"""The base of what visits conversations whose time has come: to send what waits in them, or to fetch it.

Any number may run; one holds the lease and works.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import redis.asyncio as redis

from relevo.sending.visits import Visits
from relevo.store.lease import Lease
from relevo.store.marks import Marks

LEASE_SECONDS = 5.0
WAIT_SECONDS = 1.0


class Visitor(ABC):
    """Visits in the order of the marks, some at a time."""

    logger: ClassVar[logging.Logger]

    def __init__(
        self, client: redis.Redis, key: str, marks: Marks, at_once: int, now: Callable[[], float]
    ) -> None:
        """`key` is that of the lease; `now` gives UTC epoch seconds."""
        self._lease = Lease(client, key, LEASE_SECONDS)
        self._marks = marks
        self._visits = Visits(self._visit, at_once)
        self._now = now

    async def run(self) -> None:
        """Visit until cancelled; what is unfinished is begun anew by whoever comes next."""
        try:
            while True:
                await self._round()
        finally:
            await self._visits.stop()
            await self._lease.release()

    async def visit_due(self) -> None:
        """Visit every conversation whose time has come, and return when that is done."""
        await self._begin_visits()
        await self._visits.finish()

    @abstractmethod
    async def _visit(self, conversation: str) -> None:
        """Do what is due in a conversation, and move its mark or forget it."""

    async def _pause(self) -> None:
        """Wait until there may be more to do."""
        await asyncio.sleep(WAIT_SECONDS)

    async def _round(self) -> None:
        try:
            if not await self._lease.take():
                await asyncio.sleep(WAIT_SECONDS)
                return
            async with self._lease.kept():
                await self._begin_visits()
                await self._pause()
        except redis.RedisError as error:
            self.logger.warning("Redis is away: %s", type(error).__name__)
            await asyncio.sleep(WAIT_SECONDS)

    async def _begin_visits(self) -> None:
        self._visits.begin(await self._marks.due(self._now(), self._visits.wanted))
