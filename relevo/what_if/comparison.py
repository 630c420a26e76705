"""Two protocols side by side, over the same conversations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from relevo.dialogue.heard import Heard
from relevo.protocol import Protocol
from relevo.what_if.course import Course, Decided, Plan
from relevo.what_if.load import Load
from relevo.what_if.moments import Event, Moment, moments

FROM_START = float("-inf")


@dataclass(frozen=True)
class Conversation:
    """A conversation's log."""

    id: str
    events: list[Event]


@dataclass(frozen=True)
class Change:
    """A message at which the plans differ; None where a plan decides nothing.

    `old_waits`, `new_waits`: whether a hand-off waits already under that plan; else the bot goes on.
    """

    conversation: str
    message: int
    heard: Heard
    old: Decided | None
    new: Decided | None
    old_waits: bool
    new_waits: bool


class Comparison:
    """What would change if a protocol took another one's place. Conversations are added one by one."""

    def __init__(self, old: Protocol, new: Protocol, since: float = FROM_START) -> None:
        """`since`: what was written before (UTC epoch seconds) is context only, and not counted."""
        self._plans = Plan(old), Plan(new)
        self._since = since
        self.loads = Load(old.company.hours), Load(new.company.hours)
        """The load under each plan."""
        self.changes: list[Change] = []
        self.conversations = 0
        self.messages = 0

    @property
    def changed_conversations(self) -> int:
        return len({change.conversation for change in self.changes})

    def add(self, conversation: Conversation) -> None:
        """Decide over a conversation under both plans."""
        happened = list(moments(conversation.events))
        written = {m.number: m.heard for m in happened if isinstance(m, Moment) and m.heard.at >= self._since}
        courses = [plan.course(happened) for plan in self._plans]
        self.conversations += bool(written)
        self.messages += len(written)
        self.changes += _changes(conversation.id, written, *courses)
        for load, course in zip(self.loads, courses, strict=True):
            load.add(case for case in course.cases if case.at >= self._since)

    def to_json(self) -> dict[str, Any]:
        """The comparison for programs."""
        old, new = self.loads
        return {
            "conversations": self.conversations,
            "messages": self.messages,
            "changes": [_as_json(change) for change in self.changes],
            "load": {"old": old.by_area(), "new": new.by_area()},
        }


def _changes(conversation: str, written: dict[int, Heard], old: Course, new: Course) -> Iterator[Change]:
    for number, heard in written.items():
        before, after = old.decisions.get(number), new.decisions.get(number)
        if before != after:
            waits = (number in course.waits for course in (old, new))
            yield Change(conversation, number, heard, before, after, *waits)


def _as_json(change: Change) -> dict[str, Any]:
    return {
        "conversation": change.conversation,
        "message": change.message,
        "at": change.heard.at,
        "topic": change.heard.topic,
        "tone": change.heard.tone,
        "old": asdict(change.old) if change.old else None,
        "new": asdict(change.new) if change.new else None,
        "old_waits": change.old_waits,
        "new_waits": change.new_waits,
    }
