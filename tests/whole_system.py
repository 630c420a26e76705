"""The whole system as `relevo up` starts it, and a customer and an agent who use it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

from relevo.ports import free_port
from relevo.protocol.opening_hours import WEEKDAYS

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 240
ANSWER_SECONDS = 60
PASSWORD = "a-password-for-tests"


def always_open_protocol(folder: Path) -> Path:
    """The demo protocol, but with people at work at all hours: tests run at any time of day."""
    shutil.copytree(ROOT / "protocol", folder)
    company_file = folder / "company.yml"
    company = yaml.safe_load(company_file.read_text(encoding="utf-8"))
    company["hours"]["holidays"] = []
    company["hours"]["weekly"] = {day: ["00:00-24:00"] for day in WEEKDAYS}
    company_file.write_text(yaml.safe_dump(company, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder


class System:
    """`relevo up` as a child process, on free ports, with data of its own."""

    command: tuple[str, ...] = ("up",)

    def __init__(self, folder: Path, **environment: str) -> None:
        self.ports = {name: free_port() for name in ("BOT", "ACTIONS", "DESK")}
        self.lines: list[str] = []
        self._ready = threading.Event()
        self._environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if name not in ("REDIS_URL", "RELEVO_SECRET")
            },
            **{f"RELEVO_{name}_PORT": str(port) for name, port in self.ports.items()},
            "RELEVO_DATA_DIR": str(folder / "var"),
            "RELEVO_PROTOCOL_DIR": str(always_open_protocol(folder / "protocol")),
            "RELEVO_DESK_PASSWORD": PASSWORD,
            **environment,
        }

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.ports['BOT']}/webhooks/webchat"

    @property
    def bot(self) -> str:
        return f"http://127.0.0.1:{self.ports['BOT']}"

    @property
    def desk(self) -> str:
        return f"http://127.0.0.1:{self.ports['DESK']}"

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def start(self) -> None:
        """Start everything; return when it is ready."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "relevo", *self.command],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        assert self._ready.wait(READY_SECONDS), self.output
        assert self._process.poll() is None, self.output

    def stop(self) -> int:
        """Stop everything as Ctrl-C does; the exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(timeout=60)

    def pid_of(self, module: str) -> int:
        """The process that runs a module."""
        parent = self._process.pid
        for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split():
            if module.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                return int(pid)
        raise AssertionError(f"nothing runs {module}")

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip())
            if "Relevo is ready" in line:
                self._ready.set()
        self._ready.set()


@dataclass
class Customer:
    """A customer on the website chat, by the widget's API."""

    http: httpx.AsyncClient
    token: str
    language: str
    seen: list[dict[str, Any]] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language}

    async def send(self, text: str, message_id: str | None = None) -> httpx.Response:
        body = {"id": message_id or str(uuid.uuid4()), "text": text, "language": self.language}
        return await self.http.post("/messages", json=body, headers=self.headers)

    async def ask(self, text: str) -> str:
        """Send a message and return the texts of the answer to it."""
        before = len(self.words("bot"))
        reply = await self.send(text)
        assert reply.status_code == 202, reply.text
        await self.wait(lambda: len(self.words("bot")) > before)
        return "\n".join(self.words("bot")[before:])

    def words(self, author: str) -> list[str]:
        return [entry["text"] for entry in self.seen if entry.get("author") == author and "text" in entry]

    def status(self) -> dict[str, Any]:
        """The latest change that the page shows: waiting, claimed or bot."""
        return next((entry for entry in reversed(self.seen) if entry["type"] == "status"), {"status": "bot"})

    async def wait(self, until: Callable[[], bool], seconds: float = ANSWER_SECONDS) -> None:
        async with self.arrived:
            await asyncio.wait_for(self.arrived.wait_for(until), seconds)

    async def read(self) -> None:
        """Follow the stream until cancelled."""
        async with self.http.stream("GET", "/events", headers=self.headers, timeout=None) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data:"):
                    async with self.arrived:
                        self.seen.append(json.loads(line.removeprefix("data:")))
                        self.arrived.notify_all()


@asynccontextmanager
async def customer_of(system: System, language: str) -> AsyncIterator[Customer]:
    """A new customer whose page is open."""
    async with httpx.AsyncClient(base_url=system.page) as http:
        begun = await http.post("/conversations", json={"language": language})
        assert begun.status_code == 201, begun.text
        customer = Customer(http, begun.json()["token"], language)
        reading = asyncio.create_task(customer.read())
        await customer.wait(lambda: bool(customer.words("bot")))
        try:
            yield customer
        finally:
            reading.cancel()


class Agent:
    """Someone at the desk, by its pages."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def open(self, path: str) -> str:
        page = await self._http.get(path)
        assert page.status_code == 200, page.text
        return page.text

    async def act(self, folio: str, verb: str, **fields: str) -> str:
        """Claim, answer, release or resolve a case by its page's forms; the page that follows."""
        page = await self.open(f"/cases/{folio}")
        hidden = {name: _hidden(page, name) for name in ("csrf", "answer_id")}
        reply = await self._http.post(f"/cases/{folio}/{verb}", data={**hidden, **fields})
        assert reply.status_code == 200, reply.text
        return reply.text

    async def find(self, folio: str, pattern: str) -> str:
        """What the first group of a pattern holds as soon as the case's page has it."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while not (found := re.search(pattern, await self.open(f"/cases/{folio}"))):
            assert time.monotonic() < deadline, f"the case's page has no {pattern}"
            await asyncio.sleep(0.2)
        return found[1]

    async def download(self, address: str) -> tuple[bytes, str]:
        """The content of a file and its type."""
        reply = await self._http.get(address)
        assert reply.status_code == 200, reply.text
        return reply.content, reply.headers["content-type"]

    async def folio_of(self, words: str) -> str:
        """The folio of the open case whose row shows some words."""
        for row in re.findall(r"<tr[^>]*queue-row.*?</tr>", await self.open("/"), re.DOTALL):
            if words in row:
                return re.search(r'data-folio="([^"]+)"', row)[1]  # type: ignore[index]
        raise AssertionError(f"no open case shows {words!r}")


@asynccontextmanager
async def agent_of(system: System) -> AsyncIterator[Agent]:
    """The first supervisor, signed in, with the desk in English."""
    headers = {"Accept-Language": "en"}
    async with httpx.AsyncClient(base_url=system.desk, follow_redirects=True, headers=headers) as http:
        csrf = _hidden((await http.get("/login")).text, "csrf")
        page = await http.post("/login", data={"name": "supervisor", "password": PASSWORD, "csrf": csrf})
        assert 'data-testid="logout"' in page.text, page.text
        yield Agent(http)


def _hidden(page: str, name: str) -> str:
    match = re.search(rf'name="{name}" value="([^"]*)"', page)
    return match.group(1) if match else ""
