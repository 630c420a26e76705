"""Why a trigger of the contingency plan fired: which conditions held, on which messages, with which values.

Data only: a case keeps it as JSON, and whoever shows it puts it into words in their own language.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Message:
    """A message that counted: its number since the last hand-off, from 0, and its time."""

    number: int
    at: float
    """UTC epoch seconds."""


@dataclass(frozen=True)
class Reason:
    """One plain condition of the trigger that held, or that did not where the plan says `not`.

    Attributes:
        when: the condition, as it is written in the protocol.
        holds: False if its contrary was asked for.
        messages: those on which it was found, oldest first; none for what lies outside of messages.
        found: the values that decided, by name.
    """

    when: Mapping[str, Any]
    holds: bool
    messages: tuple[Message, ...] = ()
    found: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Explanation:
    """Why a trigger fired."""

    trigger: str
    reasons: tuple[Reason, ...]

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Explanation | None:
        """The explanation in a text; None if there is none, as in a case that another version opened."""
        try:
            return _explanation(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


def _explanation(record: dict[str, Any]) -> Explanation:
    return Explanation(str(record["trigger"]), tuple(map(_reason, record["reasons"])))


def _reason(record: dict[str, Any]) -> Reason:
    messages = tuple(Message(int(one["number"]), float(one["at"])) for one in record["messages"])
    return Reason(dict(record["when"]), bool(record["holds"]), messages, dict(record["found"]))
