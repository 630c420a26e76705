"""The webhook as Meta and anybody else can reach it: only 2xx and 4xx, nothing done for the unsigned."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import redis.asyncio as redis
from builders import eventually, settings_for_tests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sanic import Sanic
from sanic.response import text
from small_graph import VERIFY_TOKEN, a_text, a_webhook, received, signed, whatsapp_settings

from relevo.channels.accept import InboxMessage
from relevo.channels.inbox import Inbox
from relevo.channels.whatsapp.connector import WhatsApp
from relevo.ports import free_port
from relevo.protocol import Protocol
from relevo.store.connection import connect
from relevo.whatsapp.signature import HEADER

Sanic.test_mode = True
PATH = "/webhooks/whatsapp/webhook"


class Door:
    """The connector on a free port; messages that it takes in stand in `taken`."""

    def __init__(self, http: httpx.AsyncClient, taken: list[InboxMessage]) -> None:
        self.http, self.taken = http, taken

    async def post(self, webhook: Any, **headers: str) -> int:
        """Status of the answer to a signed webhook."""
        body, plain = signed(webhook)
        return (await self.http.post(PATH, content=body, headers={**plain, **headers})).status_code

    async def verify(self, **query: str) -> httpx.Response:
        asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1158201444"}
        changed = {f"hub.{name}": value for name, value in query.items()}
        return await self.http.get(PATH, params={**asked, **changed})


@asynccontextmanager
async def a_door(redis_url: str, protocol: Protocol, *, is_set_up: bool = True) -> AsyncIterator[Door]:
    taken: list[InboxMessage] = []

    async def take(message: InboxMessage) -> None:
        taken.append(message)

    whatsapp = whatsapp_settings() if is_set_up else None
    channel = WhatsApp(settings_for_tests(redis_url=redis_url, whatsapp=whatsapp), protocol)
    app, port = Sanic(f"door_{free_port()}", configure_logging=False), free_port()
    app.ctx.input_channels, app.ctx.agent = [channel], SimpleNamespace()
    app.ctx.inbox = Inbox(connect(redis_url), take, take)
    app.add_route(lambda _: text("here"), "/")
    app.blueprint(channel.blueprint(take), url_prefix="/webhooks/whatsapp")  # type: ignore[arg-type]
    server = await app.create_server(port=port, host="127.0.0.1", return_asyncio_server=True)
    await server.startup()
    await server.before_start()
    await server.start_serving()
    await server.after_start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        try:
            yield Door(http, taken)
        finally:
            await server.before_stop()
            await server.close()
            app.shutdown_tasks(0)


@pytest.fixture
async def door(redis_client: redis.Redis, redis_url: str, protocol: Protocol) -> AsyncIterator[Door]:
    async with a_door(redis_url, protocol) as door:
        yield door


async def test_meta_is_shown_that_the_address_is_ours(door: Door) -> None:
    answer = await door.verify()
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "query",
    [{"verify_token": "guessed"}, {"verify_token": ""}, {"mode": "unsubscribe"}, {"challenge": "<b>"}],
)
async def test_whoever_does_not_know_the_token_is_shown_nothing(door: Door, query: dict[str, str]) -> None:
    answer = await door.verify(**query)
    assert (answer.status_code, answer.text) == (403, "")


async def test_signed_message_is_taken_in_once_however_often_it_comes(door: Door) -> None:
    statuses = [await door.post(a_webhook(a_text("hola"))) for _ in range(3)]
    assert await door.post(a_webhook(a_text("adiós", 2))) == 200
    await eventually(lambda: door.taken and door.taken[-1].text == "adiós")
    assert (statuses, [message.text for message in door.taken]) == ([200, 200, 200], ["hola", "adiós"])


async def test_content_type_makes_no_difference_and_an_empty_batch_is_fine(door: Door) -> None:
    assert await door.post(a_webhook(a_text("hola")), **{"Content-Type": "text/plain"}) == 200
    assert await door.post({}) == 200


@pytest.mark.parametrize("signature", [None, "", "sha256=" + "0" * 64, "sha1=0", "sha256=\xff"])
async def test_unsigned_and_forged_webhooks_are_refused_before_any_work(
    door: Door, redis_client: redis.Redis, signature: str | None
) -> None:
    body, _ = signed(a_webhook(a_text("hola")))
    headers = {} if signature is None else {HEADER: signature.encode("latin-1")}
    answer = await door.http.post(PATH, content=body, headers=headers)
    assert (answer.status_code, answer.text) == (401, "")
    assert await redis_client.keys("*") == []


async def test_changed_and_truncated_bodies_are_refused(door: Door) -> None:
    body, headers = signed(a_webhook(a_text("hola")))
    for other in (body[:-1], body + b" ", body.replace(b"hola", b"hole")):
        assert (await door.http.post(PATH, content=other, headers=headers)).status_code == 401


async def test_too_much_and_what_is_no_webhook_are_refused(door: Door) -> None:
    assert await door.post(b"x" * (3 * 1024 * 1024 + 1)) == 413
    for body in (b"", b"no json", b"[1, 2]"):
        assert await door.post(body) == 400


async def test_without_whatsapp_in_the_settings_there_is_no_webhook(
    redis_client: redis.Redis, redis_url: str, protocol: Protocol
) -> None:
    async with a_door(redis_url, protocol, is_set_up=False) as door:
        assert await door.post(a_webhook(a_text("hola"))) == 404


PIECES = st.sampled_from(
    ["", "from", "a" * 300, "521", "\x00", "😀", "-1", "1e999", "NaN", "{{}}", "wamid.in1"]
)
VALUES = st.recursive(
    PIECES | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PIECES, inner, max_size=3),
    max_leaves=6,
)


def places(record: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """All places of a webhook at which something else could stand."""
    inner = (
        record.items() if isinstance(record, dict) else enumerate(record) if isinstance(record, list) else ()
    )
    for name, value in inner:
        yield (*path, name)
        yield from places(value, (*path, name))


def changed(record: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(record))
    target = copy
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return copy


SOUND = a_webhook(
    a_text("hola") | {"context": {"from": "1", "id": "wamid.out1"}},
    received("image", {"id": "m", "mime_type": "image/png", "caption": "x"}, 2),
    received("interactive", {"type": "list_reply", "list_reply": {"id": "/greet", "title": "x"}}, 3),
    statuses=[
        {"id": "w", "status": "read", "timestamp": "1764698400", "recipient_id": "1", "errors": [{"code": 1}]}
    ],
)


@given(data=st.data())
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_no_mutation_of_a_signed_webhook_is_answered_by_an_error_of_ours(door: Door, data: Any) -> None:
    webhook: Any = SOUND
    for _ in range(data.draw(st.integers(1, 3))):
        webhook = changed(webhook, data.draw(st.sampled_from(list(places(webhook)))), data.draw(VALUES))
    assert await door.post(webhook) in (200, 400)
