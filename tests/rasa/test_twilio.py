"""WhatsApp by Twilio: Rasa's own channel, behind Twilio's signature."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from rasa.core.channels.channel import UserMessage
from sanic import Sanic
from twilio.request_validator import RequestValidator

from relevo.channels.twilio import HEADER, SignedTwilio
from relevo.errors import ConfigurationError
from relevo.ports import free_port

Sanic.test_mode = True
URL = "https://chat.example.com/webhooks/twilio/webhook"
CREDENTIALS = {
    "account_sid": "AC1",
    "auth_token": "a token of tests",
    "twilio_number": "whatsapp:+1",
    "url": URL,
}
MESSAGE = {
    "From": "whatsapp:+5215512345678",
    "To": "whatsapp:+1",
    "Body": "¿Dónde está mi pedido?",
    "NumMedia": "0",
}


@dataclass
class Door:
    http: httpx.AsyncClient
    taken: list[UserMessage] = field(default_factory=list)

    async def post(self, fields: dict[str, str], signature: str | None = None) -> int:
        signed = RequestValidator(CREDENTIALS["auth_token"]).compute_signature(URL, fields)
        headers = {HEADER: signed if signature is None else signature}
        status = (await self.http.post("/webhooks/twilio/webhook", data=fields, headers=headers)).status_code
        await asyncio.sleep(0)
        return status


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    app, port = Sanic(f"twilio_{free_port()}", configure_logging=False), free_port()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        door = Door(http)

        async def take(message: UserMessage) -> Any:
            door.taken.append(message)

        app.blueprint(
            SignedTwilio.from_credentials(CREDENTIALS).blueprint(take), url_prefix="/webhooks/twilio"
        )
        server = await app.create_server(port=port, host="127.0.0.1", return_asyncio_server=True)
        await server.startup()
        await server.start_serving()
        yield door
        await server.close()
        app.shutdown_tasks(0)


async def test_signed_message_reaches_the_bot(door: Door) -> None:
    assert await door.post(MESSAGE) == 204
    [message] = door.taken
    assert (message.sender_id, message.text) == (MESSAGE["From"], MESSAGE["Body"])


@pytest.mark.parametrize("signature", ["", "AAAA", "=?"])
async def test_unsigned_message_is_refused(door: Door, signature: str) -> None:
    assert (await door.post(MESSAGE, signature), door.taken) == (403, [])


async def test_signature_of_other_fields_is_refused(door: Door) -> None:
    other = RequestValidator(CREDENTIALS["auth_token"]).compute_signature(URL, {**MESSAGE, "Body": "x"})
    assert (await door.post(MESSAGE, other), door.taken) == (403, [])


async def test_typed_slash_commands_nothing(door: Door) -> None:
    await door.post({**MESSAGE, "Body": "/restart"})
    assert [message.text for message in door.taken] == ["restart"]


def test_address_must_be_told() -> None:
    with pytest.raises(ConfigurationError, match="url"):
        SignedTwilio.from_credentials({**CREDENTIALS, "url": ""})
