"""How the bot's words reach the page: entries in the conversation's out-stream."""

from __future__ import annotations

from typing import Any

import redis.asyncio as redis

from relevo.channels.output import ChannelOutput, Entry
from relevo.store.out_stream import OutStream


class WebChatOutput(ChannelOutput):
    """Posts entries to the page of the conversation."""

    def __init__(self, client: redis.Redis, turn: str | None = None) -> None:
        """`turn` as in `ChannelOutput`."""
        super().__init__(turn)
        self._redis = client

    @classmethod
    def name(cls) -> str:
        return "webchat"

    async def deliver(self, conversation: str, key: str, entry: Entry, metadata: dict[str, Any]) -> None:
        await OutStream(self._redis, conversation).post(key, entry)
