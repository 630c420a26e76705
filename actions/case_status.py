"""Tell a customer how their case stands, if they know its folio and the contact they gave for it.

An unknown folio and somebody else's folio get the same answer: a folio alone tells nothing.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.action import Domain, Event, RelevoAction, language_of
from actions.early import told_early
from actions.form import AskSlot, FormValidation, Slots
from actions.outcomes import acknowledge
from actions.story import find_told
from relevo.cases.case import Case
from relevo.cases.folio import find_folio
from relevo.cases.queue import UnknownCase
from relevo.dialogue.answers import is_missing, is_searching
from relevo.follow_ups.contact import Contact, parse_contact
from relevo.follow_ups.moments import say_moment

FORM_SLOTS = ("case_folio", "case_contact")
_RESPONSES = {
    "waiting": "utter_case_waiting",
    "claimed": "utter_case_claimed",
    "waiting_for_customer": "utter_case_waits_for_customer",
    "resolved": "utter_case_resolved",
    "closed": "utter_case_is_closed",
}


class StartCaseCheck(RelevoAction):
    """Before the form: keeps a folio or contact that the message already holds."""

    action_name = "action_start_case_check"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        said = acknowledge(dispatcher, tracker, self.services)
        contact = find_told(tracker, parse_contact)
        values: Slots = {
            "case_folio": find_told(tracker, find_folio),
            "case_contact": contact.value if contact else None,
            "form_problem": None,
            "form_failures": 0,
        }
        return said + [SlotSet(name, value) for name, value in values.items()]


class AskCaseFolio(AskSlot):
    slot = "case_folio"


class AskCaseContact(AskSlot):
    slot = "case_contact"


class ValidateCase(FormValidation):
    """Checks the forms of folio and contact; whether they belong together is told in one answer."""

    action_name = "validate_case_form"

    def validate_case_folio(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Slots:
        folio = find_folio(str(value))
        if folio is not None:
            return self.accept("case_folio", folio, **told_early(tracker, "case_folio", str(value)))
        was_told = tracker.get_slot("form_problem") == "case_folio_missing"
        if is_missing(str(value)) and not is_searching(str(value)) and not was_told:
            return self.ask_again("case_folio", "case_folio_missing")
        return self.decline("case_folio", "case_folio_not_understood", dispatcher, tracker)

    def validate_case_contact(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Slots:
        contact = parse_contact(str(value))
        if contact is None:
            return self.decline("case_contact", "contact_not_understood", dispatcher, tracker)
        return self.accept("case_contact", contact.value)


class CheckCase(RelevoAction):
    """The status of a case by folio and matching contact."""

    action_name = "action_check_case"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        folio, contact = tracker.get_slot("case_folio"), tracker.get_slot("case_contact")
        if folio is None or contact is None:
            dispatcher.utter_message(response="utter_stopped")
        elif case := await self._find(folio, contact, tracker.sender_id):
            dispatcher.utter_message(response=_RESPONSES[case.state], **self._words(case, tracker))
        else:
            dispatcher.utter_message(response="utter_case_not_found")
        return [SlotSet(name, None) for name in (*FORM_SLOTS, "form_problem")]

    async def _find(self, folio: str, contact: str, conversation: str) -> Case | None:
        try:
            case = await self.services.queue.get(folio)
        except UnknownCase:
            return None
        if not case.contact:  # A hand-off asks for none: only its own conversation may ask after it.
            return case if case.conversation == conversation else None
        return case if Contact.of(case.contact).matches(contact) else None

    def _words(self, case: Case, tracker: Tracker) -> dict[str, str]:
        language = language_of(tracker, self.services)
        protocol = self.services.protocol
        words = {
            "folio": case.folio,
            "opened": say_moment(case.opened_at, language, protocol.company.hours),
            "area": protocol.roster.areas[case.area].title.in_language(language),
            "agent": case.claimed_by or case.resolved_by,
        }
        for name, instant in (("resolved", case.resolved_at), ("closed", case.closed_at)):
            if instant:
                words[name] = say_moment(instant, language, protocol.company.hours)
        return words
