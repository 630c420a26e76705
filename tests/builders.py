"""Builders that several tests share: settings, messages, other processes, a bot, a network that fails."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import redis.asyncio as redis
from aiohttp import web

from relevo.cases.case import Case
from relevo.channels.accept import InboxMessage
from relevo.ports import free_port
from relevo.settings import Settings
from relevo.store.connection import connect
from relevo.store.keys import ConversationKeys

ROOT = Path(__file__).resolve().parents[1]
SECRET = "a secret of tests, long enough for the real check"
NOON = 1_764_698_400.0
"""Tuesday, 2 December 2025, 12:00 in Mexico City."""


def settings_for_tests(**values: Any) -> Settings:
    """Settings of a test: nothing of the environment's secrets, the demo protocol."""
    plain = {"redis_url": None, "secret": SECRET, "desk_password": None, "protocol_dir": ROOT / "protocol"}
    return replace(Settings.from_environment(), **{**plain, **values})


def a_message(number: int = 1, conversation: str = "c1", **values: Any) -> InboxMessage:
    """A customer's message with the id `message-<number>`."""
    plain = {"channel": "webchat", "text": f"text {number}", "language": "es"}
    return InboxMessage(id=f"message-{number}", conversation=conversation, **{**plain, **values})


def a_case(number: int = 1, **values: Any) -> Case:
    """A hand-off that the conversation `c<number>` waits for since noon; the queue draws its folio."""
    case = Case(
        folio="",
        kind="hand_off",
        conversation=f"c{number}",
        channel="webchat",
        language="es",
        area="customer_care",
        priority="normal",
        rank=2,
        opened_at=NOON,
        target_at=NOON + 300,
        topic="track_order",
        tone="calm",
        trigger="asks_for_person",
    )
    return replace(case, **values)


def local_time(moment: str) -> float:
    """The instant of a time of day in Mexico City, such as `2025-11-30 12:00`."""
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("America/Mexico_City")).timestamp()


async def eventually(holds: Callable[[], Awaitable[Any] | Any], seconds: float = 5.0) -> Any:
    """What `holds` returns, as soon as that is true; for what no event tells of."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        outcome = holds()
        value = await outcome if isinstance(outcome, Awaitable) else outcome
        if value:
            return value
        assert asyncio.get_running_loop().time() < deadline, f"still not so after {seconds} s"
        await asyncio.sleep(0.005)


def childrens_seconds() -> float:
    """Processor time of the child processes that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def is_renewed(client: redis.Redis, lease: str) -> None:
    """Returns once the holder of a lease has lengthened it: what is left of its time rises."""
    left = await client.pttl(lease)

    async def has_risen() -> bool:
        nonlocal left
        before, left = left, await client.pttl(lease)
        return left > before

    await eventually(has_risen)


@asynccontextmanager
async def hearing(
    client: redis.Redis, *channels: str
) -> AsyncIterator[Callable[[], Awaitable[list[tuple[str, str]]]]]:
    """What is published in the block, as channel and words: a call gives all of it since the call before."""
    end = "the end of what was published"
    async with client.pubsub() as pubsub:
        messages = pubsub.listen()
        await pubsub.subscribe(*channels)
        for _ in channels:  # Redis says that we listen.
            await anext(messages)

        async def heard() -> list[tuple[str, str]]:
            await client.publish(channels[0], end)
            found = []
            while (message := await anext(messages))["data"] != end:
                found.append((message["channel"], message["data"]))
            return found

        yield heard


@dataclass
class OtherProcess:
    """A Python process beside the test, which can be killed."""

    process: asyncio.subprocess.Process

    async def line(self) -> str:
        """The next line that it prints."""
        assert self.process.stdout
        return (await asyncio.wait_for(self.process.stdout.readline(), 30)).decode().strip()

    async def kill(self) -> None:
        """End it without any chance to tidy up."""
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def another_process(code: str, **environment: str) -> AsyncIterator[OtherProcess]:
    """Runs Python code beside the test, killed at the end of the block if need be."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=asyncio.subprocess.PIPE,
    )
    other = OtherProcess(process)
    try:
        yield other
    finally:
        if process.returncode is None:
            await other.kill()


def after_each_command(client: redis.Redis, deed: Callable[[], Awaitable[Any]]) -> None:
    """Have something done after each command of a client, as others do whenever they please."""
    run = client.execute_command

    async def execute_command(*args: Any, **options: Any) -> Any:
        result = await run(*args, **options)
        await deed()
        return result

    client.execute_command = execute_command  # type: ignore[method-assign]


@asynccontextmanager
async def client_of(redis_url: str) -> AsyncIterator[redis.Redis]:
    """A connection of another server."""
    client = connect(redis_url)
    try:
        yield client
    finally:
        await client.close()
        await client.connection_pool.disconnect()


class Network:
    """The network between a program and Redis; it can lose an answer, with its connection."""

    def __init__(self, redis_url: str) -> None:
        self._redis = urlsplit(redis_url)
        self._port = free_port()
        self._answers_to_lost = 0
        self.lost = 0

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def lose_answer(self, number: int = 1) -> None:
        """Redis will do what it is asked, but the one who asked is not told; the first answer from now."""
        self._answers_to_lost = number

    @asynccontextmanager
    async def up(self) -> AsyncIterator[Network]:
        server = await asyncio.start_server(self._connect, "127.0.0.1", self._port)
        async with server:
            yield self

    async def _connect(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection(self._redis.hostname, self._redis.port)
        there = asyncio.create_task(self._carry(client, to_server))
        back = asyncio.create_task(self._carry(server, to_client, may_lose=True))
        await asyncio.wait([there, back], return_when=asyncio.FIRST_COMPLETED)
        for end in (there, back):
            end.cancel()
        for writer in (to_server, to_client):
            writer.close()

    async def _carry(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, may_lose: bool = False
    ) -> None:
        while data := await source.read(65_536):
            if may_lose and self._answers_to_lost:
                self._answers_to_lost -= 1
                if not self._answers_to_lost:
                    self.lost += 1
                    return
            target.write(data)
            await target.drain()


@dataclass
class Delivered:
    """What the bot was asked to append."""

    conversation: str
    channel: str
    events: list[dict[str, Any]]
    authorization: str
    address: str

    @property
    def texts(self) -> list[str]:
        return [event["text"] for event in self.events if event.get("text")]


@dataclass
class Bot:
    """A bot's server as the clock sees it: it appends events, and notes what it has handled."""

    client: redis.Redis
    port: int = field(default_factory=free_port)
    delivered: list[Delivered] = field(default_factory=list)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    """By conversation: what the next requests are answered, before anything is done; then 200."""
    hangs: dict[str, asyncio.Event] = field(default_factory=dict)
    """By conversation: what its requests wait for before anything is done."""
    has_worked: asyncio.Event = field(default_factory=asyncio.Event)
    may_reply: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_reply.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def texts(self) -> list[str]:
        """All that was appended, in order."""
        return [text for delivered in self.delivered for text in delivered.texts]

    def texts_in(self, conversation: str) -> list[str]:
        """What was appended to one conversation, in order."""
        return [text for one in self.delivered if one.conversation == conversation for text in one.texts]

    @asynccontextmanager
    async def up(self) -> AsyncIterator[Bot]:
        """Serve for the length of the block."""
        app = web.Application()
        app.router.add_post("/conversations/{conversation}/tracker/events", self._append)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port, shutdown_timeout=0.1).start()
        try:
            yield self
        finally:
            for may_go_on in (self.may_reply, *self.hangs.values()):
                may_go_on.set()
            await runner.cleanup()

    async def _append(self, request: web.Request) -> web.Response:
        conversation = request.match_info["conversation"]
        if conversation in self.hangs:
            await self.hangs[conversation].wait()
        if statuses := self.statuses.get(conversation):
            return web.Response(status=statuses.pop(0))
        delivered = Delivered(
            conversation,
            request.query["output_channel"],
            await request.json(),
            request.headers.get("Authorization", ""),
            request.path_qs,
        )
        self.delivered.append(delivered)
        ids = {event["metadata"]["outbox_id"] for event in delivered.events}
        # As the tracker store does, in one step with the events.
        await self.client.sadd(ConversationKeys(conversation).handled, *ids)
        self.has_worked.set()
        await self.may_reply.wait()
        return web.json_response({})
