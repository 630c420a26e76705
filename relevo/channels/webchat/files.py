"""Customers' files: taken in as they come, and shown again to the customer who sent them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse

from relevo.channels.accept import InboxMessage
from relevo.channels.webchat import events
from relevo.channels.webchat.door import Door, address_of, pieces_of
from relevo.channels.webchat.incoming import NewAttachment, Refused
from relevo.protocol import LANGUAGES, Language
from relevo.store.attachment_book import AttachmentBook
from relevo.store.attachment_content import FROM_PAGES
from relevo.store.attachments import MAX_BYTES, Attachment, AttachmentRefused
from relevo.store.rate_limit import RateLimit

MAX_UPLOAD_BYTES = max(MAX_BYTES[kind] for kind in FROM_PAGES)
UPLOAD_SECONDS = 120.0
"""Ten megabytes at a slow phone's megabit a second."""
OF_CONVERSATION = RateLimit("attachments", 20, 3_600)
OF_ADDRESS = RateLimit("attachments_of_address", 60, 3_600)
REFUSALS = {"empty": (400, "empty"), "too_large": (413, "file_too_large"), "wrong_type": (415, "wrong_type")}
HEADERS = {
    # As a document of its own it may do nothing at all.
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
}

TakeIn = Callable[[InboxMessage, dict[str, Any]], Awaitable[bool]]
"""Keeps a message with what its page shows; False if it was kept before."""


class Files:
    """The files of the web chat."""

    def __init__(self, door: Door, book: AttachmentBook) -> None:
        self._door = door
        self._book = book

    async def take(self, request: Request, conversation: str, take_in: TakeIn) -> HTTPResponse:
        """Keep a file and give the bot a note of it; a repeat with the same id keeps nothing more.

        Raises:
            Refused: it is no file that is taken, or there were too many.
        """
        wanted = NewAttachment.of(request.headers, _language(request))
        await self._door.limit(OF_CONVERSATION, conversation)
        await self._door.limit(OF_ADDRESS, address_of(request))
        attachment = await self._keep(request, wanted)
        await self._book.enter(conversation, attachment)
        note = InboxMessage(
            wanted.client_id,
            conversation,
            "webchat",
            attachment.name,
            wanted.language,
            {"attachment": asdict(attachment)},
            is_note=True,
        )
        if not await take_in(note, events.attachment(attachment, wanted.client_id)):
            await self._book.strike(conversation, attachment.id)
        return response.json({"id": wanted.client_id}, status=202)

    async def show(self, conversation: str, attachment_id: str) -> HTTPResponse:
        """A file of the conversation.

        Raises:
            Refused: it has none of this id.
        """
        attachment = await self._book.find(conversation, attachment_id)
        path = self._book.files.path(attachment.id) if attachment else None
        if attachment is None or path is None or not path.is_file():
            raise Refused(404, "gone")
        headers = {**HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(attachment.name)}"}
        return await response.file(path, mime_type=attachment.content_type, headers=headers)

    async def _keep(self, request: Request, wanted: NewAttachment) -> Attachment:
        body = pieces_of(request, MAX_UPLOAD_BYTES, UPLOAD_SECONDS, problem="file_too_large")
        try:
            return await self._book.files.keep(body, wanted.name)
        except AttachmentRefused as refused:
            status, problem = REFUSALS[refused.reason]
            raise Refused(status, problem) from refused


def _language(request: Request) -> Language:
    asked = request.headers.get("Accept-Language", "").lower()
    return next((language for language in LANGUAGES if asked.startswith(language)), "es")
