"""The moments of a conversation at which the contingency plan is asked, read from its log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from relevo.dialogue.earlier import earlier_cases
from relevo.dialogue.heard import Ear, Heard

CANCELLED = "action_cancel_hand_off"
Event = dict[str, Any]


@dataclass(frozen=True)
class Moment:
    """The customer has written, or a form has just ended because it could not read their answers."""

    number: int
    """Of the message, among all that the customer wrote in the conversation; the first one is 1."""
    heard: Heard
    channel: str
    earlier_cases: tuple[float, ...]
    failures: int = 0
    """How many answers in a row the form that has ended could not read; 0 for a message."""


@dataclass(frozen=True)
class Return:
    """The conversation is the bot's again: given back by a person, or no longer wanted by the customer."""


def moments(events: Iterable[Event]) -> Iterator[Moment | Return]:
    """The moments of a conversation, oldest first.

    What a customer wrote while a person had the conversation was said to that person, and is none.
    """
    reader = _Reader()
    for event in events:
        found = reader.read(event)
        if found is not None:
            yield found


@dataclass
class _Reader:
    """Reads a log, and knows what it has told so far."""

    number: int = 0
    ear: Ear = field(default_factory=Ear)
    channel: str = ""
    earlier_cases: Any = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    failures: int = 0
    has_form: bool = False

    def read(self, event: Event) -> Moment | Return | None:
        """The moment that an event brings."""
        match event["event"]:
            case "user":
                return self._message(event)
            case "slot":
                self._note(str(event.get("name")), event.get("value"))
            case "active_loop":
                had_form, self.has_form = self.has_form, event.get("name") is not None
                self.ear.form(event.get("name"))
                if had_form and not self.has_form and self.failures:
                    return self._moment(self.failures)
            case "pause":
                self.ear.pause()
            case "resume":
                self.ear.resume()
                return Return()
            case "action" if event.get("name") == CANCELLED:
                return Return()
        return None

    def _message(self, event: Event) -> Moment | None:
        self.number += 1
        self.channel = str(event.get("input_channel") or self.channel)
        self.metadata = event.get("metadata") or {}
        heard_before = len(self.ear.heard)
        self.ear.message(event.get("parse_data") or {}, event.get("timestamp"))
        return self._moment() if len(self.ear.heard) > heard_before else None

    def _moment(self, failures: int = 0) -> Moment | None:
        if not self.ear.heard:
            return None
        earlier = earlier_cases(self.earlier_cases, self.metadata)
        return Moment(self.number, self.ear.heard[-1], self.channel, earlier, failures)

    def _note(self, name: str, value: Any) -> None:
        if name == "form_failures":
            self.failures = int(value or 0)
        elif name == "earlier_cases":
            self.earlier_cases = value
