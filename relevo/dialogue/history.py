"""What a tracker tells of a conversation: what the customer said, what the bot offered."""

from __future__ import annotations

from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from relevo.dialogue.contingency import Heard

HAND_OFF = "action_hand_off"
OFFERED_TOPIC = "offered_topic"


def heard_since_hand_off(tracker: DialogueStateTracker) -> list[Heard]:
    """The customer's messages after the last hand-off, with whether a form was open at each."""
    heard: list[Heard] = []
    in_form = False
    for event in tracker.events:
        if isinstance(event, ActiveLoop):
            in_form = event.name is not None
        elif isinstance(event, ActionExecuted) and event.action_name == HAND_OFF:
            heard.clear()
        elif isinstance(event, UserUttered):
            heard.append(_heard(event, in_form))
    return heard


def offered_topic(tracker: DialogueStateTracker) -> str | None:
    """The topic that the bot offered since the customer's last message; an offer holds for one answer."""
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return None
        if isinstance(event, SlotSet) and event.key == OFFERED_TOPIC:
            return str(event.value) if event.value else None
    return None


def _heard(event: UserUttered, in_form: bool) -> Heard:
    parsed = event.parse_data
    return Heard(
        topic=event.intent.get("name") or "",
        confidence=float(event.intent.get("confidence") or 0.0),
        tone=(parsed.get("tone") or {}).get("name") or "calm",
        in_form=in_form,
        also_asked=parsed.get("also_asked") or "",
        reading=parsed.get("reading") or "",
    )
