"""What could not be delivered: kept with its reason until a person at the desk has seen to it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

import redis.asyncio as redis

from relevo.sending.carrier import Reason
from relevo.sending.outgoing import Outgoing, OutgoingQueue
from relevo.store import keys
from relevo.store.connection import Script

SHOWN = 200
"""Entries that the desk shows at once."""

_add = Script(Path(__file__).with_name("add_undelivered.lua"))
_settle = Script(Path(__file__).with_name("settle_undelivered.lua"))


@dataclass(frozen=True)
class Undeliverable:
    """One message that did not reach its customer."""

    id: str
    conversation: str
    channel: str
    reason: str
    """A `Reason`, as the desk's locale files name it."""
    message: str = field(repr=False)
    """As it waited, by which it can be tried again."""
    text: str = field(default="", repr=False)
    code: str = ""
    """What the network said, or our own server."""
    source: Literal["outgoing", "outbox"] = "outgoing"
    """The queue in which it waited."""
    at: str = "0"
    """When, UTC epoch seconds."""
    position: str = ""

    @classmethod
    def from_fields(cls, position: str, fields: dict[str, str]) -> Undeliverable:
        """The entry at a position of the stream; one of an earlier version has fewer fields."""
        names = ("id", "conversation", "channel", "reason", "message")
        known = {name: fields.get(name, "") for name in names}
        more = {name: fields[name] for name in ("text", "code", "source", "at") if name in fields}
        if known["reason"] not in get_args(Reason):
            more = {**more, "code": known["reason"], "source": "outbox"}
            known = {**known, "reason": "bot_refused"}
        return cls(**known, **more, position=position)  # type: ignore[arg-type]

    @classmethod
    def of(cls, message: Outgoing, reason: str, code: str, now: float) -> Undeliverable:
        """The entry of a message that was refused."""
        return cls(
            id=message.id,
            conversation=message.conversation,
            channel=message.channel,
            reason=reason,
            message=message.to_json(),
            text=message.text,
            code=code,
            at=repr(now),
        )


class Undelivered:
    """All that waits for a person."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client
        self._queue = OutgoingQueue(client)

    async def add(self, entry: Undeliverable) -> None:
        """Keep an entry; one whose id is there stays as it is."""
        kept = asdict(entry)
        del kept["position"]
        pairs = [text for pair in kept.items() for text in pair]
        limits = [keys.MAX_UNDELIVERED, keys.MAX_DESK_EVENTS]
        await _add(self._redis, [keys.UNDELIVERED, keys.DESK_EVENTS], [*limits, entry.at, *pairs])

    async def all(self) -> list[Undeliverable]:
        """The newest entries first."""
        entries = await self._redis.xrevrange(keys.UNDELIVERED, count=SHOWN)
        return [Undeliverable.from_fields(position, fields) for position, fields in entries]

    async def count(self) -> int:
        """How many there are."""
        return int(await self._redis.xlen(keys.UNDELIVERED))

    async def get(self, position: str) -> Undeliverable | None:
        """The entry at a position; None if a person has seen to it."""
        entries = await self._redis.xrange(keys.UNDELIVERED, position, position)
        return Undeliverable.from_fields(*entries[0]) if entries else None

    async def settle(self, position: str, by: str, now: float) -> bool:
        """A person has seen to it; False if somebody had before."""
        return await self._take_out(position, "undelivered_settled", by, now)

    async def retry(self, position: str, by: str, now: float) -> bool:
        """Put it back into its queue; False if somebody has seen to it before."""
        entry = await self.get(position)
        if entry is None:
            return False
        kind = "undelivered_retried"
        if entry.source == "outbox":
            return await self._take_out(position, kind, by, now, (entry.id, entry.message))
        # Under another id, since its own is known; the same one if the form is sent twice.
        again = replace(Outgoing.from_json(entry.message), id=f"{entry.id}+{position}")
        await self._queue.add([again], now)
        return await self._take_out(position, kind, by, now)

    async def _take_out(
        self, position: str, kind: str, by: str, now: float, to_outbox: tuple[str, str] = ("", "")
    ) -> bool:
        arguments = [position, kind, by, repr(now), keys.MAX_DESK_EVENTS, *to_outbox]
        return bool(await _settle(self._redis, [keys.UNDELIVERED, keys.DESK_EVENTS, keys.OUTBOX], arguments))
