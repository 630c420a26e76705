"""How the bot's words reach the page: entries in the conversation's out-stream, shaped as `events` says."""

from __future__ import annotations

from typing import Any

import redis.asyncio as redis

from relevo.channels.output import ChannelOutput, Entry
from relevo.store.out_stream import OutStream

COMINGS = {"joined": True, "left": False}
"""What a status may say besides (`relevo.store.outbox.shows_status`): that a person comes, or goes."""


class WebChatOutput(ChannelOutput):
    """Posts entries to the page of the conversation."""

    def __init__(self, client: redis.Redis, turn: str | None = None) -> None:
        """`turn` as in `ChannelOutput`."""
        super().__init__(turn)
        self._redis = client

    @classmethod
    def name(cls) -> str:
        return "webchat"

    async def send_custom_json(self, recipient_id: str, json_message: dict[str, Any], **kwargs: Any) -> None:
        entry = {name: value for name, value in json_message.items() if name not in COMINGS}
        await self._post(recipient_id, entry, kwargs)
        for name, is_joined in COMINGS.items():
            if person := json_message.get(name):
                came = {"type": "agent", "name": person, "joined": is_joined}
                key = f"{kwargs['key']}:{name}" if "key" in kwargs else None
                await self._post(recipient_id, came, {"key": key})

    async def deliver(self, conversation: str, key: str, entry: Entry, metadata: dict[str, Any]) -> None:
        await OutStream(self._redis, conversation).post(key, entry)
