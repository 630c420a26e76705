"""A desk that really serves, and builders for what it shows."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import redis.asyncio as redis
from argon2 import PasswordHasher
from sanic import Sanic

from relevo.cases.case import Case
from relevo.cases.queue import CaseQueue
from relevo.desk.app import create_app
from relevo.desk.desk import Desk
from relevo.desk.users import Role, UserDirectory
from relevo.follow_ups.follow_up import FollowUp
from relevo.ports import free_port
from relevo.settings import Settings
from relevo.store.keys import ConversationKeys

# Else Sanic, which rewrites its own methods at the start, serves one app in a process only.
Sanic.test_mode = True

CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PASSWORD = "correct horse battery staple"
NOW = 1_764_000_000.0
"""Monday, 24 November 2025, 10:00 in Mexico City."""
ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Clock:
    """A clock that goes only when told."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Site:
    """A running desk: its address, its clock and what is behind it."""

    url: str
    client: redis.Redis
    desk: Desk
    clock: Clock
    browsers: list[Browser] = field(default_factory=list)

    @property
    def queue(self) -> CaseQueue:
        return self.desk.queue

    def browser(self, **headers: str) -> Browser:
        """A visitor who is not signed in."""
        browser = Browser(self, httpx.AsyncClient(base_url=self.url, headers=headers, timeout=10))
        self.browsers.append(browser)
        return browser

    async def signed_in(self, name: str = "ana", role: Role = "agent", **headers: str) -> Browser:
        """The browser of a user, who is added if need be."""
        if not await self.desk.users.get(name):
            await self.desk.users.add(name, name.capitalize(), PASSWORD, role)
        browser = self.browser(**headers)
        answer = await browser.sign_in(name, PASSWORD)
        assert answer.status_code == 303
        return browser


@dataclass
class Browser:
    """Someone who looks at pages and sends their forms."""

    site: Site
    http: httpx.AsyncClient

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.get(path, headers=headers)

    async def page(self, path: str) -> str:
        answer = await self.get(path)
        assert answer.status_code == 200, answer.status_code
        return answer.text

    async def token(self, path: str = "/follow-ups") -> str:
        """The token of the forms of a page."""
        found = re.search(r'name="csrf" value="([^"]+)"', (await self.get(path)).text)
        assert found
        return found[1]

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form, with its token unless another is given."""
        token = fields.pop("csrf", None) or await self.token()
        return await self.http.post(path, data={"csrf": token, **fields})

    async def sign_in(self, name: str, password: str, **fields: str) -> httpx.Response:
        token = await self.token("/login")
        return await self.http.post(
            "/login", data={"csrf": token, "name": name, "password": password, **fields}
        )


@asynccontextmanager
async def serve_desk(client: redis.Redis, password: str | None = None, **values: Any) -> AsyncIterator[Site]:
    """A desk on a free port for the length of the block; `values` are further settings."""
    clock, port = Clock(), free_port()
    app = create_app(settings(desk_password=password, **values), client, now=clock)
    app.ctx.desk = replace(app.ctx.desk, users=UserDirectory(client, CHEAP))
    server = await app.create_server(port=port, host="127.0.0.1", return_asyncio_server=True)
    await server.startup()
    await server.before_start()
    await server.start_serving()
    site = Site(f"http://127.0.0.1:{port}", client, app.ctx.desk, clock)
    try:
        yield site
    finally:
        for browser in site.browsers:
            await browser.http.aclose()
        await server.before_stop()
        await server.close()
        app.shutdown_tasks(0)


def settings(**values: Any) -> Settings:
    """Settings of a test; nothing of the environment's secrets."""
    plain = {"redis_url": None, "desk_password": None, "host": "127.0.0.1", "secure_cookies": False}
    return replace(Settings.from_environment(), **{**plain, "protocol_dir": ROOT / "protocol", **values})


async def open_case(site: Site, conversation: str = "c1", **values: Any) -> Case:
    """A case that waits."""
    defaults: dict[str, Any] = {
        "folio": "",
        "kind": "hand_off",
        "conversation": conversation,
        "channel": "webchat",
        "language": "es",
        "area": "customer_care",
        "priority": "normal",
        "rank": 2,
        "opened_at": site.clock.now,
        "target_at": site.clock.now + 300,
        "topic": "track_order",
        "tone": "calm",
        "trigger": "asks_for_person",
    }
    case, _ = await site.queue.open(Case(**{**defaults, **values}), cause=f"{conversation}:{values}")
    return case


def follow_up(number: int, **values: Any) -> FollowUp:
    """A follow-up with the folio `RV-0000-000<number>`."""
    defaults: dict[str, Any] = {
        "folio": f"RV-0000-{number:04}",
        "conversation": f"c{number}",
        "channel": "webchat",
        "language": "es",
        "method": "call",
        "contact": "+525512345678",
        "topic": "track_order",
        "due_at": NOW,
        "created_at": NOW - 7200,
        "cause": f"m{number}",
    }
    return FollowUp(**{**defaults, **values})


async def customer_says(client: redis.Redis, conversation: str, text: str, **values: Any) -> None:
    """A customer's message in the log, as the tracker store writes it."""
    parsed = {
        "intent": {"name": values.get("topic", "track_order")},
        "tone": {"name": values.get("tone", "calm")},
        "language": values.get("language", {}),
    }
    titled = {"title": values["title"]} if "title" in values else {}
    metadata = {**values.get("metadata", {}), **titled}
    event = {"event": "user", "text": text, "metadata": metadata, "parse_data": parsed}
    event["input_channel"] = values.get("channel", "webchat")
    await _log(client, conversation, {**event, "timestamp": values.get("at", NOW)})


async def bot_says(client: redis.Redis, conversation: str, text: str, **values: Any) -> None:
    """A message of the bot, or of the agent who is named."""
    metadata = {"agent": values["agent"]} if "agent" in values else {}
    event = {"event": "bot", "text": text, "metadata": metadata, "timestamp": values.get("at", NOW)}
    await _log(client, conversation, event)


async def _log(client: redis.Redis, conversation: str, event: dict[str, Any]) -> None:
    await client.xadd(ConversationKeys(conversation).log, {"e": json.dumps(event, ensure_ascii=False)})


@asynccontextmanager
async def listening(
    browser: Browser, path: str, **headers: str
) -> AsyncIterator[AsyncIterator[dict[str, str]]]:
    """The events of a stream, each with `event`, `data` and perhaps `id`."""
    async with browser.http.stream("GET", path, headers=headers) as answer:
        assert answer.status_code == 200
        yield _events(answer)


async def _events(answer: httpx.Response) -> AsyncIterator[dict[str, str]]:
    event: dict[str, str] = {}
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if line and name:
            event[name] = f"{event[name]}\n{value}" if name in event else value
        elif "event" in event:
            yield event
            event = {}
        else:
            event = {}


async def next_event(events: AsyncIterator[dict[str, str]], seconds: float = 10.0) -> dict[str, str]:
    """The next event, which must come before the next beat could bring it."""
    return await asyncio.wait_for(anext(events), seconds)
