"""The website chat's connector, really served, with a bot behind it that only repeats what it is told."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import httpx
import redis.asyncio as redis
from builders import ROOT, settings_for_tests
from rasa.server import configure_cors
from sanic import Sanic

from relevo.bot import MAX_REQUEST_BYTES
from relevo.channels import channel as channel_module
from relevo.channels.accept import InboxMessage
from relevo.channels.webchat.connector import WebChat
from relevo.ports import free_port
from relevo.protocol import load_protocol
from relevo.request_heads import refuse_malformed_heads
from relevo.store.out_stream import OutStream

Sanic.test_mode = True

BASE = "/webhooks/webchat"
SHOP = "https://shop.example"
"""A page that may embed the chat."""


class Echo:
    """In place of the bot's turns: says each message again."""

    def __init__(self, client: redis.Redis, *_: object) -> None:
        self._redis = client

    async def run(self, message: InboxMessage) -> None:
        entry = {"type": "message", "author": "bot", "text": f"«{message.text}»"}
        await OutStream(self._redis, message.conversation).post(message.id, entry)

    async def apologise(self, message: InboxMessage) -> None: ...


@dataclass
class ChatSite:
    """A running connector."""

    url: str
    client: redis.Redis
    data_dir: Path
    app: Sanic
    http: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.AsyncClient(base_url=self.url + BASE, timeout=20)

    async def visitor(self, language: str = "es") -> Visitor:
        """Someone who has opened the chat."""
        answer = await self.http.post("/conversations", json={"language": language})
        assert answer.status_code == 201, answer.text
        return Visitor(self, answer.json()["token"])


@dataclass
class Visitor:
    """A browser with its token."""

    site: ChatSite
    token: str

    @property
    def conversation(self) -> str:
        signer = next(c for c in self.site.app.ctx.input_channels)._signer
        return str(signer.conversation(self.token))

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def say(self, text: str, message_id: str | None = None) -> httpx.Response:
        return await self.post("/messages", {"id": message_id or str(uuid.uuid4()), "text": text})

    async def post(self, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        return await self.site.http.post(path, json=body, headers={**self.headers, **headers})

    async def send_file(self, data: bytes, name: str = "foto.png", client_id: str = "") -> httpx.Response:
        headers = {**self.headers, "X-File-Name": quote(name), "X-Client-Id": client_id or str(uuid.uuid4())}
        return await self.site.http.post("/attachments", content=data, headers=headers)

    @asynccontextmanager
    async def page(self, last_id: str = "") -> AsyncIterator[Page]:
        """The open chat."""
        headers = {**self.headers, **({"Last-Event-ID": last_id} if last_id else {})}
        async with self.site.http.stream("GET", "/events", headers=headers, timeout=None) as stream:
            assert stream.status_code == 200
            yield Page(stream.aiter_lines())


@dataclass
class Page:
    """What an open chat hears."""

    lines: AsyncIterator[str]
    last_id: str = ""

    async def next(self) -> dict[str, Any]:
        """The next entry."""
        return await asyncio.wait_for(self._next(), 10)

    async def until(self, kind: str) -> dict[str, Any]:
        """The next entry of a type."""
        while (entry := await self.next())["type"] != kind:
            pass
        return entry

    async def _next(self) -> dict[str, Any]:
        async for line in self.lines:
            if line.startswith("id: "):
                self.last_id = line[4:]
            if line.startswith("data: "):
                entry: dict[str, Any] = json.loads(line[6:])
                return entry
        raise AssertionError("the stream has ended")


@asynccontextmanager
async def serve_chat(client: redis.Redis, redis_url: str, data_dir: Path) -> AsyncIterator[ChatSite]:
    """The connector on a free port for the length of the block."""
    settings = settings_for_tests(
        redis_url=redis_url, data_dir=data_dir, chat_origins=frozenset({SHOP}), proxies=1
    )
    channel, port = WebChat(settings, load_protocol(ROOT / "protocol")), free_port()
    app = Sanic(f"chat_{uuid.uuid4().hex}", configure_logging=False)
    refuse_malformed_heads(app)
    app.config.REQUEST_MAX_SIZE, app.config.PROXIES_COUNT = MAX_REQUEST_BYTES, 1
    app.config.RESPONSE_TIMEOUT, app.config.ACCESS_LOG = 3_600, False
    configure_cors(app)
    app.ctx.agent, app.ctx.input_channels = SimpleNamespace(), [channel]
    app.blueprint(channel.blueprint(None), url_prefix=BASE)  # type: ignore[arg-type]
    server = await app.create_server(port=port, host="127.0.0.1", return_asyncio_server=True)
    original, channel_module.Turns = channel_module.Turns, Echo  # type: ignore[misc,assignment]
    try:
        await server.startup()
        await server.before_start()
        await server.after_start()
        await server.start_serving()
        site = ChatSite(f"http://127.0.0.1:{port}", client, data_dir, app)
        yield site
        await site.http.aclose()
        await server.before_stop()
        await server.close()
        app.shutdown_tasks(0)
    finally:
        channel_module.Turns = original  # type: ignore[misc]
