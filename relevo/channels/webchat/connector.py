"""The website chat's connector: Rasa's input channel with the widget's API.

Under `/webhooks/webchat`: the page and the widget's files; `POST conversations` gives a browser a signed
token for a new conversation; all else asks for that token, in the Authorization header, never in a URL, and
is described in `events`. What a request must be to come in at all is the door's business.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from relevo.channels.accept import InboxMessage
from relevo.channels.calendar_file import CONTENT_TYPE, calendar_file
from relevo.channels.channel import CustomerChannel, OnNewMessage
from relevo.channels.output import message_entry
from relevo.channels.turns import Answer, greeting_at
from relevo.channels.webchat import events
from relevo.channels.webchat.door import Door, address_of, json_of
from relevo.channels.webchat.event_streams import EventStreams
from relevo.channels.webchat.files import Files
from relevo.channels.webchat.incoming import NewConversation, NewMessage, Rating, ReadUpTo, Refused, parse
from relevo.channels.webchat.output import WebChatOutput
from relevo.channels.webchat.tokens import TokenSigner
from relevo.protocol import Language, Protocol
from relevo.protocol.required import names_on_buttons
from relevo.settings import Settings
from relevo.store import keys, live_entries
from relevo.store.attachment_book import AttachmentBook
from relevo.store.out_stream import OutStream
from relevo.store.rate_limit import RateLimit
from relevo.store.receipts import Receipts

WIDGET = Path(__file__).parent / "widget"
MESSAGES = RateLimit("messages", 120, 60)
CONVERSATIONS = RateLimit("conversations", 300, 60)
RECEIPTS = RateLimit("receipts", 240, 60)
RATINGS = RateLimit("ratings", 10, 60)


class WebChat(CustomerChannel):
    """Named in `credentials.yml`."""

    channel = "webchat"

    def __init__(self, settings: Settings, protocol: Protocol) -> None:
        super().__init__(settings, protocol)
        self._signer = TokenSigner(settings.key_for("webchat"))
        self._door = Door(self._redis, self._signer, settings.chat_origins)
        self._streams = EventStreams(self._redis, self._cases, protocol)
        self._files = Files(self._door, AttachmentBook.of_folder(self._redis, settings.data_dir))

    def output_for(self, turn: str | None) -> WebChatOutput:
        return WebChatOutput(self._redis, turn)

    async def begin_turn(self, message: InboxMessage, has_person: Callable[[], Awaitable[bool]]) -> None:
        """Show that an answer is being written, unless a person will write it."""
        if not message.is_note and not await has_person():
            await OutStream(self._redis, message.conversation).show(live_entries.typing("bot"))

    def greets(self, message: InboxMessage) -> bool:
        return False

    async def answer_note(self, message: InboxMessage, language: Language) -> Answer:
        return await self.answer_file(message.conversation, language)

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        blueprint = Blueprint("webchat")
        blueprint.static("/widget", str(WIDGET), name="widget")
        for method, path, handler in (
            ("GET", "/", self._page),
            ("GET", "/health", self._health),
            ("POST", "/conversations", self._begin),
            ("POST", "/messages", self._receive),
            ("GET", "/events", self._stream),
            ("POST", "/attachments", self._take_file),
            ("GET", "/attachments/<attachment_id:str>", self._show_file),
            ("POST", "/read", self._note_read),
            ("POST", "/rating", self._rate),
            ("GET", "/calendar/<name:str>", self._calendar),
        ):
            # Bodies are read by the handlers, each within its limits.
            guarded, is_post = self._door.guard(handler), method == "POST"
            name = handler.__name__[1:]
            blueprint.add_route(guarded, path, methods=[method], name=name, stream=is_post)
            blueprint.add_route(_preflight, path, methods=["OPTIONS"], name=f"{name}_preflight")
        blueprint.middleware("response")(_plain(self._door.put_headers))
        self.begin_with(blueprint)
        return blueprint

    async def _start(self, app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        await super()._start(app, loop)
        self._streams.start()

    async def _stop(self, app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        await self._streams.stop()
        await super()._stop(app, loop)

    async def _page(self, request: Request) -> HTTPResponse:
        return await response.file(WIDGET / "page.html")

    async def _health(self, request: Request) -> HTTPResponse:
        await self._redis.ping()
        return response.json({"status": "ok", "protocol": self._protocol.hash})

    async def _begin(self, request: Request) -> HTTPResponse:
        wanted: NewConversation = parse(await json_of(request), NewConversation)
        await self._door.limit(CONVERSATIONS, address_of(request))
        now = time.time()
        token = self._signer.issue(now)
        greeting = message_entry(greeting_at(self._protocol, self.channel, wanted.language, now), now)
        # A page that is only looked at leaves no trace: it lives for a day until its visitor writes.
        await OutStream(self._redis, token.conversation).post("greeting", greeting, seconds=keys.DAY_SECONDS)
        return response.json({"token": token.token, "expires_at": token.expires_at}, status=201)

    async def _receive(self, request: Request) -> HTTPResponse:
        conversation = self._door.conversation_of(request)
        message: NewMessage = parse(await json_of(request), NewMessage)
        for_bot = message.words_for_bot(names_on_buttons(self._protocol))
        await self._door.limit(MESSAGES, conversation)
        self._require_ready()
        taken = InboxMessage(
            message.id, conversation, self.name(), for_bot, message.language, message.metadata
        )
        await self.take_in(taken, events.own_message(message.text, time.time(), message.id))
        return response.json({"id": message.id}, status=202)

    async def _stream(self, request: Request) -> None:
        await self._streams.send(request, self._door.conversation_of(request))

    async def _calendar(self, request: Request, name: str) -> HTTPResponse:
        file = await calendar_file(self._redis, self._protocol, self._door.conversation_of(request), name)
        if file is None:
            raise Refused(404, "gone")
        return response.raw(file, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})

    async def _take_file(self, request: Request) -> HTTPResponse:
        conversation = self._door.conversation_of(request)
        self._require_ready()
        return await self._files.take(request, conversation, self.take_in)

    async def _show_file(self, request: Request, attachment_id: str) -> HTTPResponse:
        return await self._files.show(self._door.conversation_of(request), attachment_id)

    async def _note_read(self, request: Request) -> HTTPResponse:
        conversation = self._door.conversation_of(request)
        receipt: ReadUpTo = parse(await json_of(request), ReadUpTo)
        await self._door.limit(RECEIPTS, conversation)
        await Receipts(self._redis, conversation).note_read(receipt.position)
        return response.empty()

    async def _rate(self, request: Request) -> HTTPResponse:
        conversation = self._door.conversation_of(request)
        rating: Rating = parse(await json_of(request), Rating)
        await self._door.limit(RATINGS, conversation)
        if await self._cases.rate(conversation, rating.score, rating.comment, time.time()) is None:
            raise Refused(409, "nothing_to_rate")
        return response.empty()

    def _require_ready(self) -> None:
        if not self.is_ready:
            raise Refused(503, "unavailable")


def _plain(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method as a function: Sanic passes over methods as middleware, without a word."""

    async def call(request: Request, answer: HTTPResponse) -> None:
        await method(request, answer)

    return call


async def _preflight(request: Request, **path: str) -> HTTPResponse:
    """What a browser asks before it lets another site's page send anything; the door puts the answer on."""
    return response.empty()
