"""What a conversation's events amount to: slots, active form, paused or not.

A pure fold over tracker events as JSON objects. The tracker store folds the log's beginning into a snapshot
with it, so that a turn never replays the whole conversation; the desk reads a conversation's state with it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

Event = dict[str, Any]
HAND_OFF = "action_hand_off"
HEARD_SLOT = "heard_before"
MAX_HEARD = 100
"""Of an endless conversation the last messages are enough."""


@dataclass(frozen=True)
class ConversationState:
    """The state after some events.

    Attributes:
        slots: those that were ever set.
        heard: topic and time (UTC epoch seconds) of what the customer has said to the bot outside of forms
            since the last hand-off: what the contingency plan counts over the whole conversation.
    """

    slots: dict[str, Any] = field(default_factory=dict)
    active_loop: str | None = None
    paused: bool = False
    latest_action: str | None = None
    heard: list[list[Any]] = field(default_factory=list)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> ConversationState:
        return cls(**record)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def after(self, event: Event) -> ConversationState:
        """The state after one more event; events that carry no state change nothing."""
        match event["event"]:
            case "slot" if event["name"] == HEARD_SLOT:
                return replace(self, heard=event.get("value") or [])
            case "slot":
                return replace(self, slots={**self.slots, event["name"]: event.get("value")})
            case "reset_slots":
                return replace(self, slots={})
            case "session_started" | "restart":
                return ConversationState()
            case "active_loop":
                return replace(self, active_loop=event.get("name"))
            case "pause":
                return replace(self, paused=True)
            case "resume":
                return replace(self, paused=False, heard=[])
            case "action":
                heard = [] if event.get("name") == HAND_OFF else self.heard
                return replace(self, latest_action=event.get("name"), heard=heard)
            case "user" if not (self.paused or self.active_loop):
                return replace(self, heard=[*self.heard, _said(event)][-MAX_HEARD:])
            case _:
                return self


def fold(events: list[Event], state: ConversationState | None = None) -> ConversationState:
    """The state after all `events`, from `state` on."""
    state = state or ConversationState()
    for event in events:
        state = state.after(event)
    return state


def as_events(state: ConversationState) -> list[Event]:
    """The shortest list of events that leads a fresh tracker to `state`."""
    events: list[Event] = [{"event": "action", "name": "action_session_start"}, {"event": "session_started"}]
    events += [{"event": "slot", "name": name, "value": value} for name, value in state.slots.items()]
    if state.active_loop:
        events.append({"event": "active_loop", "name": state.active_loop})
    if state.paused:
        events.append({"event": "pause"})
    if state.latest_action:
        events.append({"event": "action", "name": state.latest_action})
    if state.heard:
        events.append({"event": "slot", "name": HEARD_SLOT, "value": state.heard})
    return events


def _said(event: Event) -> list[Any]:
    topic = (event.get("parse_data") or {}).get("intent") or {}
    return [str(topic.get("name") or ""), event.get("timestamp") or 0.0]
