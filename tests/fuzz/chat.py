"""The website chat in the hands of chance: posts, files and streams, with broken bodies and stolen tokens.

One customer has been there before. Their conversation and their file hold the marker, and no answer to
anybody may; all else is written in other conversations. Each request comes from another address, as the limit
of requests by address would keep the rest from being tried.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import aiohttp

from tests.fuzz.mutations import OF_BODIES, OF_RECORDS, STRANGE
from tests.fuzz.request import Request
from tests.fuzz.webhooks import MARKER

BASE = "/webhooks/webchat"
VISITORS = 40
MESSAGES = 8
"""So many of each visitor's differ: a repeat is dropped, so that the bot is not kept busy answering."""
PNG = b"\x89PNG\r\n\x1a\n"
PDF = f"%PDF-1.7\n{MARKER}\n%%EOF".encode()


@dataclass(frozen=True)
class Talks:
    """Conversations that have begun.

    Attributes:
        tokens: of those in which the assault may write.
        victim: token of the one that nobody else may see; it is sent only with another signature.
        secret: id of the victim's file.
    """

    tokens: list[str]
    victim: str
    secret: str


async def begin(url: str) -> Talks:
    """Begin the conversations at a bot; the victim writes, and sends a file."""
    async with aiohttp.ClientSession() as session:
        tokens = [await _token(session, url) for _ in range(VISITORS + 1)]
        victim = {"Authorization": f"Bearer {tokens[0]}"}
        words = {"id": "victim-message", "text": f"hola {MARKER}"}
        file = {**victim, "X-Client-Id": "victim-file", "X-File-Name": f"{MARKER}.pdf"}
        async with session.post(f"{url}{BASE}/messages", json=words, headers=victim) as answer:
            assert answer.status == 202, answer.status
        async with session.post(f"{url}{BASE}/attachments", data=PDF, headers=file) as answer:
            assert answer.status == 202, answer.status
        return Talks(tokens[1:], tokens[0], await _file_of(session, url, victim))


async def _token(session: aiohttp.ClientSession, url: str) -> str:
    async with session.post(f"{url}{BASE}/conversations", json={"language": "es"}) as answer:
        return str((await answer.json())["token"])


async def _file_of(session: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> str:
    """The id under which the victim's file can be read, as their page hears it."""
    async with session.get(f"{url}{BASE}/events", headers=headers) as stream:
        async for line in stream.content:
            told = line.decode().partition("data: ")[2]
            entry = json.loads(told) if told.startswith("{") else {}
            if entry.get("type") == "attachment":
                return str(entry["id"])
    raise AssertionError("the victim's file is not shown")


def requests(seed: int, talks: Talks) -> Iterator[Request]:
    """Requests without an end."""
    chance = random.Random(seed)  # noqa: S311 - chance that can be repeated
    ways: tuple[Callable[[random.Random, Talks], Request], ...] = (
        *(_message, _message, _message, _read, _rate, _begin, _send_file),
        *(_follow, _look, _steal, _steal, _ask_preflight),
    )
    for number in count():
        request = chance.choice(ways)(chance, talks)
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        yield replace(request, headers={**request.headers, "X-Forwarded-For": address})


def _message(chance: random.Random, talks: Talks) -> Request:
    number = chance.randrange(MESSAGES)
    words = {"id": f"message-{number}", "text": f"¿dónde está mi pedido {number}?", "language": "es"}
    if chance.random() < 0.3:
        words["payload"] = chance.choice(("/track_order", "/restart", "/session_start", "/affirm{}", "//"))
    return _post(chance, talks, "/messages", words)


def _read(chance: random.Random, talks: Talks) -> Request:
    position = chance.choice(("0-0", "1764000000000-0", f"{'9' * 20}-{'9' * 20}", "-", "1-٣"))
    return _post(chance, talks, "/read", {"position": position})


def _rate(chance: random.Random, talks: Talks) -> Request:
    return _post(chance, talks, "/rating", {"score": chance.choice((1, 5, 0, 6, 4.5)), "comment": "bien"})


def _begin(chance: random.Random, talks: Talks) -> Request:
    return _post(chance, talks, "/conversations", {"language": chance.choice(("es", "en", "fr"))})


def _post(chance: random.Random, talks: Talks, path: str, record: Any) -> Request:
    """The record with something other than it should be, or some of its bytes."""
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        record = chance.choice(OF_RECORDS)(chance, record)
    body = json.dumps(record, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    if chance.random() < 0.25:
        body = chance.choice(OF_BODIES)(chance, body)
    kind = "application/json" if chance.random() < 0.9 else chance.choice(("text/html", "", "a" * 300))
    return Request(f"{BASE}{path}", body, {"Content-Type": kind, **_own(chance, talks)})


def _send_file(chance: random.Random, talks: Talks) -> Request:
    data = chance.choice((PNG, b"%PDF-1.7\n%%EOF", b"MZ", b"", b"x" * 100_000))
    name = chance.choice(("a.png", "../../etc/passwd", "%00", "a" * 2_000, "%F0%9F", "a.html"))
    headers = {"X-Client-Id": f"file-{chance.randrange(MESSAGES):04}", "X-File-Name": name}
    if chance.random() < 0.2:
        data = chance.choice(OF_BODIES)(chance, data)
    return Request(f"{BASE}/attachments", data, {**headers, **_own(chance, talks)})


def _follow(chance: random.Random, talks: Talks) -> Request:
    last = chance.choice(("", "0-0", "9" * 50, "1-1-1", "x", "-1-0"))
    headers = {"Last-Event-ID": last, **_own(chance, talks)}
    return Request(f"{BASE}/events", headers=headers, method="GET", is_stream=True)


def _look(chance: random.Random, talks: Talks) -> Request:
    paths = (
        *("/", "/health", "/nothing", "//", "/widget/..%2f..%2fconnector.py", "/widget/chat.js", "/messages"),
        *("/attachments/..%2f..%2fetc%2fpasswd", f"/attachments/{'a' * 32}", "/calendar/FU-2222-2222.ics"),
    )
    method = chance.choice(("GET", "GET", "HEAD", "PUT", "DELETE"))
    return Request(f"{BASE}{chance.choice(paths)}", headers=_own(chance, talks), method=method)


def _steal(chance: random.Random, talks: Talks) -> Request:
    """What is the victim's, with a token that isn't, or isn't any more."""
    way = chance.randrange(3)
    if way == 0:  # the file, from a conversation of one's own
        token = {"Authorization": f"Bearer {chance.choice(talks.tokens)}"}
        return Request(f"{BASE}/attachments/{talks.secret}", headers=token, method="GET", is_forged=True)
    forged = {"Authorization": f"Bearer {_forge(chance, talks)}"}
    if way == 1:
        return Request(f"{BASE}/attachments/{talks.secret}", headers=forged, method="GET", is_forged=True)
    return Request(f"{BASE}/events", headers=forged, method="GET", is_forged=True, is_stream=True)


def _forge(chance: random.Random, talks: Talks) -> str:
    """The victim's token with another signature, or another conversation's signature."""
    *told, signature = talks.victim.split(".")
    *_, others = chance.choice(talks.tokens).split(".")
    wrong = (others, signature[::-1], signature[:-4], "", "A" * len(signature), signature.swapcase())
    return ".".join((*told, chance.choice([one for one in wrong if one != signature])))


def _ask_preflight(chance: random.Random, talks: Talks) -> Request:
    origin = chance.choice(("https://evil.example", "null", "http://[::1", "", "https://" + "a" * 500))
    headers = {"Origin": origin, **_own(chance, talks)}
    method = chance.choice(("OPTIONS", "POST"))
    return Request(f"{BASE}/{chance.choice(('messages', 'read', 'nothing'))}", headers=headers, method=method)


def _own(chance: random.Random, talks: Talks) -> dict[str, str]:
    """A token of one's own; now and then none, or something else in its place."""
    if chance.random() < 0.9:
        return {"Authorization": f"Bearer {chance.choice(talks.tokens)}"}
    strange = [text for text in STRANGE if isinstance(text, str) and text.isascii() and text.isprintable()]
    return chance.choice(({}, {"Authorization": chance.choice(strange)[:2_000]}))
