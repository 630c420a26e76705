"""The base of our actions, and the customer's message as they see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet

from actions.services import Services, shared_services
from relevo.cases.case import Case
from relevo.follow_ups.contact import Contact
from relevo.protocol import LANGUAGES, Language, Protocol
from relevo.store.customers import Customers

Event = dict[str, Any]
Domain = dict[str, Any]
SURE_TOPIC = 0.5
"""From here on a topic inside a form counts as what the customer wants rather than as an answer."""


KEPT_CASES = 20


class WithServices:
    """What our actions and form validations share: a name by class attribute, and the services at hand."""

    action_name: ClassVar[str] = ""

    def __init__(self, services: Services | None = None) -> None:
        self._services = services

    def name(self) -> str:
        return self.action_name

    @property
    def services(self) -> Services:
        """Those it was built with, else the process's own."""
        return self._services or shared_services()


class RelevoAction(WithServices, Action):
    """An action of ours."""


@dataclass(frozen=True)
class CustomerMessage:
    """The customer's latest message with what was understood of it."""

    id: str
    text: str
    topic: str
    confidence: float
    tone: str
    entities: dict[str, Any]
    """The first of each kind."""

    @classmethod
    def latest(cls, tracker: Tracker) -> CustomerMessage:
        parsed = tracker.latest_message or {}
        intent = parsed.get("intent") or {}
        title = (parsed.get("metadata") or {}).get("title")
        return cls(
            id=str(parsed.get("message_id") or ""),
            text=title or parsed.get("text") or "",
            topic=intent.get("name") or "",
            confidence=float(intent.get("confidence") or 0.0),
            tone=(parsed.get("tone") or {}).get("name") or "calm",
            entities={e["entity"]: e["value"] for e in reversed(parsed.get("entities") or [])},
        )

    def is_surely(self, topic: str) -> bool:
        return self.topic == topic and self.confidence >= SURE_TOPIC


def language_of(tracker: Tracker, services: Services) -> Language:
    """The conversation's language; the company's own until it is known."""
    language = tracker.get_slot("language")
    return language if language in LANGUAGES else services.protocol.company.default_language


def channel_of(tracker: Tracker) -> str:
    """The channel on which the customer writes."""
    return str(tracker.get_latest_input_channel() or "webchat")


async def known_contact(tracker: Tracker, services: Services) -> Contact | None:
    """The phone or e-mail that the customer writes from; None where the channel doesn't tell it."""
    value = await Customers(services.client).contact_of(tracker.sender_id)
    return Contact.of(value) if value else None


def cause_of(tracker: Tracker, message: CustomerMessage) -> str:
    """What a case or follow-up is traced back to: the same message never causes two."""
    return f"{tracker.sender_id}:{message.id}"


def remember_case(tracker: Tracker, case: Case) -> Event:
    """Keep that the customer has had this case, for the contingency plan; the last ones are enough."""
    known = tracker.get_slot("earlier_cases")
    opened = known if isinstance(known, list) else []
    kept = opened if case.opened_at in opened else [*opened, case.opened_at]
    event: Event = SlotSet("earlier_cases", kept[-KEPT_CASES:])
    return event


def latest_topic(tracker: Tracker, protocol: Protocol) -> str | None:
    """The last topic that the company answers, small talk apart; None if there was none."""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            name = ((event.get("parse_data") or {}).get("intent") or {}).get("name")
            topic = protocol.topics.get(name or "")
            if name and topic and topic.answers and not topic.is_small_talk:
                return str(name)
    return None
