"""What the customer has said, as it was understood: the messages that the contingency plan decides over.

Knows nothing of Rasa. Tracker events as JSON objects, as they stand in the log and as actions get them, are
read here; the policy has Rasa's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

HAND_OFF = "action_hand_off"
CALM = "calm"

Event = dict[str, Any]
Parsed = dict[str, Any] | None
_NOTHING: dict[str, Any] = {}


class Heard(NamedTuple):
    """One message of the customer, as understood."""

    topic: str
    confidence: float
    tone: str
    in_form: bool
    tone_confidence: float = 0.0
    at: float = 0.0
    """When, in UTC epoch seconds."""
    entities: tuple[tuple[str, str], ...] = ()
    """Kind and value of what it names: `("amount", "1299.00 MXN")`."""

    def values_of(self, kind: str) -> tuple[str, ...]:
        """The values of one kind of entity."""
        return tuple(value for name, value in self.entities if name == kind)


class Ear:
    """Listens to a conversation: the customer's messages to the bot since it last handed them over.

    What they wrote while a person had the conversation was said to that person; when it comes back to the
    bot, all begins anew.
    """

    def __init__(self, before: Sequence[Sequence[Any]] = ()) -> None:
        """`before`: topic, tone and time of earlier messages outside of forms, if what follows is not all."""
        self.heard = [Heard(topic, 1.0, tone or CALM, in_form=False, at=at) for topic, tone, at in before]
        self._in_form = False
        self._is_paused = False

    def message(
        self,
        topic: Parsed,
        tone: Parsed,
        entities: Sequence[dict[str, Any]] | None,
        at: float | None,
    ) -> None:
        """The customer writes; topic and tone have a name and a confidence."""
        if not self._is_paused:
            self.heard.append(_hear(topic or _NOTHING, tone or _NOTHING, entities, at, self._in_form))

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
                parsed = event.get("parse_data") or {}
                at = event.get("timestamp")
                ear.message(parsed.get("intent"), parsed.get("tone"), parsed.get("entities"), at)
            case "active_loop":
                ear.form(event.get("name"))
            case "action":
                ear.action(event.get("name"))
            case "pause":
                ear.pause()
            case "resume":
                ear.resume()
    return ear.heard


def _hear(
    topic: dict[str, Any],
    tone: dict[str, Any],
    entities: Sequence[dict[str, Any]] | None,
    at: float | None,
    in_form: bool,
) -> Heard:
    named = tuple((str(e.get("entity")), str(e.get("value"))) for e in entities) if entities else ()
    return Heard(
        topic.get("name") or "",
        topic.get("confidence") or 0.0,
        tone.get("name") or CALM,
        in_form,
        tone.get("confidence") or 0.0,
        at or 0.0,
        named,
    )
