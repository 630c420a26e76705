"""Whatever a browser sends: taken or refused with a reason, never an error, never another's conversation."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis.asyncio as redis
from chat_site import BASE, ChatSite, Visitor, serve_chat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relevo.channels.webchat import connector, door, files
from relevo.store.rate_limit import RateLimit

EXAMPLES = int(os.environ.get("RELEVO_FUZZ_EXAMPLES", "300"))
"""In a long run 100,000."""
SECRET_WORDS = "palabras de otra persona"
PLENTY = 10**9
PATHS = (
    "/messages",
    "/read",
    "/rating",
    "/conversations",
    "/attachments",
    "/events",
    "/nothing",
    "//",
    "/..",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.text(max_size=70) | st.just("message-1"),
        "text": st.text(max_size=60),
        "payload": st.text(max_size=30) | st.sampled_from(["/track_order", "/restart", "/session_start"]),
        "language": st.sampled_from(["en", "es", "fr", ""]),
        "position": st.text(max_size=45) | st.from_regex(r"\A\d{1,25}-\d{1,25}\Z"),
        "score": st.integers() | st.text(max_size=3),
        "comment": st.text(max_size=50),
    },
)
BODIES = st.binary(max_size=200) | (JSON | FIELDS).map(lambda value: json.dumps(value).encode())
HEADER_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Content-Type": st.sampled_from(["application/json", "text/html", "multipart/form-data; boundary=x"])
        | HEADER_TEXT,
        "X-Client-Id": st.just("message-1") | HEADER_TEXT,
        "X-File-Name": HEADER_TEXT,
        "Accept-Language": HEADER_TEXT,
        "Last-Event-ID": HEADER_TEXT,
        "Origin": HEADER_TEXT,
        "X-Forwarded-For": HEADER_TEXT,
    },
)
TOKENS = st.sampled_from(["own", "none", "cut", "flipped"])


@pytest.fixture
async def site(
    redis_client: redis.Redis, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ChatSite]:
    for module, name in (
        *((connector, name) for name in ("MESSAGES", "CONVERSATIONS", "RECEIPTS", "RATINGS")),
        *((door, name) for name in ("REQUESTS",)),
        *((files, name) for name in ("OF_CONVERSATION", "OF_ADDRESS")),
    ):
        limit: RateLimit = getattr(module, name)
        monkeypatch.setattr(module, name, RateLimit(limit.what, PLENTY, limit.seconds))
    async with serve_chat(redis_client, redis_url, tmp_path) as site:
        yield site


async def test_posts_of_any_kind_are_taken_or_refused(site: ChatSite) -> None:
    other, own = await site.visitor(), await site.visitor()
    await other.say(SECRET_WORDS)
    client = RawClient(site)
    loop = asyncio.get_running_loop()

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.sampled_from(["POST", "PUT", "OPTIONS"]), st.sampled_from(PATHS), BODIES, HEADERS, TOKENS)
    def send(method: str, path: str, body: bytes, headers: dict[str, str], token: str) -> None:
        asked = client.ask(method, path, body, {**headers, **authorization(own, token)})
        status, answer = asyncio.run_coroutine_threadsafe(asked, loop).result(20)
        assert 200 <= status < 300 or 400 <= status < 500, (status, method, path, body, headers)
        assert SECRET_WORDS.encode() not in answer

    await asyncio.to_thread(send)
    await client.close()
    async with own.page() as page:
        while page.last_id != await last_position(own):
            assert SECRET_WORDS not in str(await page.next())


def authorization(visitor: Visitor, kind: str) -> dict[str, str]:
    """A token as it is given, or forged, or cut off."""
    if kind == "none":
        return {}
    head, body, signature = visitor.token.split(".")
    flipped = signature[:-2] + ("A" if signature[-2] != "A" else "B") + signature[-1]
    token = {"own": visitor.token, "cut": f"{head}.{body}", "flipped": f"{head}.{body}.{flipped}"}[kind]
    return {"Authorization": f"Bearer {token}"}


async def last_position(visitor: Visitor) -> str:
    entries = await visitor.site.client.xrevrange(f"relevo:{{{visitor.conversation}}}:out", count=1)
    return str(entries[0][0])


class RawClient:
    """Sends what no proper client would."""

    def __init__(self, site: ChatSite) -> None:
        host, port = site.url.removeprefix("http://").split(":")
        self._address = (host, int(port))
        self._connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """The status and body of the answer. A kept connection may have been closed as idle: then again."""
        was_kept = self._connection is not None
        try:
            return await self._ask(method, path, body, headers)
        except (asyncio.IncompleteReadError, OSError, RuntimeError):
            await self.close()
            if not was_kept:
                raise
        return await self._ask(method, path, body, headers)

    async def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = await asyncio.open_connection(*self._address)
        reader, writer = self._connection
        fields = {"Host": "x", **headers, "Content-Length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        writer.write(f"{method} {BASE}{path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        fields_of_answer = dict(_field(line) for line in answer.split(b"\r\n")[1:] if line)
        content = await reader.readexactly(int(fields_of_answer.get(b"content-length", b"0")))
        if fields_of_answer.get(b"connection") == b"close":
            await self.close()
        return int(answer.split()[1]), content

    async def close(self) -> None:
        if self._connection:
            self._connection[1].close()
        self._connection = None


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name.strip().lower(), value.strip()
