"""Reads of the Graph API, for the doctor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, Final

import aiohttp

from relevo.errors import RelevoError
from relevo.whatsapp.credentials import Credentials

TIMEOUT_SECONDS: Final = 10.0
MAX_PAGES: Final = 40
NO_OBJECT_SUBCODE: Final = 33
EXPIRED_SUBCODE: Final = 463
OK: Final = 200


class GraphUnreachable(RelevoError):
    """The API gave no answer that could be read."""


class GraphRefused(RelevoError):
    """The API said no."""

    def __init__(self, code: int, subcode: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.subcode = subcode


class GraphClient:
    """A client for one account."""

    def __init__(
        self, session: aiohttp.ClientSession, credentials: Credentials, now: Callable[[], float]
    ) -> None:
        """`now`: this machine's clock, UTC epoch seconds."""
        self._session = session
        self._credentials = credentials
        self._now = now
        self.clock_ahead_seconds: float | None = None
        """How far this machine's clock is ahead of the API's; None before the first answer."""

    async def get(self, path: str, *, token: str | None = None, **query: str) -> dict[str, Any]:
        """Read an object.

        Raises:
            GraphRefused: with the error's code.
            GraphUnreachable: there was no answer, or none of the API's.
        """
        return await self._get(f"{self._credentials.url}/{self._credentials.version}/{path}", token, query)

    async def list(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Read all pages of a list. Raises as `get`."""
        entries: list[dict[str, Any]] = []
        after = ""
        for _ in range(MAX_PAGES):
            page = await self.get(path, **query, **({"after": after} if after else {}))
            entries += page.get("data", [])
            if "next" not in page.get("paging", {}):
                break
            after = page["paging"]["cursors"]["after"]
        return entries

    async def _get(self, url: str, token: str | None, query: dict[str, str]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token or self._credentials.token}"}
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        try:
            async with self._session.get(url, params=query, headers=headers, timeout=timeout) as answer:
                self._compare_clocks(answer.headers.get("Date", ""))
                told = await answer.json(content_type=None)
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as problem:
            raise GraphUnreachable(f"no answer of the Graph API ({type(problem).__name__})") from problem
        if not isinstance(told, dict):
            raise GraphUnreachable("the answer is none of the Graph API")
        if answer.status != OK or "error" in told:
            raise _refusal(told.get("error"))
        return told

    def _compare_clocks(self, date: str) -> None:
        try:
            self.clock_ahead_seconds = self._now() - parsedate_to_datetime(date).timestamp()
        except (TypeError, ValueError):
            return


def _refusal(told: Any) -> RelevoError:
    if not isinstance(told, dict) or not isinstance(told.get("code"), int):
        return GraphUnreachable("the answer is none of the Graph API")
    return GraphRefused(told["code"], int(told.get("error_subcode") or 0), str(told.get("message", "")))
