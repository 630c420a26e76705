"""A client of Meta's Graph API, as far as sending and fetching of media go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from relevo.errors import RelevoError
from relevo.settings import MEDIA_HOSTS, WhatsAppSettings

TIMEOUT_SECONDS = 20.0
DOWNLOAD_TIMEOUT = aiohttp.ClientTimeout(total=120.0, sock_connect=10.0, sock_read=TIMEOUT_SECONDS)
PIECE_BYTES = 65_536
OK = 200
CLIENT_ERROR = 400


class GraphError(RelevoError):
    """The API refused. Its message is left out: it may name the customer."""

    def __init__(self, status: int, code: int | None) -> None:
        super().__init__(f"the Graph API answered {status}, code {code}")
        self.status, self.code = status, code


class GraphUnreachable(RelevoError):
    """No answer came: whether the message was taken isn't known."""


class ForeignAddress(RelevoError):
    """A file is said to lie where no file of WhatsApp's lies; the token must not go there."""


class GraphApi:
    """Posts messages and fetches media; used as an async context."""

    def __init__(self, settings: WhatsAppSettings) -> None:
        self._origin = URL(settings.url).origin()
        self._base = f"{settings.url}/{settings.version}"
        self._headers = {"Authorization": f"Bearer {settings.token}"}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> GraphApi:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        self._session = aiohttp.ClientSession(timeout=timeout, headers=self._headers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            await self._session.close()

    async def post(self, line: str, body: dict[str, Any]) -> str:
        """Send a message from the number with id `line`; the message's id, empty for a sign.

        Raises:
            GraphError, GraphUnreachable
        """
        sent = {"messaging_product": "whatsapp", **body}
        return _id_of(await self._ask("POST", f"{self._base}/{line}/messages", json=sent))

    async def address_of(self, media_id: str) -> str:
        """Where a file that a customer sent lies; good for about five minutes.

        Raises:
            GraphError, GraphUnreachable
        """
        answer = await self._ask("GET", f"{self._base}/{quote(media_id, safe='')}")
        return str(answer.get("url") or "")

    @asynccontextmanager
    async def download(self, address: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The bytes of a file, piece by piece as they come.

        Raises:
            ForeignAddress: it lies neither with the API nor where Meta keeps media.
            GraphError, GraphUnreachable
        """
        url = self._ours(address)
        try:
            # A redirect could lead anywhere, with the token.
            async with self._open().get(url, allow_redirects=False, timeout=DOWNLOAD_TIMEOUT) as reply:
                if reply.status != OK:
                    raise GraphError(reply.status, None)
                yield reply.content.iter_chunked(PIECE_BYTES)
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise _unreachable(error) from error

    def _ours(self, address: str) -> URL:
        """The address, if it is one to which the token may be sent."""
        try:
            url = URL(address)
            is_ours = url.origin() == self._origin
        except ValueError as error:
            raise ForeignAddress("a file has no address") from error
        is_metas = url.scheme == "https" and url.is_default_port() and url.host in MEDIA_HOSTS
        if not (is_ours or is_metas) or url.user or url.password:
            raise ForeignAddress(f"a file is said to lie at {url.host}")
        return url

    async def _ask(self, method: str, url: str, **values: Any) -> dict[str, Any]:
        try:
            async with self._open().request(method, URL(url, encoded=True), **values) as reply:
                status, answer = reply.status, await _answer(reply)
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise _unreachable(error) from error
        if status >= CLIENT_ERROR:
            raise GraphError(status, _code_of(answer))
        return answer

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("use GraphApi as an async context")
        return self._session


def _unreachable(error: Exception) -> GraphUnreachable:
    return GraphUnreachable(f"the Graph API can't be reached ({type(error).__name__})")


async def _answer(reply: aiohttp.ClientResponse) -> dict[str, Any]:
    """The answer's JSON object; empty if it is none, as from a proxy in between."""
    try:
        answer = await reply.json(content_type=None)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _code_of(answer: dict[str, Any]) -> int | None:
    error = answer.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) else None


def _id_of(answer: dict[str, Any]) -> str:
    messages = answer.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else {}
    return str(first.get("id") or "") if isinstance(first, dict) else ""
