"""How the bot's words reach the page: entries in the conversation's out-stream, shaped as `events` says."""

from __future__ import annotations

import time
import uuid
from typing import Any

import redis.asyncio as redis
from rasa.core.channels.channel import OutputChannel

from relevo.channels.webchat import events
from relevo.store.out_stream import OutStream

COMINGS = {"joined": True, "left": False}
"""What a status may say besides (`relevo.store.outbox.shows_status`): that a person comes, or goes."""


class WebChatOutput(OutputChannel):
    """Posts what is said during one turn, or what comes from the desk.

    Each entry has a key: the customer's message and the step in the turn, or the outbox item's own. A turn
    that is repeated after a crash posts nothing twice.
    """

    def __init__(self, client: redis.Redis, turn: str | None = None) -> None:
        """`turn` is the id of the message that is answered; without it every entry is new."""
        self._redis = client
        self._turn = turn or uuid.uuid4().hex
        self.posted = 0

    @classmethod
    def name(cls) -> str:
        return "webchat"

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        await self._post(recipient_id, events.message(text, time.time(), agent=_agent(kwargs)), kwargs)

    async def send_text_with_buttons(
        self, recipient_id: str, text: str, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        replies = [{"title": button["title"], "payload": button["payload"]} for button in buttons]
        entry = {**events.message(text, time.time(), agent=_agent(kwargs)), "quick_replies": replies}
        await self._post(recipient_id, entry, kwargs)

    async def send_custom_json(self, recipient_id: str, json_message: dict[str, Any], **kwargs: Any) -> None:
        entry = {name: value for name, value in json_message.items() if name not in COMINGS}
        await self._post(recipient_id, entry, kwargs)
        for name, is_joined in COMINGS.items():
            if person := json_message.get(name):
                came = {"type": "agent", "name": person, "joined": is_joined}
                key = f"{kwargs['key']}:{name}" if "key" in kwargs else None
                await self._post(recipient_id, came, {"key": key})

    async def _post(self, conversation: str, entry: dict[str, Any], metadata: dict[str, Any]) -> None:
        key = metadata.get("key") or f"{self._turn}:{self.posted}"
        self.posted += 1
        await OutStream(self._redis, conversation).post(key, entry)


def _agent(metadata: dict[str, Any]) -> str:
    """The name of the person whose words these are; "" for the bot's."""
    return metadata.get("agent") or ""
