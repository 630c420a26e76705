"""What a conversation's events amount to: slots, active form, paused or not.

A pure fold over tracker events as JSON objects. The tracker store folds the log's beginning into a snapshot
with it, so that a turn never replays the whole conversation; the desk reads a conversation's state with it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

Event = dict[str, Any]


@dataclass(frozen=True)
class ConversationState:
    """The state after some events; `slots` holds only those that were ever set."""

    slots: dict[str, Any] = field(default_factory=dict)
    active_loop: str | None = None
    paused: bool = False
    latest_action: str | None = None

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> ConversationState:
        return cls(**record)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def after(self, event: Event) -> ConversationState:
        """The state after one more event; events that carry no state change nothing."""
        match event["event"]:
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
                return replace(self, paused=False)
            case "action":
                return replace(self, latest_action=event.get("name"))
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
    return events
