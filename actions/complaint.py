"""Take a complaint: what happened, which order, where to answer; the customer leaves with a folio."""

from __future__ import annotations

import asyncio
from dataclasses import replace
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
    remember_case,
)
from actions.early import told_early
from actions.form import AskSlot, FormValidation, Slots
from actions.outcomes import acknowledge
from actions.services import Services
from actions.story import DECLINE, find_told
from relevo.cases.case import Case
from relevo.cases.cause import Guess, guess_cause
from relevo.dialogue.answers import is_missing, is_question, is_searching
from relevo.dialogue.telling import tells_story
from relevo.follow_ups.contact import Contact, parse_contact
from relevo.follow_ups.moments import say_moment
from relevo.letters import ask_to_confirm
from relevo.nlu.order_number import order_told
from relevo.nlu.text import words
from relevo.protocol import Protocol
from relevo.protocol.parts.complaints import Cause
from relevo.protocol.required import CAUSE_PREFIX

MIN_WORDS = 3
STORY_WORDS = 4
"""So many words where a number was asked for tell more of what happened."""
STORY_WORDS_WITH_CONTACT = 10
"""The same for a text that holds a contact: "you can reach me at …" tells nothing."""
MAX_DESCRIPTION_CHARACTERS = 4_000
NO_ORDER = ""
NO_CAUSE = ""
FORM_SLOTS = ("complaint_description", "complaint_cause", "complaint_order", "complaint_contact")


class StartComplaint(RelevoAction):
    """Before the form: keeps what the customer has already told."""

    action_name = "action_start_complaint"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        said = acknowledge(dispatcher, tracker, self.services)
        text = CustomerMessage.latest(tracker).text
        contact = find_told(tracker, parse_contact) or await known_contact(tracker, self.services)
        story = text[:MAX_DESCRIPTION_CHARACTERS] if tells_story(text) else None
        values: Slots = {
            "complaint_description": story,
            "complaint_cause": await cause_told(self.services, story) if story else None,
            "complaint_order": find_told(tracker, order_told),
            "complaint_contact": contact.value if contact else None,
            "form_problem": None,
            "form_failures": 0,
        }
        return said + [SlotSet(name, value) for name, value in values.items()]


class AskComplaintDescription(AskSlot):
    slot = "complaint_description"


class AskComplaintCause(AskSlot):
    """Offers the causes that a complaint seems to have; whatever the answer is, it is not asked twice."""

    slot = "complaint_cause"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        language, protocol = language_of(tracker, self.services), self.services.protocol
        guess = await guess_told(self.services, tracker.get_slot("complaint_description"))
        causes = {
            name: protocol.complaints.causes[name].title.in_language(language) for name in guess.likeliest
        }
        buttons = [{"title": title, "payload": f"/{CAUSE_PREFIX}{name}"} for name, title in causes.items()]
        none_of_them = {"title": protocol.say("no_complaint_cause", language), "payload": f"/{DECLINE}"}
        dispatcher.utter_message(response="utter_ask_complaint_cause", buttons=[*buttons, none_of_them])
        return []


class AskComplaintOrder(AskSlot):
    slot = "complaint_order"


class AskComplaintContact(AskSlot):
    slot = "complaint_contact"


class ValidateComplaint(FormValidation):
    """Checks a complaint's parts."""

    action_name = "validate_complaint_form"

    async def validate_complaint_description(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Slots:
        text = str(value).strip()
        wants_to_stop = CustomerMessage.latest(tracker).is_surely("stop")
        if wants_to_stop or self.is_digression(tracker) or len(text.split()) < MIN_WORDS:
            return self.decline(
                "complaint_description", "complaint_description_too_short", dispatcher, tracker
            )
        early = told_early(tracker, "complaint_description", text)
        story = text[:MAX_DESCRIPTION_CHARACTERS]
        early["complaint_cause"] = await cause_told(self.services, story)
        return self.accept("complaint_description", story, **early)

    async def validate_complaint_cause(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Slots:
        text, causes = str(value), self.services.protocol.complaints.causes
        name = text.removeprefix(f"/{CAUSE_PREFIX}")
        if value == NO_CAUSE or name in causes:
            return self.accept("complaint_cause", name)
        early = told_early(tracker, "complaint_cause", text)
        if is_missing(text) and len(words(text)) > 1 and not tracker.get_slot("complaint_order"):
            # Who looks ahead to the next question: «no lo tengo a la mano»; «ninguno» means the causes.
            return self.accept("complaint_cause", NO_CAUSE, **{"complaint_order": NO_ORDER, **early})
        if CustomerMessage.latest(tracker).is_surely("stop") or self.is_digression(tracker):
            return self.decline("complaint_cause", "ask_complaint_cause", dispatcher, tracker)
        if typed := named_cause(self.services.protocol, text):
            return self.accept("complaint_cause", typed, **early)
        if self._goes_on_telling(text, tracker):
            early |= self._longer_story(tracker)
            guess = await guess_told(self.services, early["complaint_description"])
            return self.accept("complaint_cause", guess.cause or NO_CAUSE, **early)
        return self.accept("complaint_cause", NO_CAUSE, **early)

    def validate_complaint_order(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Slots:
        text, early = str(value), told_early(tracker, "complaint_order", str(value))
        if number := order_told(text):
            return self.accept("complaint_order", number, **early)
        if value == NO_ORDER or self._has_none(text, tracker):
            return self.accept("complaint_order", NO_ORDER, **early)
        if self._goes_on_telling(text, tracker, STORY_WORDS_WITH_CONTACT if early else STORY_WORDS):
            told = {**early, **self._longer_story(tracker)}
            return self.ask_again("complaint_order", "complaint_order_after_story", **told)
        return self.decline("complaint_order", "complaint_order_not_understood", dispatcher, tracker)

    def validate_complaint_contact(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Slots:
        contact = parse_contact(str(value))
        early = told_early(tracker, "complaint_contact", str(value))
        if contact is not None:
            return self.accept("complaint_contact", contact.value, **early)
        if not early and self._goes_on_telling(str(value), tracker):
            told = self._longer_story(tracker)
            return self.ask_again("complaint_contact", "complaint_contact_after_story", **told)
        return self.decline("complaint_contact", "contact_not_understood", dispatcher, tracker)

    def _has_none(self, text: str, tracker: Tracker) -> bool:
        """Whether the customer has no order number, and isn't looking for it either."""
        is_denied = CustomerMessage.latest(tracker).topic == "deny"
        return not is_searching(text) and (is_denied or is_missing(text))

    def _goes_on_telling(self, text: str, tracker: Tracker, least_words: int = STORY_WORDS) -> bool:
        """Whether the customer tells more of what happened instead of answering."""
        wants_to_stop = CustomerMessage.latest(tracker).is_surely("stop")
        is_told = len(text.split()) >= least_words and not is_question(text)
        return is_told and not wants_to_stop and not is_searching(text)

    @staticmethod
    def _longer_story(tracker: Tracker) -> Slots:
        """The description with what was told just now: it is no failure to tell more."""
        story = f"{tracker.get_slot('complaint_description')}\n{CustomerMessage.latest(tracker).text}"
        return {"complaint_description": story[:MAX_DESCRIPTION_CHARACTERS]}


class FileComplaint(RelevoAction):
    """Opens the case of a complaint in the area that the protocol names."""

    action_name = "action_file_complaint"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        if any(tracker.get_slot(name) is None for name in FORM_SLOTS):
            dispatcher.utter_message(response="utter_stopped")
            return _forget()
        message, name = CustomerMessage.latest(tracker), tracker.get_slot("complaint_cause")
        cause = self.services.protocol.complaints.causes[name] if name else None
        wanted = replace(self._case(tracker, message, cause), cause=name or "")
        case, _ = await self.services.queue.open(wanted, cause_of(tracker, message))
        self._make_good(dispatcher, case, cause)
        protocol = self.services.protocol
        dispatcher.utter_message(
            response="utter_complaint_filed",
            folio=case.folio,
            area=protocol.roster.areas[case.area].title.in_language(case.language),
            contact=Contact.of(case.contact).mask(),
            answered_by=say_moment(case.target_at, case.language, protocol.company.hours),
        )
        await self._write(dispatcher, case)
        return [*_forget(), remember_case(tracker, case)]

    async def _write(self, dispatcher: CollectingDispatcher, case: Case) -> None:
        """Confirm it by e-mail, too, if that is how the customer wants the answer."""
        services = self.services
        if services.has_email and await ask_to_confirm(services.client, case, services.now()):
            dispatcher.utter_message(
                response="utter_acknowledgement_sent", contact=Contact.of(case.contact).mask()
            )

    def _make_good(self, dispatcher: CollectingDispatcher, case: Case, cause: Cause | None) -> None:
        """Apology and remedy, then what the plan offers: granted if the assistant may, else asked for."""
        if cause is None:
            return
        protocol, language = self.services.protocol, case.language
        offers = [protocol.contingency.recovery[name] for name in cause.recovery]
        granted = next((offer for offer in offers if offer.granted_by == "assistant"), None)
        amends = cause.amends_on(case.channel)
        for text in (amends.apology, amends.remedy, *([granted.words] if granted else [])):
            dispatcher.utter_message(text=text.in_language(language))
        if offers and not granted:
            # The first one only: whoever decides should choose, and not disappoint.
            area = protocol.roster.areas[case.area].title.in_language(language)
            asked_for = offers[0].title.in_language(language)
            dispatcher.utter_message(response="utter_recovery_asked_for", offer=asked_for, area=area)

    def _case(self, tracker: Tracker, message: CustomerMessage, cause: Cause | None) -> Case:
        protocol, now = self.services.protocol, self.services.now()
        priority = cause.priority if cause else protocol.complaints.priority
        area = cause.area if cause else protocol.complaints.area
        return Case(
            folio="",
            kind="complaint",
            conversation=tracker.sender_id,
            channel=channel_of(tracker),
            language=language_of(tracker, self.services),
            area=area,
            priority=priority,
            rank=protocol.rank_of(priority),
            opened_at=now,
            target_at=protocol.complaint_answer_by(area, now),
            resolution_by=protocol.resolution_by(priority, area, now),
            topic="complaint",
            tone=message.tone,
            description=tracker.get_slot("complaint_description"),
            order_number=tracker.get_slot("complaint_order"),
            contact=tracker.get_slot("complaint_contact"),
        )


async def guess_told(services: Services, story: str) -> Guess:
    """Why the customer seems to be upset."""
    # The first time it loads for a second or two: other customers are not to wait for that.
    return await asyncio.to_thread(guess_cause, services.protocol.complaints, story)


async def cause_told(services: Services, story: str) -> str | None:
    """The cause that a story clearly has, `NO_CAUSE` if there is none to ask about; None if one is to ask."""
    guess = await guess_told(services, story)
    return guess.cause or (None if guess.likeliest else NO_CAUSE)


def named_cause(protocol: Protocol, text: str) -> str | None:
    """The cause whose title the customer typed."""
    said = words(text)
    causes = protocol.complaints.causes.items()
    return next(
        (name for name, cause in causes if said in (words(cause.title.en), words(cause.title.es))), None
    )


def _forget() -> list[Event]:
    return [SlotSet(name, None) for name in (*FORM_SLOTS, "form_problem")]
