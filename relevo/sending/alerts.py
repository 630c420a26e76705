"""Alerts: what stops sending altogether, shown at the desk until it is over."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal

import redis.asyncio as redis

from relevo.store import keys

Trouble = Literal["token", "permission", "blocked", "spam", "mail_login", "mailbox_login"]


@dataclass(frozen=True)
class Alert:
    """Something that a person must mend. Times are UTC epoch seconds."""

    what: str
    """What is stopped: `whatsapp:N` for all that number N sends, `whatsapp:N:proactive` for part of it;
    `email:smtp` for letters, `email:imap` for reading them."""
    trouble: Trouble
    code: str
    """The network's error code."""
    since: float
    again_at: float
    """When sending is tried again; nobody need do anything then if it was mended elsewhere."""


class Alerts:
    """All present alerts."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    async def sound(self, alert: Alert) -> None:
        """Stop something until `again_at`; since when is kept if it is stopped already."""
        present = await self.of(alert.what)
        since = present.since if present else alert.since
        await self._redis.hset(keys.ALERTS, alert.what, json.dumps({**asdict(alert), "since": since}))
        if present is None:
            await self._tell("sending_stopped", alert.since)

    async def end(self, what: str, now: float) -> None:
        """It works again, or is to be tried at once."""
        if await self._redis.hdel(keys.ALERTS, what):
            await self._tell("sending_resumed", now)

    async def of(self, what: str) -> Alert | None:
        """The alert that stops something, if there is one."""
        kept = await self._redis.hget(keys.ALERTS, what)
        return Alert(**json.loads(kept)) if kept else None

    async def all(self) -> list[Alert]:
        """The oldest first."""
        kept = (await self._redis.hgetall(keys.ALERTS)).values()
        return sorted((Alert(**json.loads(text)) for text in kept), key=lambda alert: alert.since)

    async def _tell(self, kind: str, now: float) -> None:
        entry = {"kind": kind, "by": "clock", "at": repr(now)}
        await self._redis.xadd(keys.DESK_EVENTS, entry, maxlen=keys.MAX_DESK_EVENTS, approximate=True)
