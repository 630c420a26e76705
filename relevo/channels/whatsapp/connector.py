"""WhatsApp's connector: Rasa's input channel with the webhook of the Cloud API.

`GET` proves to Meta that the address is ours; `POST` takes messages and statuses in: signed, kept durably,
and only then answered. All work comes afterwards.
"""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Awaitable, Callable

import redis.asyncio as redis
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from relevo.channels.accept import InboxMessage
from relevo.channels.channel import CustomerChannel, OnNewMessage
from relevo.channels.turns import PERSON, Answer
from relevo.channels.whatsapp.output import WhatsAppOutput
from relevo.channels.whatsapp.reading import SILENT
from relevo.channels.whatsapp.receiving import Receiver
from relevo.channels.whatsapp.webhook import MAX_BODY_BYTES, Malformed, parse_webhook
from relevo.channels.whatsapp.writing import CHANNEL, Writer, sign
from relevo.errors import ConfigurationError
from relevo.protocol import Language, Protocol
from relevo.sending.outgoing import OutgoingQueue
from relevo.settings import Settings
from relevo.whatsapp import signature

Handle = Callable[[Request], Awaitable[HTTPResponse]]

logger = logging.getLogger(__name__)


class WhatsApp(CustomerChannel):
    """Named in `credentials.yml`; without `WHATSAPP_…` in the environment it has no routes."""

    channel = CHANNEL

    def __init__(self, settings: Settings, protocol: Protocol) -> None:
        super().__init__(settings, protocol)
        self._whatsapp = settings.whatsapp
        if self._whatsapp:
            self._writer = Writer(protocol)
            self._receiver = Receiver(self._redis, settings, self._writer, self.take_in_all)

    def output_for(self, turn: str | None) -> WhatsAppOutput:
        if self._whatsapp is None:
            raise ConfigurationError("Messages wait for WhatsApp, and WHATSAPP_… is not set.")
        return WhatsAppOutput(self._redis, self._writer, turn)

    async def begin_turn(self, message: InboxMessage, has_person: Callable[[], Awaitable[bool]]) -> None:
        """Show that the message was read and is being answered, unless a person will read it."""
        if not await has_person():
            now = time.time()
            await OutgoingQueue(self._redis).add(
                [sign(message.conversation, message.id, now, is_typing=not message.is_note)], now
            )

    def greets(self, message: InboxMessage) -> bool:
        """Neither a reaction nor a call to stop is the beginning of a talk."""
        return message.metadata.get("note") != SILENT

    async def answer_note(self, message: InboxMessage, language: Language) -> Answer | None:
        rules = self._writer.messaging
        consent, note = message.metadata.get("consent"), message.metadata.get("note")
        if consent:
            words = rules.opt_out if consent == "out" else rules.opt_in
            return Answer(words.confirmation.in_language(language), is_owed=True)
        if note and note != SILENT:
            return Answer(rules.answers.to(note).in_language(language), (PERSON,))
        return None

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        blueprint = Blueprint("whatsapp")
        if self._whatsapp:
            blueprint.add_route(_guarded(self._verify), "/webhook", methods=["GET"], name="verify")
            blueprint.add_route(_guarded(self._receive), "/webhook", methods=["POST"], name="receive")
            self.begin_with(blueprint)
        return blueprint

    async def _verify(self, request: Request) -> HTTPResponse:
        assert self._whatsapp  # noqa: S101 - there is no route without it
        token, challenge = request.args.get("hub.verify_token", ""), request.args.get("hub.challenge", "")
        is_ours = hmac.compare_digest(token.encode("utf-8", "replace"), self._whatsapp.verify_token.encode())
        if request.args.get("hub.mode") != "subscribe" or not is_ours or not challenge.isalnum():
            return response.text("", status=403)
        return response.text(challenge)

    async def _receive(self, request: Request) -> HTTPResponse:
        assert self._whatsapp  # noqa: S101
        if len(request.body) > MAX_BODY_BYTES:
            return response.text("", status=413)
        signed = request.headers.get(signature.HEADER)
        if not signature.is_signed(request.body, signed, self._whatsapp.app_secret):
            return response.text("", status=401)
        try:
            received = parse_webhook(request.body)
        except Malformed:
            return response.text("", status=400)
        if not self.is_ready:
            return response.text("", status=503)
        await self._receiver.receive(received, time.time())
        return response.text("")


def _guarded(handle: Handle) -> Handle:
    """The handler as a function; what it can't keep, Meta will send again."""

    async def guarded(request: Request) -> HTTPResponse:
        try:
            return await handle(request)
        except redis.RedisError as error:
            logger.warning("A webhook could not be kept: %s", type(error).__name__)
            return response.text("", status=503)

    return guarded
