"""One message: what should have been understood, and what was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from relevo.protocol.parts.contingency import Tone

GRAVE_TONES: tuple[Tone, ...] = ("angry", "abusive", "threat")
"""Tones that need a person."""
OUT_OF_SCOPE = "out_of_scope"
NOT_UNDERSTOOD = "nlu_fallback"
NONE_OF_OURS = (OUT_OF_SCOPE, NOT_UNDERSTOOD)
"""What is recognised of a message that means no topic of ours."""


@dataclass(frozen=True)
class Expected:
    """A message and what should be understood; None where the file doesn't say."""

    text: str
    language: str | None = None
    topic: str | None = None
    tone: str | None = None


@dataclass(frozen=True)
class Outcome:
    """A message, what should be understood of it, and what was."""

    expected: Expected
    language: str
    topic: str
    confidence: float
    """How sure the topic is, 0 … 1; for `nlu_fallback`: that it is none of ours."""
    tone: str

    @classmethod
    def of(cls, expected: Expected, parsed: dict[str, Any]) -> Outcome:
        """From a line of `relevo parse`."""
        return cls(expected, parsed["language"], parsed["intent"], parsed["confidence"], parsed["tone"])

    @property
    def is_topic_right(self) -> bool:
        return self.topic == self.expected.topic

    @property
    def strangeness(self) -> float:
        """How sure it is that no topic of ours is meant, 0 … 1.

        That is the confidence in `out_of_scope` or `nlu_fallback` where one of them was recognised, else
        what is left of the confidence in the topic: 1 - confidence.
        """
        return self.confidence if self.topic in NONE_OF_OURS else 1 - self.confidence
