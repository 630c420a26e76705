"""The proxy as it runs: a real nginx with our configuration before stand-ins of bot and desk."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from relevo.ports import free_port
from tests.nginx import Proxy, running_proxy

pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")

Reply = tuple[int, bytes, dict[str, str]]


class StandIn:
    """Tells what it was asked; an event stream sends its second event when it is told to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.go_on = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if "events" not in request.path:
            told = {"by": self.name, "path": request.raw_path, "headers": dict(request.headers)}
            return web.json_response(told)
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        await stream.write(b"data: first\n\n")
        await self.go_on.wait()
        await stream.write(b"data: second\n\n")
        return stream

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        app = web.Application(client_max_size=10**6)
        app.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield port
        finally:
            self.go_on.set()
            await runner.cleanup()


@pytest.fixture
async def bot() -> StandIn:
    return StandIn("bot")


@pytest.fixture
async def desk() -> StandIn:
    return StandIn("desk")


@pytest.fixture
async def proxy(tmp_path: Path, bot: StandIn, desk: StandIn) -> AsyncIterator[Proxy]:
    async with (
        bot.serving() as bot_port,
        desk.serving() as desk_port,
        running_proxy(tmp_path, bot_port, desk_port) as running,
    ):
        yield running


async def ask(port: int, path: str, *, body: bytes | None = None, **headers: str) -> Reply:
    """Ask for a path exactly as it is written."""

    def blocking() -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET" if body is None else "POST", path, body, named)
        answer = connection.getresponse()
        result = answer.status, answer.read(), dict(answer.getheaders())
        connection.close()
        return result

    return await asyncio.to_thread(blocking)


async def told(port: int, path: str, **headers: str) -> Any:
    """What the stand-in says that it was asked."""
    status, body, _ = await ask(port, path, **headers)
    assert status == 200
    return json.loads(body)


@pytest.mark.parametrize("path", ["/webhooks/webchat/", "/webhooks/webchat/widget/relevo.js?v=1"])
async def test_the_channels_reach_the_bot(proxy: Proxy, path: str) -> None:
    answer = await told(proxy.customers, path)
    assert (answer["by"], answer["path"]) == ("bot", path)


@pytest.mark.parametrize("via", [{}, {"Via": "1.1 cache.example"}])
async def test_what_the_page_loads_is_compressed(proxy: Proxy, via: dict[str, str]) -> None:
    path, asked = "/webhooks/webchat/widget/relevo.js", {"Accept-Encoding": "gzip", **via}
    _, body, headers = await ask(proxy.customers, path, **asked)
    assert (headers.get("Content-Encoding"), headers.get("Vary")) == ("gzip", "Accept-Encoding")
    assert json.loads(gzip.decompress(body))["path"] == path


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/version",
        "/status",
        "/model",
        "/model/parse",
        "/conversations/c1/tracker",
        "/domain",
        "/webhooks",
        "/login",
        "//conversations/c1/tracker",
        "/webhooks/../conversations/c1/tracker",
        "/webhooks/%2e%2e/conversations/c1/tracker",
        "/conversations/x/../../webhooks/c1/tracker/events",
        "/conversations/%2e%2e/webhooks/webchat/events",
        "/conversations/../webhooks/webchat/events",
        "/%77ebhooks/webchat/",
        "/webhooks/webchat/..%2f..%2fconversations/c1/tracker",
    ],
)
async def test_nothing_else_of_the_bot_can_be_reached(proxy: Proxy, path: str) -> None:
    status, body, _ = await ask(proxy.customers, path)
    assert status == 404
    assert b'"by"' not in body


async def test_the_desk_has_a_port_of_its_own_and_keeps_its_health_to_itself(proxy: Proxy) -> None:
    assert (await told(proxy.desk, "/cases/RV-1?x=1"))["by"] == "desk"
    status, _, _ = await ask(proxy.desk, "/health")
    assert status == 404


@pytest.mark.parametrize(
    ("side", "path"), [("customers", "/webhooks/webchat/events"), ("desk", "/events/queue")]
)
async def test_events_arrive_one_by_one(
    proxy: Proxy, bot: StandIn, desk: StandIn, side: str, path: str
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", getattr(proxy, side))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n".encode())
    await asyncio.wait_for(reader.readuntil(b"data: first\n\n"), 10)
    (bot if side == "customers" else desk).go_on.set()
    await asyncio.wait_for(reader.readuntil(b"data: second\n\n"), 10)
    writer.close()


async def test_only_the_proxy_in_front_says_where_a_customer_is(proxy: Proxy) -> None:
    answer = await told(proxy.customers, "/webhooks/webchat/", X_Forwarded_For="203.0.113.9, 198.51.100.7")
    assert answer["headers"]["X-Forwarded-For"] == "198.51.100.7"


async def test_a_flood_from_one_address_is_refused_and_another_address_is_served(proxy: Proxy) -> None:
    statuses: list[int] = []
    while 429 not in statuses and len(statuses) < 1_000:  # A busy machine's flood swells slowly.
        flood = [ask(proxy.customers, "/webhooks/webchat/", X_Forwarded_For="203.0.113.9") for _ in range(90)]
        statuses += [status for status, _, _ in await asyncio.gather(*flood)]
    assert set(statuses) == {200, 429}
    assert statuses.count(200) > 50
    status, _, _ = await ask(proxy.customers, "/webhooks/webchat/", X_Forwarded_For="203.0.113.10")
    assert status == 200


async def test_a_body_of_64_kilobytes_passes_and_a_larger_one_does_not(proxy: Proxy) -> None:
    for size, expected in ((64 * 1024, 200), (64 * 1024 + 1, 413)):
        status, _, _ = await ask(proxy.customers, "/webhooks/webchat/messages", body=b"x" * size)
        assert status == expected


async def test_the_access_log_names_no_query_conversation_token_or_body(proxy: Proxy) -> None:
    secrets = {"Authorization": "Bearer secret-token", "Cookie": "relevo_session=secret-session"}
    await ask(
        proxy.customers, "/webhooks/webchat/messages?token=secret-query", body=b"secret-body", **secrets
    )
    await ask(proxy.desk, "/conversations/secret-conversation", **secrets)
    await ask(proxy.desk, "/cases/RV-secret", **secrets)
    log = await proxy.logged(lines=3)
    assert [line.split()[2:5] for line in log.splitlines()] == [
        ["POST", "/webhooks/webchat/messages", "200"],
        ["GET", "/conversations", "200"],
        ["GET", "/cases", "200"],
    ]
    assert "secret" not in log
