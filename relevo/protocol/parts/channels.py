"""`channels.yml`: how customers are treated on each channel; each has its public."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeVar, cast

from pydantic import Field

from relevo.protocol.opening_hours import checked_weekly
from relevo.protocol.parts.base import Part, Text
from relevo.protocol.parts.durations import ResponseTarget
from relevo.protocol.parts.letters import Letters
from relevo.protocol.parts.messaging import Messaging

ChannelName = Literal["webchat", "whatsapp", "social", "phone", "voicemail", "email", "letter", "in_person"]
Format = Literal["plain", "simple", "letter", "spoken"]
EMAIL: ChannelName = "email"
Entry = TypeVar("Entry")


def on_channel(entries: Mapping[ChannelName, Entry], channel: str) -> Entry | None:
    """What a channel has of its own; None if it has nothing, or if there is no such channel."""
    return entries.get(cast(ChannelName, channel))


class ScriptStep(Part):
    """One step of a spoken script."""

    title: Text
    words: Text


class Channel(Part):
    """The protocol of one channel."""

    title: Text
    public: Text
    """Who comes this way, and what they expect."""
    greeting: Text
    closing: Text
    style: Text
    format: Format
    emoji: Literal["none", "sparing"]
    max_characters: int | None = Field(default=None, gt=0)
    """The longest text that is sent in one piece; none for what is spoken."""
    first_response: ResponseTarget
    """How soon a person answers, counted in opening hours; an automatic answer does not count."""
    weekly: dict[str, list[str]] | None = None
    """The channel's own opening periods by weekday, where they differ from the company's."""
    script: list[ScriptStep] = Field(default_factory=list)
    messaging: Messaging | None = None
    """What a messenger asks for besides."""
    letters: Letters | None = None
    """What e-mails hold besides."""

    _weekly_is_sound = checked_weekly("weekly")
