"""What a tracker tells of a conversation: what the customer said, what the bot offered."""

from __future__ import annotations

from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    ConversationPaused,
    ConversationResumed,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from relevo.dialogue.heard import Ear, Heard

OFFERED_TOPIC = "offered_topic"


def heard_since_hand_off(tracker: DialogueStateTracker) -> list[Heard]:
    """The customer's messages to the bot since the last hand-off, also those before the working window."""
    ear = Ear(tracker.get_slot("heard_before") or ())
    # By the kind's name: Rasa's events are abstract classes, and asking for those takes most of the time.
    for event in tracker.events:
        kind = event.type_name
        if kind == UserUttered.type_name:
            ear.message(
                {**event.parse_data, "intent": event.intent, "entities": event.entities}, event.timestamp
            )
        elif kind == ActionExecuted.type_name:
            ear.action(event.action_name)
        elif kind == ActiveLoop.type_name:
            ear.form(event.name)
        elif kind == ConversationPaused.type_name:
            ear.pause()
        elif kind == ConversationResumed.type_name:
            ear.resume()
    return ear.heard


def offered_topic(tracker: DialogueStateTracker) -> str | None:
    """The topic that the bot offered since the customer's last message; an offer holds for one answer."""
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return None
        if isinstance(event, SlotSet) and event.key == OFFERED_TOPIC:
            return str(event.value) if event.value else None
    return None
