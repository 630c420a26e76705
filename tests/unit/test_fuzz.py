"""The assault on webhooks finds a server that fails, takes what is forged, or tells too much."""

from __future__ import annotations

import asyncio
import hmac
import json
from itertools import islice

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from relevo.whatsapp.credentials import WEBHOOK_PATH
from relevo.whatsapp.signature import HEADER, sign
from tests.fuzz import chat
from tests.fuzz.assault import Outcome, assault
from tests.fuzz.webhooks import MARKER, requests

SECRET, NUMBER = "0123456789abcdef" * 2, "106540352242922"


async def careful(request: web.Request) -> web.Response:
    body = await request.read()
    if not hmac.compare_digest(request.headers.get(HEADER, "").encode(), sign(body, SECRET).encode()):
        return web.Response(status=401)
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return web.Response(status=400)
    return web.Response()


async def fragile(request: web.Request) -> web.Response:
    answer = await careful(request)
    if answer.status == 200 and "entry" not in json.loads(await request.read()):
        return web.Response(status=500)
    return answer


async def trusting(request: web.Request) -> web.Response:
    await request.read()
    return web.Response()


async def talkative(request: web.Request) -> web.Response:
    answer = await careful(request)
    return web.Response(status=answer.status, body=await request.read()) if answer.status == 200 else answer


async def outcome_of(handler: object, count: int = 400) -> Outcome:
    application = web.Application(client_max_size=2**22)
    application.router.add_post(WEBHOOK_PATH, handler)  # type: ignore[arg-type]
    application.router.add_get(WEBHOOK_PATH, lambda request: refused())
    async with TestServer(application) as server:
        return await assault(str(server.make_url("")), requests(1, NUMBER, SECRET), count)


async def refused() -> web.Response:
    return web.Response(status=403)


async def test_careful_server_passes() -> None:
    outcome = await outcome_of(careful)
    assert outcome.failures == []
    assert outcome.sent == 400
    assert min(outcome.statuses[status] for status in (200, 400, 401, 403)) > 5


@pytest.mark.parametrize(
    ("handler", "problem"),
    [
        (fragile, "the status is 500"),
        (trusting, "the status is 200"),
        (talkative, "the answer tells what a customer wrote"),
    ],
)
async def test_careless_server_is_found_out(handler: object, problem: str) -> None:
    assert problem in [told for _, told, _ in (await outcome_of(handler)).failures]


TALKS = chat.Talks(["a.own.one", "a.own.two"], "a.victim.three", "file-of-the-victim")


async def guarded(request: web.Request) -> web.Response:
    """Refuses everything, after it has read it."""
    await request.read()
    return web.Response(status=401)


async def leaking(request: web.Request) -> web.StreamResponse:
    """Shows the victim's words to whoever names their conversation, in a stream that never ends."""
    if ".victim." not in request.headers.get("Authorization", "") or not request.path.endswith("/events"):
        return await guarded(request)
    stream = web.StreamResponse(status=403)
    await stream.prepare(request)
    await stream.write(f"data: hola {MARKER}\n\n".encode())
    await asyncio.sleep(60)
    return stream


async def open_handed(request: web.Request) -> web.Response:
    """Gives the victim's file to any conversation."""
    return web.Response(text=MARKER) if TALKS.secret in request.path else await guarded(request)


@pytest.mark.parametrize(
    ("handler", "problems"),
    [
        (guarded, set()),
        (leaking, {"the answer tells what a customer wrote"}),
        (open_handed, {"the status is 200"}),
    ],
)
async def test_chat_that_shows_what_is_anothers_is_found_out(handler: object, problems: set[str]) -> None:
    application = web.Application(client_max_size=2**22)
    application.router.add_route("*", "/{path:.*}", handler)  # type: ignore[arg-type]
    async with TestServer(application) as server:
        outcome = await assault(str(server.make_url("")), chat.requests(1, TALKS), 300)
    assert {told for _, told, _ in outcome.failures} == problems


def test_same_seed_gives_the_same_requests() -> None:
    first, second, other = (list(islice(requests(seed, NUMBER, SECRET), 50)) for seed in (1, 1, 2))
    assert first == second != other
