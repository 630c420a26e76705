"""Whose notifications reach somebody at the desk, and how many they have not seen to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from relevo.desk.live import BEAT_SECONDS, EventStream
from relevo.desk.users import User

if TYPE_CHECKING:
    from relevo.desk.desk import Desk

TELLING = frozenset({"case_escalated", "follow_up_missed", "notification_seen"})
"""Kinds of the desk's events that change what somebody has not seen to."""


async def people_reached_by(desk: Desk, user: User) -> list[str]:
    """The people of the roster whose notifications a user gets, who they are themselves first.

    Supervisors get those of everybody who can't sign in, too: nothing is told to nobody.
    """
    own = [user.person] if user.person else []
    if not user.is_supervisor:
        return own
    told = await desk.notifications.people()
    reachable = await desk.users.people() if told else set()
    return own + [person for person in told if person not in reachable]


async def count_unread(desk: Desk, user: User) -> int:
    """How many notifications a user has not seen to."""
    people = await people_reached_by(desk, user)
    return await desk.notifications.count(people) if people else 0


class UnreadMark:
    """The number in the head of one open page, sent when it changes."""

    def __init__(self, request: Any) -> None:
        self._desk, self._user = request.app.ctx.desk, request.ctx.visit.user
        self._shown = request.ctx.visit.unread

    async def renew(self, stream: EventStream) -> None:
        """Count again, and tell the page what is news to it."""
        if (unread := await count_unread(self._desk, self._user)) != self._shown:
            self._shown = unread
            await stream.send("unread", str(unread))

    async def follow(self) -> AsyncIterator[UnreadMark]:
        """Itself, each time that it may have changed."""
        with self._desk.feed.subscribe(kinds=TELLING) as subscription:
            yield self
            while True:
                if await subscription.wait(BEAT_SECONDS):
                    yield self
