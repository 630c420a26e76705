"""Tell a customer how their cases stand: to who knows a folio and the contact that was given for it.

An unknown folio and somebody else's folio get the same answer: a folio alone tells nothing. A customer whose
channel vouches for their contact need not know either: their own cases are told, also those that they opened
on another channel, if the same contact is confirmed there. That somebody gave it is never enough.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.action import Domain, Event, RelevoAction, known_contact, language_of
from actions.early import told_early
from actions.form import AskSlot, FormValidation, Slots
from actions.outcomes import acknowledge
from actions.services import Services
from actions.story import find_told
from relevo.cases.case import Case
from relevo.cases.folio import find_folio, folios
from relevo.dialogue.answers import is_missing, is_searching
from relevo.follow_ups.contact import Contact, parse_contact
from relevo.follow_ups.moments import say_moment
from relevo.store.confirmed_contacts import ConfirmedContacts

FORM_SLOTS = ("case_folio", "case_contact")
FOLIOS = " "
"""Between several folios in the slot."""
MAX_TOLD = 5
"""Cases that are told at once, the latest ones."""
_RESPONSES = {
    "waiting": "utter_case_waiting",
    "claimed": "utter_case_claimed",
    "waiting_for_customer": "utter_case_waits_for_customer",
    "resolved": "utter_case_resolved",
    "closed": "utter_case_is_closed",
}


class StartCaseCheck(RelevoAction):
    """Before the form: keeps a folio or contact that the message already holds, or that the channel tells."""

    action_name = "action_start_case_check"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        said = acknowledge(dispatcher, tracker, self.services)
        folio, contact = find_told(tracker, find_folio), find_told(tracker, parse_contact)
        own = await own_cases(tracker, self.services)
        if own and (folio is None or folio in [case.folio for case in own]):
            folio = folio or FOLIOS.join(case.folio for case in own[-MAX_TOLD:])
            contact = contact or await known_contact(tracker, self.services)
        values: Slots = {
            "case_folio": folio,
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
        found = FOLIOS.join(folio for folio, _, _ in islice(folios(str(value)), MAX_TOLD))
        if found:
            return self.accept("case_folio", found, **told_early(tracker, "case_folio", str(value)))
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
    """The status of cases by folio and matching contact, or of the customer's own."""

    action_name = "action_check_case"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        folio, contact = tracker.get_slot("case_folio"), tracker.get_slot("case_contact")
        if folio is None or contact is None:
            dispatcher.utter_message(response="utter_stopped")
        else:
            cases = await self._find(folio.split(FOLIOS), contact, tracker)
            for case in cases:
                dispatcher.utter_message(response=_RESPONSES[case.state], **self._words(case, tracker))
            if not cases:
                dispatcher.utter_message(response="utter_case_not_found")
        return [SlotSet(name, None) for name in (*FORM_SLOTS, "form_problem")]

    async def _find(self, wanted: list[str], contact: str, tracker: Tracker) -> list[Case]:
        own = {case.folio for case in await own_cases(tracker, self.services)}
        cases = await self.services.queue.read(wanted)
        return [case for case in cases if case.folio in own or _may_be_told(case, contact, tracker.sender_id)]

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


async def own_cases(tracker: Tracker, services: Services) -> list[Case]:
    """The cases, not closed, of a customer whose channel vouches for their contact, on whatever channel.

    Nothing for others: whoever sits at a browser may not be who gave that contact.
    """
    if await known_contact(tracker, services) is None:
        return []
    linked = await ConfirmedContacts(services.client).linked(tracker.sender_id, by_channel=True)
    return await services.queue.of_conversations([tracker.sender_id, *linked])


def _may_be_told(case: Case, contact: str, conversation: str) -> bool:
    """Whether who gives this contact may hear of a case."""
    if not case.contact:  # A hand-off asks for none: only its own conversation may ask after it.
        return case.conversation == conversation
    return Contact.of(case.contact).matches(contact)
