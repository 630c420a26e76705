"""A transcript as the customer reads it: the log keeps what the assistant meant to say, its channel less."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from relevo.emoji import within_measure
from relevo.protocol import Protocol
from relevo.protocol.parts.channels import on_channel
from relevo.store.transcript import TranscriptLine


def as_read(lines: Iterable[TranscriptLine], protocol: Protocol, channel: str) -> list[TranscriptLine]:
    """Lines of a conversation on a channel, with no more emoji than left by it."""
    rules = on_channel(protocol.channels, channel)
    if rules is None:
        return list(lines)
    return [
        replace(line, text=within_measure(line.text, rules.emoji)) if line.author == "bot" else line
        for line in lines
    ]
