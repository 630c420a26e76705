"""What people of the roster are told when something is late, until they have seen to it.

The scripts that escalate a case or a promise put a notification down in the same step
(`notify_person.lua`); the desk shows them to whoever is signed in as that person.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import redis.asyncio as redis

from relevo.store import keys
from relevo.store.connection import Script

About = Literal["case", "follow_up"]

SHOWN = 100
"""Notifications of one person that the desk shows at once."""
NOTIFY = Path(__file__).with_name("notify_person.lua")
"""Stands before a script that tells somebody something."""
LIMITS = (keys.NOTIFICATION_SECONDS, keys.MAX_NOTIFICATIONS)

_acknowledge = Script(Path(__file__).with_name("acknowledge_notification.lua"))


class Notification(NamedTuple):
    """That a person was told of a case or a follow-up.

    Attributes:
        person: their name in the roster; "" where nobody was found who could be told.
        at: when they were told last, UTC epoch seconds.
    """

    person: str
    about: About
    folio: str
    at: float

    @property
    def matter(self) -> str:
        """What it is about, as the store has it: `case:RV-0000-0001`."""
        return matter_of(self.about, self.folio)


def matter_of(about: About, folio: str) -> str:
    """What a notification about a case or follow-up is called."""
    return f"{about}:{folio}"


def keys_to_notify(person: str) -> list[str]:
    """The keys that a script needs to notify a person."""
    return [keys.notifications(person), keys.NOTIFIED]


class Notifications:
    """The notifications of all people."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    async def people(self) -> list[str]:
        """Who has any, sorted; now and then also somebody whose last one has expired."""
        return sorted(await self._redis.smembers(keys.NOTIFIED))

    async def count(self, people: Iterable[str]) -> int:
        """How many some people have together."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for person in people:
                pipeline.zcard(keys.notifications(person))
            return sum(await pipeline.execute())

    async def of(self, people: Iterable[str]) -> list[Notification]:
        """Those of some people, the newest first."""
        names = list(people)
        async with self._redis.pipeline(transaction=False) as pipeline:
            for person in names:
                pipeline.zrevrange(keys.notifications(person), 0, SHOWN - 1, withscores=True)
            found = await pipeline.execute()
        read = (
            _read(person, *entry) for person, entries in zip(names, found, strict=True) for entry in entries
        )
        return sorted(filter(None, read), key=lambda each: each.at, reverse=True)

    async def acknowledge(self, notification: Notification, by: str, now: float) -> bool:
        """Somebody has seen to it; False if it had gone, or if the person was told again meanwhile."""
        person, folio = notification.person, notification.folio
        names = [*keys_to_notify(person), keys.DESK_EVENTS, keys.history(folio)]
        told = [person, notification.matter, repr(notification.at), folio]
        return bool(await _acknowledge(self._redis, names, [*told, by, repr(now), keys.MAX_DESK_EVENTS]))

    async def forget(self, notification: Notification) -> None:
        """Drop what is about something that is kept no longer."""
        await self._redis.zrem(keys.notifications(notification.person), notification.matter)


def _read(person: str, matter: str, at: float) -> Notification | None:
    about, _, folio = matter.partition(":")
    return Notification(person, about, folio, at) if about in get_args(About) else None  # type: ignore[arg-type]
