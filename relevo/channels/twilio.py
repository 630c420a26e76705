"""WhatsApp by Twilio, the alternative: Rasa's own channel, for none but whom Twilio signs.

Rasa's channel takes posts from anybody. Its limits stay: plain texts, no queue, no window; conversations are
named after their numbers.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.core.channels.twilio import TwilioInput
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from twilio.request_validator import RequestValidator

from relevo.channels.webchat.incoming import typed_words
from relevo.errors import ConfigurationError

HEADER = "X-Twilio-Signature"
OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


class SignedTwilio(TwilioInput):
    """Named in `credentials.yml`; `url` there is the webhook's address as Twilio was told it."""

    _url = ""

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> SignedTwilio:
        given = credentials or {}
        missing = [
            name for name in ("account_sid", "auth_token", "twilio_number", "url") if not given.get(name)
        ]
        if missing:
            raise ConfigurationError(f"credentials.yml: SignedTwilio needs {', '.join(missing)}.")
        channel = cls(given["account_sid"], given["auth_token"], given["twilio_number"])
        channel._url = given["url"]
        return channel

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        async def on_typed(message: UserMessage) -> None:
            # A typed slash would command Rasa.
            message.text = typed_words(message.text or "")
            if message.text:
                await on_new_message(message)

        blueprint: Blueprint = super().blueprint(on_typed)
        blueprint.middleware("request")(self._refuse_unsigned)
        return blueprint

    async def _refuse_unsigned(self, request: Request) -> HTTPResponse | None:
        if request.method != "POST":
            return None
        fields = {name: request.form.get(name) for name in request.form or {}}
        expected = RequestValidator(self.auth_token).compute_signature(self._url, fields)
        told = request.headers.get(HEADER, "").encode("utf-8", "replace")
        return None if hmac.compare_digest(expected.encode(), told) else response.text("", status=403)
