"""The agenda: what has been promised, what has fallen due, what has been kept.

Each change is one Lua script and tells the desk's stream of events in the same step. Keys that a script
needs but that depend on what Redis holds (the follow-up that is replaced, those that are ripe) are read
first, and the script checks that they still hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path

import redis.asyncio as redis

from relevo.errors import RelevoError
from relevo.follow_ups.follow_up import FollowUp, Method, State
from relevo.store import keys
from relevo.store.connection import Script
from relevo.store.notifications import LIMITS, NOTIFY, keys_to_notify, matter_of
from relevo.store.outbox import Event, OutboxMessage, OutboxWriter

BATCH = 100
"""Follow-ups moved by one script: a long one would hold up every other client."""
CUSTOMER = "customer"
CLOCK = "clock"
FOLLOW_UP = "follow_up:"
"""How a follow-up stands in `promise_records`."""

_book = Script(Path(__file__).with_name("book_follow_up.lua"))
_end = Script(Path(__file__).with_name("end_follow_up.lua"))
_fall_due = Script(Path(__file__).with_name("fall_due.lua"))
_retry = Script(Path(__file__).with_name("retry_follow_up.lua"))
_miss = Script(NOTIFY, Path(__file__).with_name("miss_follow_up.lua"))
_LISTS = [
    *(keys.FOLLOW_UPS_BOOKED, keys.FOLLOW_UPS_DUE, keys.FOLLOW_UPS_KEEP_BY, keys.FOLLOW_UPS_TO_WRITE),
    keys.DESK_EVENTS,
]


class FolioTaken(RelevoError):
    """Another follow-up has this folio: draw a new one and book again."""


class UnknownFollowUp(RelevoError):
    """No follow-up has this folio."""


class FollowUpCancelled(RelevoError):
    """The follow-up was cancelled: the customer is no longer to be contacted for it."""


class NotDue(RelevoError):
    """The follow-up is booked for later by now, or has ended: nobody can have been tried for it."""


class Agenda:
    """The follow-ups of the whole company. A follow-up is pending while it is booked or due."""

    def __init__(self, client: redis.Redis, kept_seconds: int = keys.CLOSED_CASE_SECONDS) -> None:
        """`kept_seconds`: how long a follow-up is kept after its end."""
        self._client, self._kept_seconds = client, kept_seconds

    async def book(self, follow_up: FollowUp, by: str = CUSTOMER) -> FollowUp:
        """Book a follow-up in place of its conversation's pending one, if there is one.

        Returns the follow-up as it is kept: for a cause that has booked before, that earlier one.

        Raises:
            FolioTaken: the folio belongs to another follow-up.
        """
        while True:
            outcome, folio = await self._try_to_book(follow_up, by)
            if outcome == "taken":
                raise FolioTaken(f"the folio {folio} is taken; draw a new one")
            if outcome != "stale":
                return await self.get(folio) or follow_up

    async def cancel_for(self, conversation: str, now: float, cause: str = "") -> FollowUp | None:
        """Cancel the conversation's pending follow-up for its customer and return it; None if there is none.

        Args:
            cause: id of what cancels it; for a repeat, what the same cause has cancelled is returned.
        """
        if cause and (cancelled := await self._cancelled_by(conversation, cause)):
            return cancelled
        pending = await self.booked_for(conversation)
        if pending is None:
            return None
        await self._finish(pending, "cancelled", CUSTOMER, now, cause=cause)
        ended = await self.get(pending.folio)
        return ended if ended and ended.state == "cancelled" else None

    async def complete(
        self, folio: str, by: str, now: float, message: OutboxMessage | None = None
    ) -> FollowUp:
        """Note that the customer was contacted; a repeat changes nothing.

        Args:
            message: what the customer is sent in the same step.
        Raises:
            UnknownFollowUp: there is none with this folio.
            FollowUpCancelled: it was cancelled before.
        """
        follow_up = await self._known(folio)
        if await self._finish(follow_up, "done", by, now, message=_kept(message)) == "cancelled":
            raise FollowUpCancelled(f"the follow-up {folio} was cancelled")
        return await self.get(folio) or follow_up

    async def retry(
        self,
        folio: str,
        attempt: int,
        by: str,
        now: float,
        *,
        next_at: float | None,
        says: Iterable[Event] = (),
    ) -> FollowUp:
        """Note that the customer did not answer; a repeat with the same `attempt` changes nothing.

        Args:
            attempt: which one has failed, counted from 1.
            next_at: when they are tried again; None leaves them unreached.
            says: what they are sent in the same step.
        Raises:
            UnknownFollowUp: there is none with this folio.
            NotDue: it is not due (any more).
        """
        follow_up = await self._known(folio)
        message = _kept(self.message(follow_up, says, f"follow_up:{folio}:{attempt}", now))
        due_again = "" if next_at is None else repr(next_at)
        outcome = await _retry(
            self._client,
            [keys.follow_up(folio), keys.follow_up_of(follow_up.conversation), *_LISTS, keys.OUTBOX],
            [
                *(folio, follow_up.conversation, attempt, due_again, repr(now), by),
                *(self._kept_seconds, keys.MAX_DESK_EVENTS, *message),
            ],
        )
        if outcome == "not_due":
            raise NotDue(f"the follow-up {folio} is not due")
        return await self._known(folio)

    async def fall_due(
        self,
        now: float,
        keep_by: Callable[[float], float | None] = lambda due_at: None,
        begun: Iterable[Method] = ("chat",),
    ) -> list[FollowUp]:
        """Move what is ripe at `now` from booked to due, and return what this call moved, in order of time.

        Each follow-up is returned by one call only. A caller that may die before it has acted on one should
        go by `due` and `to_write`, where it stays until it ends.

        Args:
            keep_by: when one that is due at a time counts as missed; None for never.
            begun: the ways of contact in which the assistant writes first.
        """
        methods = "".join(f" {method} " for method in begun)
        fell_due: list[FollowUp] = []
        while True:
            ripe = await self._client.zrangebyscore(
                keys.FOLLOW_UPS_BOOKED, "-inf", now, start=0, num=BATCH, withscores=True
            )
            if not ripe:
                return fell_due
            seen = [(folio, repr(due_at), _or_never(keep_by(due_at))) for folio, due_at in ripe]
            moved = await _fall_due(
                self._client,
                [*_LISTS, *(keys.follow_up(folio) for folio, _ in ripe)],
                [now, CLOCK, keys.MAX_DESK_EVENTS, methods, *chain.from_iterable(seen)],
            )
            fell_due += await self._read(moved)

    async def miss(self, follow_up: FollowUp, told: str, next_at: float | None, now: float) -> bool:
        """Note that a follow-up was not kept and who is told; whether it was this call that noted it.

        Args:
            follow_up: as it was read: with the steps that were taken before.
            next_at: when the next one above is told; None if nobody is.
        """
        folio, step, next_step = follow_up.folio, follow_up.escalations + 1, _or_never(next_at)
        names = [keys.follow_up(folio), keys.FOLLOW_UPS_KEEP_BY, keys.DESK_EVENTS, *keys_to_notify(told)]
        notification = [matter_of("follow_up", folio), *LIMITS]
        noted = [folio, step, told, next_step, repr(now), CLOCK, keys.MAX_DESK_EVENTS]
        return bool(await _miss(self._client, names, [*noted, *notification]))

    async def unkept(self, now: float) -> list[FollowUp]:
        """Due ones whose time to be kept has passed at `now`, the longest first."""
        folios = await self._client.zrangebyscore(keys.FOLLOW_UPS_KEEP_BY, "-inf", now, start=0, num=BATCH)
        return await self._read(folios)

    async def to_write(self) -> list[FollowUp]:
        """Due ones that the assistant begins and has not begun."""
        return await self._read(await self._client.zrange(keys.FOLLOW_UPS_TO_WRITE, 0, BATCH - 1))

    async def get(self, folio: str) -> FollowUp | None:
        """The follow-up with this folio, whatever its state."""
        values = await self._client.hgetall(keys.follow_up(folio))
        return FollowUp.from_hash(values) if values else None

    async def booked_for(self, conversation: str) -> FollowUp | None:
        """The conversation's pending follow-up."""
        folio = await self._client.get(keys.follow_up_of(conversation))
        follow_up = await self.get(folio) if folio else None
        return follow_up if follow_up and follow_up.is_pending else None

    async def due(self, limit: int = BATCH) -> list[FollowUp]:
        """Those that fell due and are not done, the longest due first."""
        folios = await self._client.zrange(keys.FOLLOW_UPS_DUE, 0, limit - 1) if limit > 0 else []
        return [follow_up for follow_up in await self._read(folios) if follow_up.state == "due"]

    async def upcoming(self, limit: int = BATCH) -> list[FollowUp]:
        """Those that are booked, the next one first."""
        folios = await self._client.zrange(keys.FOLLOW_UPS_BOOKED, 0, limit - 1) if limit > 0 else []
        return [follow_up for follow_up in await self._read(folios) if follow_up.state == "booked"]

    async def _try_to_book(self, follow_up: FollowUp, by: str) -> tuple[str, str]:
        """One run of the script: its outcome, and the folio that it is about."""
        pending_key = keys.follow_up_of(follow_up.conversation)
        earlier = await self._client.get(pending_key) or ""
        own_keys = [keys.follow_up(follow_up.folio), keys.follow_up_by(follow_up.cause), pending_key]
        names = [follow_up.folio, earlier, follow_up.conversation]
        times = [repr(follow_up.due_at), repr(follow_up.created_at)]
        lives = [keys.CAUSE_SECONDS, self._kept_seconds, keys.MAX_DESK_EVENTS, keys.RECORDS_SECONDS]
        outcome, folio = await _book(
            self._client,
            [*own_keys, *_LISTS, keys.follow_up(earlier or follow_up.folio), *promise_records(follow_up)],
            [*names, *times, by, *lives, *chain.from_iterable(follow_up.to_hash().items())],
        )
        return outcome, folio

    async def _cancelled_by(self, conversation: str, cause: str) -> FollowUp | None:
        """What a cause has cancelled in its conversation."""
        records = await self._client.zrevrange(keys.records_of(keys.digest_of(conversation)), 0, BATCH - 1)
        folios = [name.removeprefix(FOLLOW_UP) for name in records if name.startswith(FOLLOW_UP)]
        return next((known for known in await self._read(folios) if known.cancelled_by == cause), None)

    async def _finish(
        self,
        follow_up: FollowUp,
        state: State,
        by: str,
        now: float,
        *,
        message: tuple[str, str] = ("", ""),
        cause: str = "",
    ) -> str:
        """End a follow-up; returns the state in which it has ended, which may have come before."""
        folio, conversation = follow_up.folio, follow_up.conversation
        return str(
            await _end(
                self._client,
                [keys.follow_up(folio), keys.follow_up_of(conversation), *_LISTS, keys.OUTBOX],
                [
                    *(folio, conversation, state, repr(now), by),
                    *(self._kept_seconds, keys.MAX_DESK_EVENTS, *message, cause),
                ],
            )
        )

    async def _known(self, folio: str) -> FollowUp:
        follow_up = await self.get(folio)
        if follow_up is None:
            raise UnknownFollowUp(f"there is no follow-up {folio}")
        return follow_up

    @staticmethod
    def message(
        follow_up: FollowUp, events: Iterable[Event], message_id: str, now: float
    ) -> OutboxMessage | None:
        """The message of some events to a follow-up's conversation; None for no events."""
        said = list(events)
        writer = OutboxWriter(follow_up.conversation, follow_up.channel)
        return writer.message(said, message_id, now=now) if said else None

    async def _read(self, folios: Iterable[str]) -> list[FollowUp]:
        async with self._client.pipeline(transaction=False) as pipeline:
            for folio in folios:
                pipeline.hgetall(keys.follow_up(folio))
            hashes = await pipeline.execute()
        return [FollowUp.from_hash(values) for values in hashes if values]


def _kept(message: OutboxMessage | None) -> tuple[str, str]:
    """The id and the JSON of a message; empty ones for none."""
    return (message.id, message.to_json()) if message else ("", "")


def _or_never(instant: float | None) -> str:
    return "" if instant is None else repr(instant)


def promise_records(follow_up: FollowUp) -> list[str]:
    """The keys by which a customer's follow-ups are found: by conversation and by contact."""
    customer = (follow_up.conversation, follow_up.contact or follow_up.conversation)
    return [keys.records_of(keys.digest_of(who)) for who in customer]
