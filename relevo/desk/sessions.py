"""Sessions: who is signed in. The browser holds a random token, Redis only its digest."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

import redis.asyncio as redis

from relevo.store import keys
from relevo.store.connection import Script

SESSION_COOKIE = "relevo_session"
SESSION_SECONDS = 12 * 3600

_open = Script(Path(__file__).with_name("open_session.lua"))


def new_token() -> str:
    """A random token of 256 bits, safe in cookies and forms."""
    return secrets.token_urlsafe(32)


def is_same_token(given: str, expected: str) -> bool:
    """Whether two tokens are equal, in a time that doesn't tell where they differ. Empty ones never are."""
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


@dataclass(frozen=True)
class Session:
    """A user's session; `csrf` must come back with every form that changes something."""

    user: str
    csrf: str


class SessionStore:
    """All sessions, in Redis. Each ends 12 hours after the login."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    async def open(self, user: str, now: float) -> str:
        """Begin a session of a user; returns its token for the cookie."""
        token = new_token()
        fields = ["user", user, "csrf", new_token(), "opened_at", str(now)]
        await _open(self._redis, [_key(token)], [SESSION_SECONDS, *fields])
        return token

    async def get(self, token: str) -> Session | None:
        """The session of a token, if it goes on."""
        fields = await self._redis.hgetall(_key(token))
        return Session(fields["user"], fields["csrf"]) if fields else None

    async def close(self, token: str) -> None:
        """End a session at once."""
        await self._redis.delete(_key(token))


def _key(token: str) -> str:
    return keys.session(hashlib.sha256(token.encode()).hexdigest())
