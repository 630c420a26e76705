"""What the contingency plan decides over, as an action sees it."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.action import channel_of
from actions.answers import notices_in_force
from actions.services import Services
from relevo.dialogue.contingency import Situation
from relevo.dialogue.earlier import earlier_cases
from relevo.dialogue.heard import heard_in


def situation_of(tracker: Tracker, services: Services) -> Situation:
    """The situation at the customer's latest message."""
    protocol, now = services.protocol, services.now()
    metadata = (tracker.latest_message or {}).get("metadata")
    return Situation(
        heard=heard_in(tracker.events, tracker.get_slot("heard_before") or ()),
        channel=channel_of(tracker),
        is_open=protocol.company.hours.is_open(now),
        small_talk=frozenset(name for name, topic in protocol.topics.items() if topic.is_small_talk),
        notices=frozenset(notices_in_force(tracker, services)),
        earlier_cases=earlier_cases(tracker.get_slot("earlier_cases"), metadata),
        mxn_per_usd=protocol.contingency.mxn_per_usd,
        now=now,
    )
