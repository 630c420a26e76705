"""Conversation tokens: a browser may read and write only the conversation that it was given.

Signed with a key of the server's (HS256), so that no store is asked; they expire and are renewed by writing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import jwt

ALGORITHM = "HS256"
LIFE_SECONDS = 30 * 86_400
PREFIX = "web-"


@dataclass(frozen=True)
class ConversationToken:
    """A token and when it expires, UTC epoch seconds."""

    token: str
    conversation: str
    expires_at: int


class TokenSigner:
    """Issues and checks conversation tokens."""

    def __init__(self, key: str) -> None:
        self._key = key

    def issue(self, now: float) -> ConversationToken:
        """A token for a new conversation, whose id can't be guessed (128 random bits)."""
        conversation = PREFIX + secrets.token_hex(16)
        expires_at = int(now) + LIFE_SECONDS
        claims = {"sub": conversation, "exp": expires_at, "aud": "webchat"}
        return ConversationToken(jwt.encode(claims, self._key, ALGORITHM), conversation, expires_at)

    def conversation(self, token: str) -> str | None:
        """The conversation of a valid token; None for a forged, foreign or expired one."""
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM], audience="webchat")
        except (jwt.InvalidTokenError, UnicodeError):  # Sanic gives bytes that are no text as surrogates
            return None
        conversation = claims.get("sub")
        return conversation if isinstance(conversation, str) else None
