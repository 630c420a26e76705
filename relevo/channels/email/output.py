"""How words reach a customer by e-mail: pieces of a letter, in the queue of what waits to be sent."""

from __future__ import annotations

from typing import Any

import redis.asyncio as redis

from relevo.channels.calendar_file import calendar_file
from relevo.channels.output import Entry
from relevo.channels.queued_output import QueuedOutput
from relevo.channels.written import Written
from relevo.protocol import Protocol
from relevo.protocol.parts.channels import EMAIL


class EmailOutput(QueuedOutput):
    """Writes texts and the calendar files of follow-ups; all of a turn leaves as one letter."""

    channel = EMAIL
    joins = True

    def __init__(self, client: redis.Redis, protocol: Protocol, turn: str | None = None) -> None:
        """`turn` as in `ChannelOutput`."""
        super().__init__(client, turn)
        self._protocol = protocol

    async def write(self, conversation: str, entry: Entry, metadata: dict[str, Any]) -> list[Written]:
        if entry.get("type") == "follow_up":
            file = await calendar_file(self._redis, self._protocol, conversation, str(entry.get("folio")))
            return [Written({"calendar": file.decode()}, "")] if file else []
        text = entry.get("text")
        if entry.get("type") != "message" or not text:
            return []
        options = [reply["title"] for reply in entry.get("quick_replies") or ()]
        body = {
            "text": text,
            "options": options,
            "agent": entry.get("agent", ""),
            "subject": metadata.get("subject", ""),
        }
        return [Written({name: value for name, value in body.items() if value}, text)]
