"""Customers of the website chat for the benches: a server in a process of its own, and who writes to it."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parents[2]
BASE = "/webhooks/webchat"


@dataclass
class Server:
    """The connector's process."""

    url: str
    pid: int

    def megabytes(self) -> float:
        """What it holds in memory."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


@asynccontextmanager
async def chat_server(redis_url: str) -> AsyncIterator[Server]:
    """A connector for the length of the block."""
    path = f"{ROOT}{os.pathsep}{ROOT / 'tests'}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-m", "tests.bench.chat_server", redis_url),
        env={**os.environ, "PYTHONPATH": path},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin and process.stdout
    url = (await process.stdout.readline()).decode().strip()
    try:
        yield Server(url, process.pid)
    finally:
        process.stdin.close()
        await process.wait()


@dataclass
class Customer:
    """One browser, at an address of its own."""

    session: aiohttp.ClientSession
    url: str
    token: str = ""
    address: str = field(default_factory=lambda: ".".join(str(random.randint(1, 254)) for _ in range(4)))  # noqa: S311

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "X-Forwarded-For": self.address}

    async def begin(self) -> None:
        """Open the chat."""
        address = f"{self.url}{BASE}/conversations"
        async with self.session.post(address, json={}, headers={"X-Forwarded-For": self.address}) as reply:
            self.token = (await reply.json())["token"]

    async def say(self, text: str) -> float:
        """Send a message; the seconds until it is acknowledged."""
        started = time.perf_counter()
        body = {"id": str(uuid.uuid4()), "text": text}
        async with self.session.post(f"{self.url}{BASE}/messages", json=body, headers=self.headers) as reply:
            assert reply.status == 202, reply.status
            await reply.read()
        return time.perf_counter() - started
