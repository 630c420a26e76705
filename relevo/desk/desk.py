"""What the pages work with, put together once per process. Handlers find it as `request.app.ctx.desk`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import redis.asyncio as redis

from relevo.cases.queue import CaseQueue
from relevo.desk.feed import DeskFeed
from relevo.desk.handbook import Handbook
from relevo.desk.locale import Locale, load_locales
from relevo.desk.rendering import Renderer
from relevo.desk.sessions import SessionStore
from relevo.desk.throttle import LoginThrottle
from relevo.desk.users import UserDirectory
from relevo.follow_ups.agenda import Agenda
from relevo.learning.suggestions import SuggestionBox
from relevo.protocol.schema import Language, Protocol
from relevo.sending.alerts import Alerts
from relevo.sending.outgoing import OutgoingQueue
from relevo.sending.undelivered import Undelivered
from relevo.settings import Settings
from relevo.store.transcript import TranscriptLine, follow_transcript, read_line, read_transcript


@dataclass(frozen=True)
class Desk:
    """The domain as the pages see it. `now` gives UTC epoch seconds."""

    client: redis.Redis
    settings: Settings
    protocol: Protocol
    now: Callable[[], float]
    locales: dict[Language, Locale]
    renderer: Renderer
    users: UserDirectory
    sessions: SessionStore
    throttle: LoginThrottle
    queue: CaseQueue
    agenda: Agenda
    suggestions: SuggestionBox
    outgoing: OutgoingQueue
    undelivered: Undelivered
    alerts: Alerts
    feed: DeskFeed
    handbook: Handbook

    @classmethod
    def build(
        cls, client: redis.Redis, settings: Settings, protocol: Protocol, now: Callable[[], float]
    ) -> Desk:
        return cls(
            client=client,
            settings=settings,
            protocol=protocol,
            now=now,
            locales=load_locales(),
            renderer=Renderer(protocol),
            users=UserDirectory(client),
            sessions=SessionStore(client),
            throttle=LoginThrottle(client),
            queue=CaseQueue(client, protocol),
            agenda=Agenda(client),
            suggestions=SuggestionBox(client),
            outgoing=OutgoingQueue(client),
            undelivered=Undelivered(client),
            alerts=Alerts(client),
            feed=DeskFeed(client),
            handbook=Handbook(),
        )

    async def transcript(self, conversation: str) -> list[TranscriptLine]:
        """All messages of a conversation, oldest first."""
        return await read_transcript(self.client, conversation)

    async def line(self, conversation: str, position: str) -> TranscriptLine | None:
        """The message at a position of a conversation; None if there is none."""
        return await read_line(self.client, conversation, position)

    def new_lines(
        self, conversation: str, after: str, beat_seconds: float
    ) -> AsyncIterator[list[TranscriptLine]]:
        """Messages after a position as they come; an empty list after `beat_seconds` without one."""
        return follow_transcript(self.client, conversation, after, beat_seconds=beat_seconds)

    async def check_store(self) -> None:
        """Ask Redis for a sign of life.

        Raises:
            RedisError: there is none.
        """
        await self.client.ping()
