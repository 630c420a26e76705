"""What the pages work with, put together once per process. Handlers find it as `request.app.ctx.desk`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import redis.asyncio as redis

from relevo.cases.case import Case
from relevo.cases.queue import CaseQueue
from relevo.desk.as_read import as_read
from relevo.desk.feed import DeskFeed
from relevo.desk.handbook import Handbook
from relevo.desk.locale import Locale, load_locales
from relevo.desk.receipts import Known, Marks, follow_known, read_marks
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
from relevo.store import live_entries
from relevo.store.attachment_book import AttachmentBook
from relevo.store.attachments import Attachment
from relevo.store.notifications import Notifications
from relevo.store.out_stream import OutStream
from relevo.store.receipts import Receipts
from relevo.store.transcript import TranscriptLine, follow_transcript, read_line, read_transcript
from relevo.store.wakes import Wakes


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
    notifications: Notifications
    feed: DeskFeed
    wakes: Wakes
    attachments: AttachmentBook
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
            agenda=Agenda(client, protocol.privacy.retention.follow_ups),
            suggestions=SuggestionBox(client),
            outgoing=OutgoingQueue(client),
            undelivered=Undelivered(client),
            alerts=Alerts(client),
            notifications=Notifications(client),
            feed=DeskFeed(client),
            wakes=Wakes(client),
            attachments=AttachmentBook.of_folder(client, settings.data_dir),
            handbook=Handbook(),
        )

    async def transcript(self, conversation: str) -> list[TranscriptLine]:
        """All messages of a conversation, oldest first, as its customer reads them."""
        lines = await read_transcript(self.client, conversation)
        channel = next((line.channel for line in reversed(lines) if line.channel), "")
        return as_read(lines, self.protocol, channel)

    async def line(self, conversation: str, position: str) -> TranscriptLine | None:
        """The message at a position of a conversation; None if there is none."""
        return await read_line(self.client, conversation, position)

    async def new_lines(
        self, case: Case, after: str, beat_seconds: float
    ) -> AsyncIterator[list[TranscriptLine]]:
        """Messages of a case's conversation after a position as they come, as its customer reads them.

        An empty list after `beat_seconds` without one.
        """
        new = follow_transcript(self.client, case.conversation, after, beat_seconds=beat_seconds)
        async for lines in new:
            yield as_read(lines, self.protocol, case.channel)

    async def marks(self, conversation: str, lines: Sequence[TranscriptLine]) -> Marks:
        """How far a person's words among some lines have come, and what came with the customer's."""
        return await read_marks(self.client, conversation, lines)

    def known(self, conversation: str, beat_seconds: float) -> AsyncIterator[Known]:
        """What is known besides the lines' words, whenever that changes."""
        return follow_known(self.client, self.wakes, conversation, beat_seconds)

    async def note_read(self, conversation: str) -> None:
        """A person has read all that the customer wrote: the customer's page is told."""
        await Receipts(self.client, conversation).note_read_at_desk()

    async def show_typing(self, conversation: str) -> None:
        """A person is writing: the customer's page is told."""
        await OutStream(self.client, conversation).show(live_entries.typing("agent"))

    async def file_of(self, conversation: str, attachment_id: str) -> tuple[Attachment, Path] | None:
        """A conversation's file and where it lies; None if it has none of this id, or no longer."""
        attachment = await self.attachments.find(conversation, attachment_id)
        path = self.attachments.files.path(attachment.id) if attachment else None
        return (attachment, path) if attachment and path and path.is_file() else None

    async def check_store(self) -> None:
        """Ask Redis for a sign of life.

        Raises:
            RedisError: there is none.
        """
        await self.client.ping()
