"""The website chat's connector: Rasa's input channel with the widget's API.

Under `/webhooks/webchat`: the page and the widget's files; `POST conversations` gives a browser a signed
token for a new conversation; `POST messages` takes a message in; `GET events` is the conversation's stream
as server-sent events, from `Last-Event-ID` on. Tokens travel in the Authorization header, never in a URL.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import redis.asyncio as redis
import yaml
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from relevo.channels.channel import CustomerChannel, OnNewMessage
from relevo.channels.inbox import InboxMessage
from relevo.channels.turns import greeting_at
from relevo.channels.webchat.incoming import NewConversation, NewMessage, Refused, parse
from relevo.channels.webchat.output import WebChatOutput
from relevo.channels.webchat.tokens import TokenSigner
from relevo.protocol import LANGUAGES, Protocol
from relevo.settings import Settings
from relevo.store import keys
from relevo.store.out_stream import FROM_START, OutStream
from relevo.store.rate_limit import RateLimit

HERE = Path(__file__).parent
WIDGET = HERE / "widget"
BEAT_SECONDS = 15.0
NEVER_MIND = "stop"
"""What a button may say besides topics."""
MESSAGES = RateLimit("messages", 120, 60)
CONVERSATIONS = RateLimit("conversations", 300, 60)
PROBLEMS = {
    language: yaml.safe_load((HERE / "locales" / f"{language}.yml").read_text(encoding="utf-8"))
    for language in LANGUAGES
}
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class WebChat(CustomerChannel):
    """Named in `credentials.yml`."""

    channel = "webchat"

    def __init__(self, settings: Settings, protocol: Protocol) -> None:
        super().__init__(settings, protocol)
        self._signer = TokenSigner(settings.key_for("webchat"))

    def output_for(self, turn: str | None) -> WebChatOutput:
        return WebChatOutput(self._redis, turn)

    def greets(self, message: InboxMessage) -> bool:
        return False

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        blueprint = Blueprint("webchat")
        blueprint.static("/widget", str(WIDGET), name="widget")
        blueprint.add_route(self._refusing(self._page), "/", methods=["GET"], name="page")
        blueprint.add_route(self._refusing(self._health), "/health", methods=["GET"], name="health")
        blueprint.add_route(self._refusing(self._begin), "/conversations", methods=["POST"], name="begin")
        blueprint.add_route(self._refusing(self._receive), "/messages", methods=["POST"], name="receive")
        blueprint.add_route(self._refusing(self._stream), "/events", methods=["GET"], name="stream")
        blueprint.middleware(_add_security_headers, "response")  # type: ignore[call-overload]
        self.begin_with(blueprint)
        return blueprint

    async def _page(self, request: Request) -> HTTPResponse:
        return await response.file(WIDGET / "page.html")

    async def _health(self, request: Request) -> HTTPResponse:
        await self._redis.ping()
        return response.json({"status": "ok", "protocol": self._protocol.hash})

    async def _begin(self, request: Request) -> HTTPResponse:
        wanted: NewConversation = parse(request.body, NewConversation)
        if not await CONVERSATIONS.allows(self._redis, request.remote_addr or request.ip):
            raise Refused(429, "too_many")
        token = self._signer.issue(time.time())
        text = greeting_at(self._protocol, self.channel, wanted.language, time.time())
        greeting = {"type": "message", "author": "bot", "text": text, "at": time.time()}
        # A page that is only looked at leaves no trace: it lives for a day until its visitor writes.
        await OutStream(self._redis, token.conversation).post("greeting", greeting, seconds=keys.DAY_SECONDS)
        return response.json({"token": token.token, "expires_at": token.expires_at}, status=201)

    async def _receive(self, request: Request) -> HTTPResponse:
        conversation = self._authorised(request)
        message: NewMessage = parse(request.body, NewMessage)
        for_bot = message.words_for_bot({*self._protocol.topics, NEVER_MIND})
        if not await MESSAGES.allows(self._redis, conversation):
            raise Refused(429, "too_many")
        if not self.is_ready:
            raise Refused(503, "unavailable")
        metadata = {"title": message.text} if message.payload else {}
        taken = InboxMessage(message.id, conversation, self.name(), for_bot, message.language, metadata)
        shown = {
            "type": "message",
            "author": "customer",
            "text": message.text,
            "client_id": message.id,
            "at": time.time(),
        }
        await self.take_in(taken, shown)
        return response.json({"accepted": True}, status=202)

    async def _stream(self, request: Request) -> None:
        stream = OutStream(self._redis, self._authorised(request))
        after = _position(request.headers.get("Last-Event-ID"))
        reply = await request.respond(content_type="text/event-stream", headers={"Cache-Control": "no-store"})
        await reply.send(": welcome\n\n")
        async for entries in stream.follow(after, beat_seconds=BEAT_SECONDS):
            lines = [f"id: {entry.position}\ndata: {json.dumps(entry.data)}\n\n" for entry in entries]
            await reply.send("".join(lines) or ": beat\n\n")

    def _authorised(self, request: Request) -> str:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        conversation = self._signer.conversation(token) if scheme == "Bearer" else None
        if conversation is None:
            raise Refused(401, "unauthorized")
        return conversation

    def _refusing(self, handler: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[Any]]:
        """The handler, with refusals told as JSON in the browser's language."""

        async def guarded(request: Request) -> Any:
            try:
                return await handler(request)
            except Refused as refusal:
                return _tell(request, refusal)
            except redis.RedisError:
                return _tell(request, Refused(503, "unavailable"))

        return guarded


def _tell(request: Request, refusal: Refused) -> HTTPResponse:
    spanish_first = request.headers.get("Accept-Language", "es").lower().startswith("es")
    message = PROBLEMS["es" if spanish_first else "en"][refusal.problem]
    headers = {"Retry-After": str(MESSAGES.seconds)} if refusal.problem == "too_many" else {}
    body = {"error": {"code": refusal.problem, "message": message}}
    return response.json(body, status=refusal.status, headers=headers)


def _position(last_event_id: str | None) -> str:
    milliseconds, _, sequence = (last_event_id or "").partition("-")
    known = milliseconds.isdecimal() and sequence.isdecimal() and len(last_event_id or "") < len("9" * 40)
    return f"{int(milliseconds)}-{int(sequence)}" if known else FROM_START


async def _add_security_headers(request: Request, answer: HTTPResponse) -> None:
    if request.path.startswith("/webhooks/webchat"):
        answer.headers.update(SECURITY_HEADERS)
