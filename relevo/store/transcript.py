"""The transcript of a conversation as people read it, from the append-only log of tracker events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal

import redis.asyncio as redis

from relevo.store.attachments import Attachment
from relevo.store.keys import ConversationKeys

Author = Literal["customer", "bot", "agent"]
FROM_START = "0-0"
MISUNDERSTOOD = "nlu_fallback"
"""The topic of what was not understood."""


@dataclass(frozen=True)
class TranscriptLine:
    """One message. `position` is its place in the log; `at` is UTC epoch seconds.

    `topic`, `tone` and `language` are what a customer's message was understood as; `language` is empty where
    that was not sure. A pressed button is shown by its title.
    """

    position: str
    author: Author
    text: str
    at: float
    topic: str = ""
    tone: str = ""
    agent: str = ""
    channel: str = ""
    """Where a customer wrote it."""
    language: str = ""
    is_button: bool = False
    key: str = ""
    """Of our words: the key under which they were said; "" where it isn't known."""
    attachment: Attachment | None = None
    """The file that this message is."""
    quoted: str = ""
    """The beginning of the message that it answers, where the customer said so."""
    about: str = ""
    """What came along with the words, such as a photo."""
    remote_file: str = ""
    """The messenger's id of a file that came with it."""

    @property
    def is_understood(self) -> bool:
        return self.topic not in ("", MISUNDERSTOOD)

    @property
    def is_correctable(self) -> bool:
        """Whether it was understood from typed words: a pressed button means what it says."""
        return self.author == "customer" and not self.is_button and self.attachment is None


async def read_transcript(
    client: redis.Redis, conversation: str, after: str = FROM_START
) -> list[TranscriptLine]:
    """All messages of a conversation after a position, oldest first."""
    entries = await client.xrange(ConversationKeys(conversation).log, min=f"({after}")
    return _lines(entries)


async def read_line(client: redis.Redis, conversation: str, position: str) -> TranscriptLine | None:
    """The message at a position; None if there is none."""
    entries = await client.xrange(ConversationKeys(conversation).log, min=position, max=position)
    return next(iter(_lines(entries)), None)


async def follow_transcript(
    client: redis.Redis, conversation: str, after: str, *, beat_seconds: float = 15.0
) -> AsyncIterator[list[TranscriptLine]]:
    """New messages as they come; an empty list after each `beat_seconds` in which none came."""
    log = ConversationKeys(conversation).log
    while True:
        replies = await client.xread({log: after}, block=int(beat_seconds * 1000))
        entries = replies[0][1] if replies else []
        if entries:
            after = entries[-1][0]
        lines = _lines(entries)
        if lines or not entries:
            yield lines


def _lines(entries: list[tuple[str, dict[str, str]]]) -> list[TranscriptLine]:
    keys = _Keys()
    lines = (_line(position, json.loads(fields["e"]), keys) for position, fields in entries)
    return [line for line in lines if line]


class _Keys:
    """The keys of our words in the order of the log; `relevo.channels.output` makes them in the same way.

    What comes from the desk or the clock carries its key; an answer has that of the message which it answers,
    with a number.
    """

    def __init__(self) -> None:
        self._turn, self._number = "", 0

    def of(self, event: dict[str, Any]) -> str:
        """The key of an event's words; "" if they are the customer's, or the log was read from later on."""
        if event["event"] == "user":
            self._turn, self._number = event.get("message_id") or "", 0
        if event["event"] != "bot":
            return ""
        if given := (event.get("metadata") or {}).get("key"):
            return str(given)
        key = f"{self._turn}:{self._number}" if self._turn else ""
        self._number += 1
        return key


def _line(position: str, event: dict[str, Any], keys: _Keys) -> TranscriptLine | None:
    metadata, key = event.get("metadata") or {}, keys.of(event)
    text = metadata.get("title") or event.get("text")
    if event["event"] not in ("user", "bot") or not text:
        return None
    if event["event"] == "bot":
        agent = metadata.get("agent", "")
        author: Author = "agent" if agent else "bot"
        return TranscriptLine(position, author, text, event["timestamp"], agent=agent, key=key)
    parsed = event.get("parse_data") or {}
    language = parsed.get("language") or {}
    return TranscriptLine(
        position,
        "customer",
        text,
        event["timestamp"],
        topic=(parsed.get("intent") or {}).get("name") or "",
        tone=(parsed.get("tone") or {}).get("name") or "",
        channel=event.get("input_channel") or "",
        language=(language.get("name") or "") if language.get("sure", True) else "",
        is_button=bool(metadata.get("title")),
        attachment=Attachment(**metadata["attachment"]) if "attachment" in metadata else None,
        quoted=metadata.get("quoted") or "",
        about=metadata.get("about") or "",
        remote_file=(metadata.get("media") or {}).get("id") or "",
    )
