"""Talking to the bot's server from outside of it: append events to a conversation and send them.

Rasa's HTTP API can do anything with any conversation, so it is closed to all but those who know the secret:
each call carries a short-lived signed token in its header, never in the URL.
"""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Any

import aiohttp
import jwt

from relevo.errors import RelevoError
from relevo.settings import Settings

ALGORITHM = "HS256"
TOKEN_SECONDS = 60
TIMEOUT_SECONDS = 20.0
CLIENT_ERROR = 400
SERVER_ERROR = 500
MENDABLE = frozenset({401, 403, 408, 409, 429})
"""Refusals that are not the message's fault: another secret, no model loaded yet, too much at once."""


class BotUnavailable(RelevoError):
    """The bot can't be reached or failed; trying again later makes sense."""


class BotRefused(RelevoError):
    """The bot will not take this, now or later."""


def api_key(settings: Settings) -> str:
    """The key with which calls are signed."""
    return settings.key_for("bot-api")


class BotApi:
    """A client of the bot's API; used as an async context."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.bot_url
        self._key = api_key(settings)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> BotApi:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            await self._session.close()

    async def append_events(self, conversation: str, channel: str, events: list[dict[str, Any]]) -> None:
        """Append events to a conversation; those of the bot are sent through the channel.

        Raises:
            BotUnavailable, BotRefused
        """
        if self._session is None:
            raise RuntimeError("use BotApi as an async context")
        address = f"{self._url}/conversations/{conversation}/tracker/events"
        query = {"output_channel": channel, "execute_side_effects": "true", "include_events": "NONE"}
        headers = {"Authorization": f"Bearer {self._token()}"}
        try:
            async with self._session.post(address, params=query, json=events, headers=headers) as reply:
                status = reply.status
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise BotUnavailable(f"the bot can't be reached ({type(error).__name__})") from error
        if status >= SERVER_ERROR or status in MENDABLE:
            raise BotUnavailable(f"the bot answered {status}")
        if status >= CLIENT_ERROR:
            raise BotRefused(f"the bot answered {status}")

    def _token(self) -> str:
        claims = {"user": {"username": "relevo", "role": "admin"}, "exp": int(time.time()) + TOKEN_SECONDS}
        return jwt.encode(claims, self._key, ALGORITHM)
