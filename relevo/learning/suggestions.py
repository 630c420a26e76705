"""Suggestions: how messages should have been understood, as supervisors said at the desk.

They wait here until `relevo learn` writes them to the training files. A suggestion names neither customer nor
conversation, and its text has been through `training_text`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast, get_args

import redis.asyncio as redis

from relevo.protocol.parts.contingency import Tone
from relevo.protocol.required import PRODUCT_INTENTS
from relevo.protocol.schema import Language, Protocol
from relevo.store import keys
from relevo.store.connection import Script
from relevo.store.transcript import MISUNDERSTOOD

TONES: tuple[str, ...] = get_args(Tone)

_keep = Script(Path(__file__).with_name("keep_suggestion.lua"))
_drop = Script(Path(__file__).with_name("drop_suggestion.lua"))


@dataclass(frozen=True)
class Suggestion:
    """How one message should have been understood. `topic` and `tone` are empty where that was right."""

    message: str
    """What names the message without telling whose it is; see `message_name`."""
    text: str = field(repr=False)
    language: Language
    topic: str
    tone: str
    understood_topic: str
    understood_tone: str
    by: str
    """The display name of who suggests it."""
    at: float
    """UTC epoch seconds."""

    def to_mapping(self) -> dict[str, str]:
        """Field names and values as text, for HSET."""
        return {
            name: value if isinstance(value, str) else repr(value) for name, value in asdict(self).items()
        }

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, str]) -> Suggestion:
        """The record from the fields of its hash."""
        values = {**mapping, "language": cast(Language, mapping["language"]), "at": float(mapping["at"])}
        return cls(**values)  # type: ignore[arg-type]


def message_name(conversation: str, position: str) -> str:
    """The name of the message at a position of a conversation's log; it doesn't lead back to either."""
    return hashlib.sha256(f"{conversation}\n{position}".encode()).hexdigest()[:32]


def topics_to_learn(protocol: Protocol) -> list[str]:
    """The topics that a message can belong to; not to be understood is none."""
    names = {*protocol.topics, *PRODUCT_INTENTS} - {MISUNDERSTOOD}
    return sorted(names)


class SuggestionBox:
    """All suggestions that wait. Each lives 90 days."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    async def keep(self, suggestion: Suggestion, *, folio: str, conversation: str) -> str:
        """Keep a suggestion in place of an earlier one for the same message; a repeat changes nothing.

        One without topic and tone takes the earlier one back. Returns "kept", "withdrawn" or "same".
        """
        fields = [text for pair in suggestion.to_mapping().items() for text in pair]
        outcome = await _keep(
            self._redis,
            [keys.suggestion(suggestion.message), keys.SUGGESTIONS, keys.DESK_EVENTS],
            [
                suggestion.message,
                repr(suggestion.at),
                keys.SUGGESTION_SECONDS,
                keys.MAX_DESK_EVENTS,
                folio,
                conversation,
                suggestion.by,
                suggestion.topic,
                suggestion.tone,
                *fields,
            ],
        )
        return str(outcome)

    async def all(self) -> list[Suggestion]:
        """Every suggestion, the oldest first."""
        return list((await self.of(await self._redis.zrange(keys.SUGGESTIONS, 0, -1))).values())

    async def of(self, messages: Iterable[str]) -> dict[str, Suggestion]:
        """The suggestions for some messages, by the messages' names."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for message in messages:
                pipeline.hgetall(keys.suggestion(message))
            mappings = await pipeline.execute()
        suggestions = [Suggestion.from_mapping(mapping) for mapping in mappings if mapping]
        return {suggestion.message: suggestion for suggestion in suggestions}

    async def drop(self, suggestion: Suggestion) -> bool:
        """Forget a suggestion, unless another one has replaced it since it was read; whether it was there."""
        dropped = await _drop(
            self._redis,
            [keys.suggestion(suggestion.message), keys.SUGGESTIONS],
            [suggestion.message, suggestion.topic, suggestion.tone],
        )
        return bool(dropped)
