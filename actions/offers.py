"""What may come next: the second thing that was asked, or what a bare answer can be used for.

What is offered stands in a slot until the customer's next message: `relevo.dialogue.context` reads a yes as
the offered topic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.action import CustomerMessage, Domain, Event, RelevoAction, language_of, latest_topic
from actions.story import DECLINE, OFFERED_TOPIC
from relevo.follow_ups.contact import Contact

PERSON = "contact_human_agent"
FOLLOW_UP = "schedule_follow_up"
ORDER_TOPICS = ("track_order", "change_order", "cancel_order", "get_refund", "get_invoice")
"""What can be asked of an order."""


class OfferTopic(RelevoAction):
    """Offers the second of two things that one message asked for; the policy puts it into the slot."""

    action_name = "action_offer_topic"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        topic = tracker.get_slot(OFFERED_TOPIC)
        known = self.services.protocol.topics.get(topic or "")
        if topic is None or known is None:  # An older model may offer what the protocol holds no longer.
            return []
        title = known.title.in_language(language_of(tracker, self.services))
        return offer(self, dispatcher, tracker, "utter_also_asked", topic, topic=title)


class UseBareAnswer(RelevoAction):
    """Says what can be done with an order number, a contact or a date that came alone."""

    action_name = "action_use_bare_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        told = CustomerMessage.latest(tracker).entities
        if self._is_asked_for(tracker, told):
            return offer(self, dispatcher, tracker, "utter_answer_noted", PERSON)
        if number := told.get("order_number"):
            ask(self, dispatcher, tracker, "utter_bare_order_number", ORDER_TOPICS, order_number=number)
            return []
        if contact := told.get("email") or told.get("phone"):
            shown = Contact.of(contact).mask()
            return offer(self, dispatcher, tracker, "utter_bare_contact", FOLLOW_UP, contact=shown)
        return offer(self, dispatcher, tracker, "utter_bare_date", FOLLOW_UP)

    def _is_asked_for(self, tracker: Tracker, told: dict[str, Any]) -> bool:
        """Whether the last answer told the customer to have this at hand."""
        protocol = self.services.protocol
        topic = latest_topic(tracker, protocol)
        return bool(topic and set(protocol.topics[topic].asks_for) & set(told))


def offer(
    action: RelevoAction,
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    response: str,
    leads_to: str,
    **values: Any,
) -> list[Event]:
    """Ask by a response whether to go on with a topic; a yes will lead there."""
    ask(action, dispatcher, tracker, response, (leads_to, DECLINE), **values)
    return [SlotSet(OFFERED_TOPIC, leads_to)]


def ask(
    action: RelevoAction,
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    response: str,
    topics: Sequence[str],
    **values: Any,
) -> None:
    """Say a response with topics as buttons."""
    language, known = language_of(tracker, action.services), action.services.protocol.topics
    buttons = [{"title": known[name].title.in_language(language), "payload": f"/{name}"} for name in topics]
    dispatcher.utter_message(response=response, buttons=buttons, **values)
