"""The calendar file of a follow-up: only for the conversation that agreed on it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import icalendar
import pytest
import redis.asyncio as redis
from builders import settings_for_tests
from sanic import Sanic

from relevo.channels.webchat.connector import WebChat
from relevo.channels.webchat.tokens import ConversationToken, TokenSigner
from relevo.follow_ups.agenda import Agenda
from relevo.follow_ups.follow_up import FollowUp
from relevo.ports import free_port
from relevo.protocol import Protocol

# Else Sanic, which rewrites its own methods at the start, serves one app in a process only.
Sanic.test_mode = True

FOLIO = "RV-7K3M-9QXT"
DUE_AT = 1_764_802_800.0


@pytest.fixture
def tokens() -> TokenSigner:
    return TokenSigner(settings_for_tests().key_for("webchat"))


@pytest.fixture
async def address(redis_client: redis.Redis, redis_url: str, protocol: Protocol) -> AsyncIterator[str]:
    """The address of a running connector; no turn is run, so that it needs no model."""
    app, port = Sanic(f"webchat_{uuid4().hex}", configure_logging=False), free_port()
    connector = WebChat(settings_for_tests(redis_url=redis_url), protocol)
    app.ctx.agent, app.ctx.input_channels = None, [connector]

    async def nobody_answers(_: object) -> None:
        raise AssertionError("nothing is said here")

    app.blueprint(connector.blueprint(nobody_answers), url_prefix="/webhooks/webchat")
    server = await app.create_server(port=port, host="127.0.0.1", return_asyncio_server=True)
    assert server is not None
    await server.startup()
    await server.after_start()
    yield f"http://127.0.0.1:{port}/webhooks/webchat/calendar/{FOLIO}.ics"
    await server.before_stop()
    await server.close()


async def book(client: redis.Redis, conversation: str) -> None:
    follow_up = FollowUp(
        folio=FOLIO,
        conversation=conversation,
        channel="webchat",
        language="es",
        method="call",
        contact="+525512345678",
        topic="track_order",
        due_at=DUE_AT,
        created_at=DUE_AT - 3_600,
        cause="m1",
    )
    await Agenda(client).book(follow_up)


async def fetch(address: str, token: ConversationToken | None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token.token}"} if token else {}
    async with httpx.AsyncClient() as http:
        return await http.get(address, headers=headers)


async def test_page_fetches_the_file_of_its_own_conversation(
    address: str, tokens: TokenSigner, redis_client: redis.Redis
) -> None:
    token = tokens.issue(time.time())
    await book(redis_client, token.conversation)
    answer = await fetch(address, token)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["summary"] == "Casa Jacaranda: llamada"
    assert event.decoded("dtstart").timestamp() == DUE_AT
    assert b"5678" not in answer.content


async def test_nobody_else_gets_it(address: str, tokens: TokenSigner, redis_client: redis.Redis) -> None:
    await book(redis_client, tokens.issue(time.time()).conversation)
    assert (await fetch(address, None)).status_code == 401
    assert (await fetch(address, tokens.issue(time.time()))).status_code == 404
    assert (await fetch(address.replace(FOLIO, "nothing"), tokens.issue(time.time()))).status_code == 404
