"""A client of Meta's Graph API, as far as sending goes."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any

import aiohttp

from relevo.errors import RelevoError
from relevo.settings import WhatsAppSettings

TIMEOUT_SECONDS = 20.0
CLIENT_ERROR = 400


class GraphError(RelevoError):
    """The API refused. Its message is left out: it may name the customer."""

    def __init__(self, status: int, code: int | None) -> None:
        super().__init__(f"the Graph API answered {status}, code {code}")
        self.status, self.code = status, code


class GraphUnreachable(RelevoError):
    """No answer came: whether the message was taken isn't known."""


class GraphApi:
    """Posts messages; used as an async context."""

    def __init__(self, settings: WhatsAppSettings) -> None:
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
        if self._session is None:
            raise RuntimeError("use GraphApi as an async context")
        sent = {"messaging_product": "whatsapp", **body}
        try:
            async with self._session.post(f"{self._base}/{line}/messages", json=sent) as reply:
                status, answer = reply.status, await _answer(reply)
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise GraphUnreachable(f"the Graph API can't be reached ({type(error).__name__})") from error
        if status >= CLIENT_ERROR:
            raise GraphError(status, _code_of(answer))
        return _id_of(answer)


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
