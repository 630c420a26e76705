"""The bot's line to the action server: a turn waits for one that is starting again, but not for ever.

Rasa itself tries once, and goes on as if an action that it couldn't run had nothing to say: the case that it
was to open would be missing, and the customer would not know.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

TURN_SECONDS = 20.0
"""How long a turn's calls may take together. A server that was killed is back within 10 seconds, on a busy
machine too; the conversation's lock is held meanwhile, for which the next turn waits 60 seconds."""
LAST_CALL_SECONDS = 1.0
"""What a call gets whose turn has waited so long already: several in a row soon end, too."""
PAUSE_SECONDS = 0.25

logger = logging.getLogger("relevo.bot")


@dataclass
class TurnCalls:
    """The calls of one turn; `ends_at` on the monotonic clock, seconds."""

    ends_at: float = field(default_factory=lambda: time.monotonic() + TURN_SECONDS)
    have_failed: bool = False
    """Whether an action could not be run to its end: Rasa tells nobody."""

    @property
    def seconds_left(self) -> float:
        return self.ends_at - time.monotonic()


_present: ContextVar[TurnCalls] = ContextVar("calls of the present turn")


@contextmanager
def calls_of_turn() -> Iterator[TurnCalls]:
    """All calls in the block are those of one turn."""
    token = _present.set(TurnCalls())
    try:
        yield _present.get()
    finally:
        _present.reset(token)


class ActionServer(EndpointConfig):
    """Calls actions. What a repeated call does again must be harmless: the first may have been under way."""

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """As Rasa's, within the time of the turn.

        Raises:
            ClientResponseError: the action was rejected or has failed.
            ClientError, TimeoutError: it could not be run, or did not end.
        """
        calls = _present.get(None) or TurnCalls()
        while True:
            seconds = max(calls.seconds_left, LAST_CALL_SECONDS)
            kwargs["timeout"] = aiohttp.ClientTimeout(total=seconds)
            try:
                return await super().request(*args, **kwargs)
            except Exception as error:
                if not _is_away(error) or calls.seconds_left < PAUSE_SECONDS:
                    calls.have_failed |= not _is_rejection(error)
                    raise
                logger.warning("The action server is away: %s", type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)


def _is_away(error: Exception) -> bool:
    """Whether the server may be back soon."""
    if isinstance(error, ClientResponseError):
        return bool(error.status == HTTPStatus.SERVICE_UNAVAILABLE)  # Its store is away.
    return isinstance(error, (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError))


def _is_rejection(error: Exception) -> bool:
    """Whether an action has said that it won't run, which the policies know how to take."""
    return isinstance(error, ClientResponseError) and error.status == HTTPStatus.BAD_REQUEST
