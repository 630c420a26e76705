"""What the customer has said, as it was understood: the messages that the contingency plan decides over.

Knows nothing of Rasa. Tracker events as JSON objects, as they stand in the log and as actions get them, are
read here; the policy has Rasa's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

HAND_OFF = "action_hand_off"
CALM = "calm"
UNASKED = ("follow_up", "bare_answer")
"""Readings of messages that add to what was asked before."""

Event = dict[str, Any]
_NOTHING: dict[str, Any] = {}


class Heard(NamedTuple):
    """One message of the customer, as understood.

    Attributes:
        at: when, in UTC epoch seconds.
        entities: kind and value of what it names: `("amount", "1299.00 MXN")`.
        also_asked: the second topic of a message that asked for two; else empty.
        reading: why the topic is another than the message has by itself; empty if it isn't.
    """

    topic: str
    confidence: float
    tone: str
    in_form: bool
    tone_confidence: float = 0.0
    at: float = 0.0
    entities: tuple[tuple[str, str], ...] = ()
    also_asked: str = ""
    reading: str = ""

    @property
    def is_question(self) -> bool:
        """Whether the topic was asked as such: an answer in a form isn't, nor is «and on Sundays?»."""
        return not self.in_form and self.reading not in UNASKED

    def values_of(self, kind: str) -> tuple[str, ...]:
        """The values of one kind of entity."""
        return tuple(value for name, value in self.entities if name == kind)


class Ear:
    """Listens to a conversation: the customer's messages to the bot since it last handed them over.

    What they wrote while a person had the conversation was said to that person; when it comes back to the
    bot, all begins anew.
    """

    def __init__(self, before: Sequence[Sequence[Any]] = ()) -> None:
        """`before`: topic and time of earlier messages outside of forms, if what follows is not all."""
        self.heard = [Heard(topic, 1.0, CALM, in_form=False, at=at) for topic, at in before]
        self._in_form = False
        self._is_paused = False

    def message(self, parsed: Mapping[str, Any], at: float | None) -> None:
        """The customer writes; `parsed` is what the language model made of it."""
        if not self._is_paused:
            self.heard.append(_hear(parsed, at or 0.0, self._in_form))

    def form(self, name: str | None) -> None:
        """A form opens, or closes."""
        self._in_form = name is not None

    def action(self, name: str | None) -> None:
        """The bot has acted."""
        if name == HAND_OFF:
            self.heard.clear()

    def pause(self) -> None:
        """A person has the conversation."""
        self._is_paused = True

    def resume(self) -> None:
        """The bot has it again."""
        self._is_paused = False
        self.heard.clear()


def heard_in(events: Iterable[Event], before: Sequence[Sequence[Any]] = ()) -> list[Heard]:
    """What was heard in tracker events as JSON objects, oldest first; `before` as in `Ear`."""
    ear = Ear(before)
    for event in events:
        match event["event"]:
            case "user":
                ear.message(event.get("parse_data") or {}, event.get("timestamp"))
            case "active_loop":
                ear.form(event.get("name"))
            case "action":
                ear.action(event.get("name"))
            case "pause":
                ear.pause()
            case "resume":
                ear.resume()
    return ear.heard


def _hear(parsed: Mapping[str, Any], at: float, in_form: bool) -> Heard:
    topic, tone = parsed.get("intent") or _NOTHING, parsed.get("tone") or _NOTHING
    entities = parsed.get("entities")
    return Heard(
        topic.get("name") or "",
        topic.get("confidence") or 0.0,
        tone.get("name") or CALM,
        in_form,
        tone.get("confidence") or 0.0,
        at,
        tuple((str(e.get("entity")), str(e.get("value"))) for e in entities) if entities else (),
        parsed.get("also_asked") or "",
        parsed.get("reading") or "",
    )
