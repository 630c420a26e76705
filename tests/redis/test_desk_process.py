"""The desk as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import redis.asyncio as redis

from relevo.desk.users import UserDirectory
from relevo.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "words for the first supervisor"


@contextmanager
def started(port: int, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m relevo.desk` for the length of the block."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "relevo.desk"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "RELEVO_DESK_PORT": str(port), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until_healthy(url: str, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the desk did not come up")


async def test_it_starts_adds_the_first_user_and_stops_at_once(
    redis_url: str, redis_client: redis.Redis
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with started(port, REDIS_URL=redis_url, RELEVO_DESK_PASSWORD=PASSWORD) as process:
        wait_until_healthy(url)
        assert await UserDirectory(redis_client).check("supervisor", PASSWORD)
        async with httpx.AsyncClient() as browser:
            await browser.get(f"{url}/login?to=/cases/secret")
        process.terminate()
        output, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert PASSWORD not in output
    assert "secret" not in output


def test_a_port_that_is_taken_is_told_and_ends_the_process(redis_url: str) -> None:
    port = free_port()
    with started(port, REDIS_URL=redis_url) as first:
        wait_until_healthy(f"http://127.0.0.1:{port}")
        with started(port, REDIS_URL=redis_url) as second:
            output, _ = second.communicate(timeout=20)
        assert second.returncode == 1
        assert "RELEVO_DESK_PORT" in output
        assert "Traceback" not in output
        assert first.poll() is None


def test_without_redis_it_comes_up_and_says_that_it_is_not_healthy() -> None:
    port = free_port()
    with started(port, REDIS_URL=f"redis://127.0.0.1:{free_port()}/0") as process:
        deadline = time.monotonic() + 20
        status = 0
        while status != 503 and time.monotonic() < deadline:
            assert process.poll() is None, process.communicate()[0]
            try:
                status = httpx.get(f"http://127.0.0.1:{port}/health").status_code
            except httpx.TransportError:
                time.sleep(0.05)
    assert status == 503
