"""What becomes of a follow-up that was agreed in conversation: booked, moved, cancelled."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.action import (
    SURE_TOPIC,
    CustomerMessage,
    Domain,
    Event,
    RelevoAction,
    cause_of,
    channel_of,
    language_of,
    latest_topic,
)
from actions.follow_up import FORM_SLOTS, gather
from actions.offers import FOLLOW_UP
from actions.outcomes import acknowledge
from actions.story import OFFERED_TOPIC
from actions.waiting import CancelHandOff, may_be_cancelled, offer_to_cancel, waiting_in
from relevo.cases.folio import new_folio
from relevo.follow_ups.agenda import FolioTaken
from relevo.follow_ups.contact import Contact
from relevo.follow_ups.follow_up import FollowUp
from relevo.follow_ups.method import kind_of_contact
from relevo.follow_ups.rules import FollowUpRules
from relevo.follow_ups.zones import zone_named, zone_of

CALM = "calm"
WITH_CARDS = ("webchat", "email")
"""Channels that show more than texts: a page its cards, an e-mail the calendar file."""


class ScheduleFollowUp(RelevoAction):
    """Books what the form gathered; the customer is told when, how and under which folio."""

    action_name = "action_schedule_follow_up"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        if any(tracker.get_slot(name) is None for name in FORM_SLOTS):
            dispatcher.utter_message(response="utter_stopped")
            return _forget()
        follow_up = await self._book(self._follow_up(tracker))
        words = self._words(follow_up)
        if follow_up.method == "chat":
            dispatcher.utter_message(response="utter_follow_up_booked_chat", **words)
        else:
            dispatcher.utter_message(response="utter_follow_up_booked", **words)
        if follow_up.channel in WITH_CARDS:
            dispatcher.utter_message(json_message=_card(follow_up, words["when"]))
        return _forget()

    def _follow_up(self, tracker: Tracker) -> FollowUp:
        contact = tracker.get_slot("follow_up_contact")
        zone = zone_named(str(tracker.get_slot("follow_up_zone") or "")) or zone_of(contact)
        return FollowUp(
            folio=new_folio(),
            conversation=tracker.sender_id,
            channel=channel_of(tracker),
            language=language_of(tracker, self.services),
            method=tracker.get_slot("follow_up_method"),
            contact=contact,
            topic=latest_topic(tracker, self.services.protocol) or "schedule_follow_up",
            due_at=float(tracker.get_slot("follow_up_time")),
            created_at=self.services.now(),
            cause=cause_of(tracker, CustomerMessage.latest(tracker)),
            zone=zone.key if zone else "",
        )

    async def _book(self, follow_up: FollowUp) -> FollowUp:
        try:
            return await self.services.agenda.book(follow_up)
        except FolioTaken:
            return await self._book(follow_up.with_folio(new_folio()))

    def _words(self, follow_up: FollowUp) -> dict[str, str]:
        rules = FollowUpRules(self.services.protocol)
        return {
            "when": rules.moment(follow_up),
            "method": rules.method_in_words(follow_up),
            "contact": Contact.of(follow_up.contact).mask(),
            "folio": follow_up.folio,
        }


class StartFollowUpChange(RelevoAction):
    """Before the form asks for the new time: says which follow-up is moved, if there is one."""

    action_name = "action_start_follow_up_change"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        booked = await self.services.agenda.booked_for(tracker.sender_id)
        zone = zone_named(booked.zone) if booked else None
        said = acknowledge(dispatcher, tracker, self.services)
        slots = await gather(tracker, self.services, zone, booked.due_at if booked else None)
        events = [*said, *slots]
        if booked is None:
            dispatcher.utter_message(response="utter_no_follow_up")
            return events
        when = FollowUpRules(self.services.protocol).moment(booked)
        dispatcher.utter_message(response="utter_follow_up_to_change", when=when)
        return [*events, *_kept(booked, {event["name"]: event["value"] for event in slots})]


class CancelFollowUp(RelevoAction):
    """The customer need not be contacted: ends what is open, the booked follow-up or the waiting hand-off."""

    action_name = "action_cancel_follow_up"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        cause = cause_of(tracker, CustomerMessage.latest(tracker))
        cancelled = await self.services.agenda.cancel_for(tracker.sender_id, self.services.now(), cause)
        may_withdraw = self._may_withdraw(tracker)
        if cancelled is None and may_withdraw:
            return await CancelHandOff(self.services).run(dispatcher, tracker, domain)
        if cancelled is None:
            dispatcher.utter_message(response="utter_no_follow_up")
            return [SlotSet(OFFERED_TOPIC, FOLLOW_UP)]
        when = FollowUpRules(self.services.protocol).moment(cancelled)
        dispatcher.utter_message(response="utter_follow_up_cancelled", when=when)
        if may_withdraw:
            offer_to_cancel(dispatcher, language_of(tracker, self.services), self.services)
        return []

    def _may_withdraw(self, tracker: Tracker) -> bool:
        """Whether a hand-off waits that this customer may call off; only who is calm means it so."""
        message = CustomerMessage.latest(tracker)
        is_meant = message.tone == CALM and message.confidence >= SURE_TOPIC
        return bool(waiting_in(tracker)) and is_meant and may_be_cancelled(tracker, self.services)


def _kept(booked: FollowUp, told: dict[str, Any]) -> list[Event]:
    """What stays of a follow-up that is moved: the way of contact and the number, unless others are told."""
    method = told["follow_up_method"] or booked.method
    kept = [SlotSet("follow_up_method", method)]
    reaches = "chat" not in (method, booked.method) and kind_of_contact(method) == kind_of_contact(
        booked.method
    )
    if told["follow_up_contact"] is None and (reaches or method == booked.method):
        kept.append(SlotSet("follow_up_contact", booked.contact))
    return kept


def _card(follow_up: FollowUp, when: str) -> dict[str, Any]:
    """What is shown beside the text (see `relevo.channels.webchat.events`)."""
    return {
        "type": "follow_up",
        "folio": follow_up.folio,
        "starts_at": follow_up.due_at,
        "label": when,
        "calendar_url": f"calendar/{follow_up.folio}.ics",
    }


def _forget() -> list[Event]:
    names = (*FORM_SLOTS, "follow_up_proposal", "follow_up_zone", "follow_up_hour_assumed", "form_problem")
    return [SlotSet(name, None) for name in names]
