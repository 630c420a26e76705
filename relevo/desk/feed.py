"""The live feed: one reader of the desk's event stream, which wakes every page that is looking.

One connection to Redis serves all browsers of a process. Woken pages read again what they show, so an event
carries nothing, and several in a row wake once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterator, Set
from contextlib import contextmanager, suppress

import redis.asyncio as redis
from redis.exceptions import RedisError

from relevo.store.keys import DESK_EVENTS

BLOCK_SECONDS = 5.0
RETRY_SECONDS = 1.0
NAMES = ("folio", "conversation", "contact")
"""What an event may be about; the contact as a digest."""

logger = logging.getLogger(__name__)


class Subscription:
    """One page that wants to be woken, by any change or by those that are about certain things.

    `about` holds folios, conversations and digests of contacts, as events name them; None stands for
    everything. What a page looks at may change while it is open.
    """

    def __init__(self, about: Collection[str] | None) -> None:
        self.about = about
        self._changed = asyncio.Event()

    def wake(self) -> None:
        self._changed.set()

    async def wait(self, seconds: float) -> bool:
        """Sleep until something changed, `seconds` at most; whether it did."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)
        changed = self._changed.is_set()
        self._changed.clear()
        return changed


class DeskFeed:
    """Reads `DESK_EVENTS` from now on, as long as `run` runs."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client
        self._subscriptions: set[Subscription] = set()
        self._position: str | None = None
        self._is_down = False

    @contextmanager
    def subscribe(self, about: Collection[str] | None = None) -> Iterator[Subscription]:
        """A subscription for the length of the block."""
        subscription = Subscription(about)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    async def run(self) -> None:
        """Read and wake until cancelled; an outage of Redis is waited out."""
        while True:
            try:
                await self._read_on()
            except RedisError as error:
                self._note_outage(error)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                self._note_recovery()

    async def _read_on(self) -> None:
        if self._position is None:
            last = await self._redis.xrevrange(DESK_EVENTS, count=1)
            self._position = last[0][0] if last else "0-0"
        replies = await self._redis.xread({DESK_EVENTS: self._position}, block=int(BLOCK_SECONDS * 1000))
        for _, entries in replies:
            for position, fields in entries:
                self._position = position
                self._wake({fields.get(name, "") for name in NAMES})

    def _note_outage(self, error: RedisError) -> None:
        if not self._is_down:
            logger.warning("The desk's events can't be read (%s); trying on.", type(error).__name__)
        self._is_down = True

    def _note_recovery(self) -> None:
        if self._is_down:
            logger.warning("The desk's events can be read again.")
            self._wake(None)
        self._is_down = False

    def _wake(self, names: Set[str] | None) -> None:
        """Wake those who look at one of these or at all; with None (something may be missed) everyone."""
        for subscription in self._subscriptions:
            if names is None or subscription.about is None or not names.isdisjoint(subscription.about):
                subscription.wake()
