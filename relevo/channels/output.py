"""The base of our outputs: each thing that is said has a key, so that a repeat says nothing twice."""

from __future__ import annotations

import time
import uuid
from abc import abstractmethod
from typing import Any

from rasa.core.channels.channel import OutputChannel

from relevo.emoji import Measure, within_measure

Entry = dict[str, Any]


class ChannelOutput(OutputChannel):
    """Passes on what is said during one turn, or what comes from the desk or the clock.

    Each entry has a key: the customer's message and the step in the turn, or the outbox item's own. A turn
    that is repeated after a crash says nothing twice, since `deliver` passes over a key that it knows.
    """

    def __init__(self, turn: str | None = None) -> None:
        """`turn` is the id of the message that is answered; without it every entry is new."""
        self.turn = turn
        self.emoji: Measure | None = None
        """How much of emoji the channel's rules allow; None where there are no rules."""
        self.batch = turn or uuid.uuid4().hex
        """Names all that is passed on together: by one turn, or in one go from elsewhere."""
        self.posted = 0
        self._numbered = 0

    @abstractmethod
    async def deliver(self, conversation: str, key: str, entry: Entry, metadata: dict[str, Any]) -> None:
        """Take an entry over, durably: a `message` with text and perhaps quick replies, or a `status`."""

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        await self._post(recipient_id, _said(text, kwargs), kwargs)

    async def send_text_with_buttons(
        self, recipient_id: str, text: str, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        replies = [{"title": button["title"], "payload": button["payload"]} for button in buttons]
        await self._post(recipient_id, {**_said(text, kwargs), "quick_replies": replies}, kwargs)

    async def send_custom_json(self, recipient_id: str, json_message: dict[str, Any], **kwargs: Any) -> None:
        await self._post(recipient_id, json_message, kwargs)

    async def _post(self, conversation: str, entry: Entry, metadata: dict[str, Any]) -> None:
        key = metadata.get("key")
        if not key:
            # The transcript counts in the same way: `relevo.store.transcript`.
            key = f"{self.batch}:{self._numbered}"
            self._numbered += 1
        # What a person writes stays as it is.
        if self.emoji and entry.get("author") == "bot" and entry.get("text"):
            entry = {**entry, "text": within_measure(entry["text"], self.emoji)}
        self.posted += 1
        await self.deliver(conversation, key, entry, metadata)


def message_entry(text: str, at: float, *, agent: str = "") -> Entry:
    """What the bot says, or a person if `agent` names one; `at` is UTC epoch seconds."""
    entry: Entry = {"type": "message", "author": "bot", "text": text, "at": at}
    return {**entry, "author": "agent", "agent": agent} if agent else entry


def _said(text: str, metadata: dict[str, Any]) -> Entry:
    return message_entry(text, time.time(), agent=metadata.get("agent") or "")
