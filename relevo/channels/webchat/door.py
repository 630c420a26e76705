"""The chat's door: who may come in, how often, from which pages, and with how much.

Refusals are told as JSON in the browser's language. Bodies are read piece by piece within a size and a time,
so that neither a large one nor a slow one costs more than that.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis.asyncio as redis
import yaml
from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse

from relevo.channels.webchat.incoming import MAX_BODY_BYTES, Refused
from relevo.channels.webchat.tokens import TokenSigner
from relevo.protocol import LANGUAGES
from relevo.store.rate_limit import RateLimit

BODY_SECONDS = 15.0
PREFLIGHT_SECONDS = 7_200
"""Browsers keep the answer to a preflight no longer than two hours."""
REQUESTS = RateLimit("requests", 600, 60)
"""By address, of all that a browser sends: an office or a mobile network may share one."""
PROBLEMS = {
    language: yaml.safe_load(
        (Path(__file__).parent / "locales" / f"{language}.yml").read_text(encoding="utf-8")
    )
    for language in LANGUAGES
}
SECURITY_HEADERS = {
    # The widget brings its style as a constructed sheet, which asks for no permission.
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # The script and its texts are for other sites' pages; everything else asks for a token.
    "Cross-Origin-Resource-Policy": "cross-origin",
}
CORS_HEADERS = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": (
        "Authorization, Content-Type, Last-Event-ID, Accept-Language, X-File-Name, X-Client-Id"
    ),
    "Access-Control-Expose-Headers": "Retry-After",
    "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
}

Handler = Callable[..., Awaitable[Any]]
"""Takes a request, and what is variable in its path."""


class Door:
    """Lets requests in, or refuses them."""

    def __init__(self, client: redis.Redis, signer: TokenSigner, origins: frozenset[str]) -> None:
        """`origins`: the pages besides the bot's own that may embed the chat."""
        self._redis = client
        self._signer = signer
        self._origins = origins

    def guard(self, handler: Handler) -> Handler:
        """The handler behind the door; its refusals are told."""

        async def guarded(request: Request, **path: str) -> Any:
            try:
                if not self._is_welcome(request):
                    raise Refused(403, "foreign")
                if request.method == "POST":
                    await self.limit(REQUESTS, address_of(request))
                return await handler(request, **path)
            except Refused as refusal:
                return tell(request, refusal)
            except redis.RedisError:
                return tell(request, Refused(503, "unavailable"))

        return guarded

    async def limit(self, limit: RateLimit, who: str) -> None:
        """Count one more time for somebody.

        Raises:
            Refused: that is too many.
        """
        if not await limit.allows(self._redis, who):
            raise Refused(429, "too_many", retry_seconds=limit.seconds)

    def conversation_of(self, request: Request) -> str:
        """The conversation whose token the request carries.

        Raises:
            Refused: it has none that is valid.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        conversation = self._signer.conversation(token) if scheme == "Bearer" else None
        if conversation is None:
            raise Refused(401, "unauthorized")
        return conversation

    async def put_headers(self, request: Request, answer: HTTPResponse) -> None:
        """Put the security headers on a response, and let the pages that may read it."""
        if not request.path.startswith("/webhooks/webchat"):
            return
        for name, value in SECURITY_HEADERS.items():
            answer.headers.setdefault(name, value)
        answer.headers["Vary"] = "Origin"
        if _origin_of(request) in self._origins:
            answer.headers.update({**CORS_HEADERS, "Access-Control-Allow-Origin": request.headers["Origin"]})

    def _is_welcome(self, request: Request) -> bool:
        """Whether the request comes from a page that may embed the chat, or from no page at all."""
        origin = _origin_of(request)
        if not origin or origin in self._origins:
            return True
        try:
            return bool(urlsplit(origin).netloc == request.headers.get("Host"))
        except ValueError:  # `http://[` is no address.
            return False


def _origin_of(request: Request) -> str:
    return str(request.headers.get("Origin", "")).lower()


def address_of(request: Request) -> str:
    """The client's address, as the proxy in front tells it if there is one."""
    return str(request.remote_addr or request.ip)


async def json_of(request: Request) -> bytes:
    """A small body of JSON.

    Raises:
        Refused: too large, too slow, or declared as something else.
    """
    declared = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if declared != "application/json":
        raise Refused(415, "malformed")
    return b"".join([piece async for piece in pieces_of(request, MAX_BODY_BYTES, BODY_SECONDS)])


async def pieces_of(
    request: Request, max_bytes: int, seconds: float, *, problem: str = "too_large"
) -> AsyncIterator[bytes]:
    """A body as it comes.

    Raises:
        Refused: more than `max_bytes` (what `problem` tells), or not there after so many seconds.
    """
    loop = asyncio.get_running_loop()
    deadline, left = loop.time() + seconds, max_bytes
    if _declared_bytes(request) > max_bytes:
        raise Refused(413, problem)
    while True:
        try:
            piece = await asyncio.wait_for(request.stream.read(), deadline - loop.time())
        except asyncio.TimeoutError as error:
            # Sanic would go on to wait for the rest.
            request.stream.request_body, request.stream.keep_alive = None, False
            raise Refused(408, "too_slow") from error
        if not piece:
            return
        left -= len(piece)
        if left < 0:
            raise Refused(413, problem)
        yield piece


def _declared_bytes(request: Request) -> int:
    declared = request.headers.get("Content-Length", "")
    return int(declared) if declared.isdecimal() else 0


def tell(request: Request, refusal: Refused) -> HTTPResponse:
    """The answer to a request that is refused."""
    spanish_first = request.headers.get("Accept-Language", "es").lower().startswith("es")
    message = PROBLEMS["es" if spanish_first else "en"][refusal.problem]
    headers = {"Retry-After": str(refusal.retry_seconds)} if refusal.retry_seconds else {}
    body = {"error": {"code": refusal.problem, "message": message}}
    return response.json(body, status=refusal.status, headers=headers)
