"""Consent to be written to first: withdrawn by one word, given again by another, kept with its message."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import redis.asyncio as redis

from relevo.store import keys
from relevo.store.connection import Script

_set = Script(Path(__file__).with_name("set_consent.lua"))


@dataclass(frozen=True)
class Consent:
    """What holds: `out` if withdrawn, by which word and message, since when (UTC epoch seconds)."""

    state: Literal["in", "out"] = "in"
    at: float = 0.0
    word: str = ""
    message: str = ""

    @property
    def is_withdrawn(self) -> bool:
        return self.state == "out"


class Consents:
    """The consent of all customers.

    The record stays as long as the conversation, and is erased with it: the messenger's id of the message may
    tell its sender's number, and without their address nobody is written to who doesn't write again.
    """

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    async def change(self, conversation: str, change: Consent) -> bool:
        """Make a change; False if it was so before, or a later word says otherwise."""
        arguments = [change.state, repr(change.at), change.word, change.message]
        return bool(await _set(self._redis, [keys.ConversationKeys(conversation).consent], arguments))

    async def of(self, conversation: str) -> Consent:
        """What holds in a conversation."""
        kept = await self._redis.hgetall(keys.ConversationKeys(conversation).consent)
        return Consent(kept["state"], float(kept["at"]), kept["word"], kept["message"]) if kept else Consent()
