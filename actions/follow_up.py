"""Follow-ups in conversation: book one, move it, cancel it."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.action import (
    CustomerMessage,
    Domain,
    Event,
    RelevoAction,
    cause_of,
    channel_of,
    known_contact,
    language_of,
    latest_topic,
)
from actions.form import AskSlot, FormValidation, Slots
from actions.moments import say_moment
from actions.offers import FOLLOW_UP
from actions.outcomes import acknowledge
from actions.story import OFFERED_TOPIC, find_told
from relevo.cases.folio import new_folio
from relevo.follow_ups.agenda import FolioTaken
from relevo.follow_ups.contact import Contact, parse_contact
from relevo.follow_ups.follow_up import FollowUp, Method
from relevo.follow_ups.method import kind_of_contact, parse_method
from relevo.follow_ups.wish import parse_wish

FORM_SLOTS = ("follow_up_time", "follow_up_method", "follow_up_contact")


class StartFollowUp(RelevoAction):
    """Before the form: keeps what the customer has already said, so that nothing is asked twice."""

    action_name = "action_start_follow_up"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        said = acknowledge(dispatcher, tracker, self.services)
        language = language_of(tracker, self.services)
        hours, now = self.services.protocol.company.hours, self.services.now()
        wish = find_told(tracker, lambda text: parse_wish(text, language, now, hours))
        contact = find_told(tracker, parse_contact)
        method: Method | None = find_told(tracker, parse_method) or (
            _method_for(contact) if contact else None
        )
        if contact is None and method:
            contact = await known_contact(tracker, self.services)
        fits = contact and method and contact.kind == kind_of_contact(method)
        values: Slots = {
            "follow_up_time": wish.instant if wish and wish.asked_open else None,
            "follow_up_method": method,
            "follow_up_contact": contact.value if contact and fits else None,
            "follow_up_proposal": wish.proposed if wish and not wish.asked_open else None,
            "form_problem": None,
            "form_failures": 0,
        }
        return said + [SlotSet(name, value) for name, value in values.items()]


class AskFollowUpTime(AskSlot):
    slot = "follow_up_time"

    def problem(self, tracker: Tracker) -> str | None:
        """Also while a proposal waits for a yes: something else may have been settled in between."""
        waits = tracker.get_slot("follow_up_proposal") is not None
        return super().problem(tracker) or ("follow_up_time_closed" if waits else None)

    def values(self, tracker: Tracker) -> dict[str, Any]:
        proposal = tracker.get_slot("follow_up_proposal")
        if proposal is None:
            return {}
        language = language_of(tracker, self.services)
        return {"proposed": say_moment(proposal, language, self.services.protocol.company.hours)}


class AskFollowUpMethod(AskSlot):
    slot = "follow_up_method"


class AskFollowUpContact(AskSlot):
    slot = "follow_up_contact"


class ValidateFollowUp(FormValidation):
    """Checks when, how and where a customer wants to be contacted."""

    action_name = "validate_follow_up_form"

    def validate_follow_up_time(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Slots:
        if isinstance(value, int | float):
            return self.accept("follow_up_time", value)
        proposal, topic = tracker.get_slot("follow_up_proposal"), CustomerMessage.latest(tracker).topic
        if proposal is not None and topic == "affirm":
            return self.accept("follow_up_time", proposal, follow_up_proposal=None)
        language, hours = language_of(tracker, self.services), self.services.protocol.company.hours
        wish = parse_wish(str(value), language, self.services.now(), hours)
        if wish is None and proposal is not None and topic == "deny":
            return self.ask_again("follow_up_time", None, follow_up_proposal=None)
        if wish is None:
            return self.decline("follow_up_time", "follow_up_time_not_understood", dispatcher, tracker)
        if not wish.asked_open:
            return self.ask_again("follow_up_time", "follow_up_time_closed", follow_up_proposal=wish.proposed)
        return self.accept("follow_up_time", wish.instant, follow_up_proposal=None)

    async def validate_follow_up_method(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Slots:
        method, contact = parse_method(str(value)), parse_contact(str(value))
        if method is None and contact is not None:
            method = _method_for(contact)
        if method is None:
            return self.decline("follow_up_method", "follow_up_method_not_understood", dispatcher, tracker)
        if contact is None:
            contact = await known_contact(tracker, self.services)
        if contact is not None and contact.kind == kind_of_contact(method):
            return self.accept("follow_up_method", method, follow_up_contact=contact.value)
        return self.accept("follow_up_method", method)

    def validate_follow_up_contact(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Slots:
        contact = parse_contact(str(value))
        if contact is None:
            return self.decline("follow_up_contact", "contact_not_understood", dispatcher, tracker)
        needed = kind_of_contact(tracker.get_slot("follow_up_method"))
        if contact.kind != needed:
            return self.ask_again("follow_up_contact", f"contact_wrong_kind_{needed}")
        return self.accept("follow_up_contact", contact.value)


class ScheduleFollowUp(RelevoAction):
    """Books what the form gathered; the customer is told when, how and under which folio."""

    action_name = "action_schedule_follow_up"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        if any(tracker.get_slot(name) is None for name in FORM_SLOTS):
            dispatcher.utter_message(response="utter_stopped")
            return _forget()
        follow_up = await self._book(self._follow_up(tracker))
        dispatcher.utter_message(response="utter_follow_up_booked", **self._words(follow_up))
        return _forget()

    def _follow_up(self, tracker: Tracker) -> FollowUp:
        return FollowUp(
            folio=new_folio(),
            conversation=tracker.sender_id,
            channel=channel_of(tracker),
            language=language_of(tracker, self.services),
            method=tracker.get_slot("follow_up_method"),
            contact=tracker.get_slot("follow_up_contact"),
            topic=latest_topic(tracker, self.services.protocol) or "schedule_follow_up",
            due_at=float(tracker.get_slot("follow_up_time")),
            created_at=self.services.now(),
            cause=cause_of(tracker, CustomerMessage.latest(tracker)),
        )

    async def _book(self, follow_up: FollowUp) -> FollowUp:
        try:
            return await self.services.agenda.book(follow_up)
        except FolioTaken:
            return await self._book(follow_up.with_folio(new_folio()))

    def _words(self, follow_up: FollowUp) -> dict[str, str]:
        protocol = self.services.protocol
        return {
            "when": say_moment(follow_up.due_at, follow_up.language, protocol.company.hours),
            "method": protocol.say(f"method_{follow_up.method}", follow_up.language),
            "contact": Contact.of(follow_up.contact).mask(),
            "folio": follow_up.folio,
        }


class StartFollowUpChange(RelevoAction):
    """Before the form asks for the new time: says which follow-up is moved, if there is one."""

    action_name = "action_start_follow_up_change"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        booked = await self.services.agenda.booked_for(tracker.sender_id)
        events = await StartFollowUp(self.services).run(dispatcher, tracker, domain)
        if booked is None:
            dispatcher.utter_message(response="utter_no_follow_up")
            return events
        when = say_moment(
            booked.due_at, language_of(tracker, self.services), self.services.protocol.company.hours
        )
        dispatcher.utter_message(response="utter_follow_up_to_change", when=when)
        told = {event["name"] for event in events if event["value"] is not None}
        if "follow_up_method" in told:
            return events
        kept = [SlotSet("follow_up_method", booked.method), SlotSet("follow_up_contact", booked.contact)]
        return [*events, *kept]


class CancelFollowUp(RelevoAction):
    """Cancels the conversation's booked follow-up."""

    action_name = "action_cancel_follow_up"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        cancelled = await self.services.agenda.cancel_for(tracker.sender_id, self.services.now())
        if cancelled is None:
            dispatcher.utter_message(response="utter_no_follow_up")
            return [SlotSet(OFFERED_TOPIC, FOLLOW_UP)]
        language = language_of(tracker, self.services)
        when = say_moment(cancelled.due_at, language, self.services.protocol.company.hours)
        dispatcher.utter_message(response="utter_follow_up_cancelled", when=when)
        return []


def _method_for(contact: Contact) -> Method:
    """The way of contact that a customer means who gives only an address."""
    return "email" if contact.kind == "email" else "call"


def _forget() -> list[Event]:
    names = (*FORM_SLOTS, "follow_up_proposal", "form_problem")
    return [SlotSet(name, None) for name in names]
