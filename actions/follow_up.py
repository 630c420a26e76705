"""Follow-ups in conversation: when, how and where a customer wants to be contacted.

Hours are the customer's own: by the zone that they name, else by the area code of their phone number. As long
as neither is known, an hour is taken on the company's clock, and moved when the number tells another one.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.action import CustomerMessage, Domain, Event, RelevoAction, known_contact, language_of
from actions.form import AskSlot, FormValidation, Slots
from actions.outcomes import acknowledge
from actions.services import Services
from actions.story import find_told
from relevo.follow_ups.contact import Contact, parse_contact
from relevo.follow_ups.excluded_days import MAX_AHEAD_DAYS
from relevo.follow_ups.follow_up import Method
from relevo.follow_ups.method import kind_of_contact, method_for, parse_method
from relevo.follow_ups.moments import say_moment_to
from relevo.follow_ups.wish import Wish, at_the_same_hour, parse_wish
from relevo.follow_ups.zones import agree, zone_named, zone_of

FORM_SLOTS = ("follow_up_time", "follow_up_method", "follow_up_contact")
NO_CONTACT = ""
"""What stands for the contact of whoever is written to in the conversation itself."""


class StartFollowUp(RelevoAction):
    """Before the form: keeps what the customer has already said, so that nothing is asked twice."""

    action_name = "action_start_follow_up"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        said = acknowledge(dispatcher, tracker, self.services)
        return said + await gather(tracker, self.services)


async def gather(
    tracker: Tracker, services: Services, zone: ZoneInfo | None = None, same_hour_as: float | None = None
) -> list[Event]:
    """The form's slots with what the customer has told so far.

    Args:
        zone: theirs, if it is known.
        same_hour_as: what "at the same time" means, UTC epoch seconds; now if None.
    """
    told = find_told(tracker, parse_contact)
    contact = told or await known_contact(tracker, services)
    zone = zone or (zone_of(contact.value) if contact else None)
    wish = _told_wish(tracker, services, zone, same_hour_as)
    method: Method | None = find_told(tracker, parse_method) or (method_for(told) if told else None)
    values: Slots = {
        "follow_up_time": wish.instant if wish and wish.asked_open else None,
        "follow_up_method": method,
        "follow_up_contact": _fitting(contact, method),
        "follow_up_proposal": wish.proposed if wish and not wish.asked_open else None,
        "form_problem": None,
        "form_failures": 0,
        **_clock_of(wish, zone),
    }
    return [SlotSet(name, value) for name, value in values.items()]


class AskFollowUpTime(AskSlot):
    slot = "follow_up_time"

    def problem(self, tracker: Tracker) -> str | None:
        """Also while a proposal waits for a yes: something else may have been settled in between."""
        told = super().problem(tracker)
        if told or tracker.get_slot("follow_up_proposal") is None:
            return told
        wish = _told_wish(tracker, self.services, _zone_in(tracker))
        is_past = wish is not None and wish.fit == "past"
        return "follow_up_time_past" if is_past else "follow_up_time_closed"

    def values(self, tracker: Tracker) -> dict[str, Any]:
        proposal = tracker.get_slot("follow_up_proposal")
        if proposal is None:
            return {"days": MAX_AHEAD_DAYS}
        language, hours = language_of(tracker, self.services), self.services.protocol.company.hours
        return {"proposed": say_moment_to(proposal, language, hours, _zone_in(tracker))}


class AskFollowUpMethod(AskSlot):
    slot = "follow_up_method"


class AskFollowUpContact(AskSlot):
    slot = "follow_up_contact"


class ValidateFollowUp(FormValidation):
    """Checks when, how and where a customer wants to be contacted."""

    action_name = "validate_follow_up_form"

    async def validate_follow_up_time(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Slots:
        if isinstance(value, int | float):
            return self.accept("follow_up_time", value)
        proposal, topic = tracker.get_slot("follow_up_proposal"), CustomerMessage.latest(tracker).topic
        if proposal is not None and topic == "affirm":
            # The proposal was told with its clock: from here on nothing is assumed.
            return self.accept(
                "follow_up_time", proposal, follow_up_proposal=None, follow_up_hour_assumed=False
            )
        language, hours = language_of(tracker, self.services), self.services.protocol.company.hours
        zone = _zone_in(tracker)
        booked = await self.services.agenda.booked_for(tracker.sender_id)
        same_hour_as = booked.due_at if booked else None
        wish = parse_wish(str(value), language, self.services.now(), hours, zone, same_hour_as=same_hour_as)
        if wish is None and proposal is not None and topic == "deny":
            return self.ask_again("follow_up_time", None, follow_up_proposal=None)
        if wish is None:
            return self.decline("follow_up_time", "follow_up_time_not_understood", dispatcher, tracker)
        return self._judged(wish, zone)

    def _judged(self, wish: Wish, zone: ZoneInfo | None) -> Slots:
        """A wish that can be kept is taken; else the customer hears why not, and what can be offered."""
        offered = {"follow_up_proposal": wish.proposed, **_clock_of(wish, zone)}
        match wish.fit:
            case "past":
                return self.ask_again("follow_up_time", "follow_up_time_past", **offered)
            case "too_far":
                return self.ask_again("follow_up_time", "follow_up_time_too_far", **offered)
            case "closed":
                return self.ask_again("follow_up_time", "follow_up_time_closed", **offered)
            case "open":
                return self.accept("follow_up_time", wish.instant, **{**offered, "follow_up_proposal": None})

    async def validate_follow_up_method(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Slots:
        method, contact = parse_method(str(value)), parse_contact(str(value))
        if method is None and contact is not None:
            method = method_for(contact)
        if method is None:
            return self.decline("follow_up_method", "follow_up_method_not_understood", dispatcher, tracker)
        if method == "chat":
            return self.accept("follow_up_method", method, follow_up_contact=NO_CONTACT)
        if contact is None:
            contact = await known_contact(tracker, self.services)
        if contact is not None and contact.kind == kind_of_contact(method):
            return {"follow_up_method": method, **self._take(contact, tracker)}
        return self.accept("follow_up_method", method)

    def validate_follow_up_contact(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Slots:
        if value == NO_CONTACT:
            return self.accept("follow_up_contact", NO_CONTACT)
        contact = parse_contact(str(value))
        if contact is None:
            return self.decline("follow_up_contact", "contact_not_understood", dispatcher, tracker)
        needed = kind_of_contact(tracker.get_slot("follow_up_method"))
        if contact.kind != needed:
            return self.ask_again("follow_up_contact", f"contact_wrong_kind_{needed}")
        return self._take(contact, tracker)

    def _take(self, contact: Contact, tracker: Tracker) -> Slots:
        """The contact; its area code tells the customer's clock where they have not told it."""
        time, zone = tracker.get_slot("follow_up_time"), zone_of(contact.value)
        if zone is None or _zone_in(tracker) is not None:
            return self.accept("follow_up_contact", contact.value)
        known: Slots = {"follow_up_contact": contact.value, "follow_up_zone": zone.key}
        hours, is_assumed = self.services.protocol.company.hours, tracker.get_slot("follow_up_hour_assumed")
        if not is_assumed or not isinstance(time, int | float) or agree(zone, hours.zone, time):
            return self.accept("follow_up_contact", contact.value, **known)
        wish = at_the_same_hour(time, zone, self.services.now(), hours)
        known["follow_up_hour_assumed"] = False
        if wish is None or not wish.asked_open:
            proposed = wish.proposed if wish else None
            return self.ask_again(
                "follow_up_time", "follow_up_hour_there", follow_up_proposal=proposed, **known
            )
        return self.accept("follow_up_time", wish.instant, **known)


def _told_wish(
    tracker: Tracker, services: Services, zone: ZoneInfo | None, same_hour_as: float | None = None
) -> Wish | None:
    """When the customer said that they want to be contacted, if they have."""
    language, hours = language_of(tracker, services), services.protocol.company.hours
    now = services.now()

    def find(text: str) -> Wish | None:
        return parse_wish(text, language, now, hours, zone, same_hour_as=same_hour_as)

    return find_told(tracker, find)


def _zone_in(tracker: Tracker) -> ZoneInfo | None:
    """The customer's zone, as far as the conversation has told it."""
    return zone_named(str(tracker.get_slot("follow_up_zone") or ""))


def _clock_of(wish: Wish | None, zone: ZoneInfo | None) -> Slots:
    """On whose clock a wish was read: a zone that is known, or the company's for want of another."""
    known = (wish.zone if wish else None) or zone
    is_assumed = known is None and wish is not None and wish.depends_on_zone
    return {"follow_up_zone": known.key if known else None, "follow_up_hour_assumed": is_assumed}


def _fitting(contact: Contact | None, method: Method | None) -> str | None:
    """The contact if it is of the kind that the way of contact needs; none is needed in the chat."""
    if method == "chat":
        return NO_CONTACT
    fits = contact and method and contact.kind == kind_of_contact(method)
    return contact.value if contact and fits else None
