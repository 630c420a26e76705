"""A request about personal data: filed at the customer's first word, then completed step by step.

What they want, who they are and where to answer goes to the case of the data officer, who confirms the
identity; nobody's data are shown in the chat. The customer leaves with a folio and the legal dates.
"""

from __future__ import annotations

import re
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
    language_of,
    remember_case,
)
from actions.form import AskSlot, FormValidation, Slots
from actions.moments import say_date
from actions.outcomes import acknowledge, trigger_in
from actions.story import find_told
from relevo.cases.case import Case
from relevo.follow_ups.contact import Contact, parse_contact
from relevo.privacy.rights import find_rights, title_of
from relevo.privacy.terms import LegalDates, end_of_day, legal_dates

TOPIC = "privacy_request"
FORM_SLOTS = ("privacy_right", "privacy_name", "privacy_contact")
MAX_DESCRIPTION_CHARACTERS = 1_000
MAX_NAME_CHARACTERS = 120
_NOT_IN_NAMES = re.compile(r"\S*[\d@]\S*|[,;:()]")
_FULL_NAME = re.compile(r"[^\W\d_][\w'’.-]*(\s+[^\W\d_][\w'’.-]*){1,7}")


class StartPrivacyRequest(RelevoAction):
    """Files the request, so that it is not lost if the customer writes nothing more."""

    action_name = "action_start_privacy_request"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        wanted = self._case(tracker)
        said = acknowledge(dispatcher, tracker, self.services)
        case = await self._known(wanted)
        if case is None:
            case, _ = await self.services.queue.open(
                wanted, cause_of(tracker, CustomerMessage.latest(tracker))
            )
        dispatcher.utter_message(response="utter_privacy_filed", folio=case.folio)
        contact = find_told(tracker, parse_contact)
        values: Slots = {
            "privacy_folio": case.folio,
            "privacy_right": case.rights or None,
            "privacy_name": None,
            "privacy_contact": contact.value if contact else None,
            "form_problem": None,
            "form_failures": 0,
        }
        return [
            *said,
            *(SlotSet(name, value) for name, value in values.items()),
            remember_case(tracker, case),
        ]

    async def _known(self, wanted: Case) -> Case | None:
        """The conversation's open request for the same, which is only to be completed."""
        for case in await self.services.queue.of_conversation(wanted.conversation):
            if case.kind == "privacy" and case.is_open and wanted.rights in ("", case.rights):
                return case
        return None

    def _case(self, tracker: Tracker) -> Case:
        protocol, now = self.services.protocol, self.services.now()
        trigger = trigger_in(tracker, self.services)
        message = CustomerMessage.latest(tracker)
        priority = trigger.priority if trigger else "normal"
        answer_by = end_of_day(_dates_of(self, now).answer, protocol.company.hours.zone)
        return Case(
            folio="",
            kind="privacy",
            conversation=tracker.sender_id,
            channel=channel_of(tracker),
            language=language_of(tracker, self.services),
            area=protocol.area_for(trigger, TOPIC) if trigger else protocol.area_of(TOPIC),
            priority=priority,
            rank=protocol.rank_of(priority),
            opened_at=now,
            target_at=answer_by,
            resolution_by=answer_by,
            topic=TOPIC,
            tone=message.tone,
            trigger=trigger.id if trigger else "",
            explanation=tracker.get_slot("contingency_explanation") or "",
            description=message.text[:MAX_DESCRIPTION_CHARACTERS],
            rights=" ".join(find_rights(message.text, protocol.privacy.rights)),
        )


class AskPrivacyRight(AskSlot):
    slot = "privacy_right"


class AskPrivacyName(AskSlot):
    slot = "privacy_name"


class AskPrivacyContact(AskSlot):
    slot = "privacy_contact"


class ValidatePrivacyRequest(FormValidation):
    """Checks a request's parts."""

    action_name = "validate_privacy_form"

    def validate_privacy_right(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Slots:
        known = self.services.protocol.privacy.rights
        names = find_rights(str(value), known) or tuple(
            name for name in str(value).split() if name in known.by_name()
        )
        if not names:
            return self.decline("privacy_right", "privacy_right_not_understood", dispatcher, tracker)
        return self.accept("privacy_right", " ".join(names))

    def validate_privacy_name(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Slots:
        text = str(value)[:MAX_NAME_CHARACTERS]
        if find_rights(text, self.services.protocol.privacy.rights):
            # What they want, told again: no failure, and no name.
            return self.ask_again("privacy_name", None)
        name = _FULL_NAME.fullmatch(_NOT_IN_NAMES.sub(" ", text).strip())
        wants_to_stop = CustomerMessage.latest(tracker).is_surely("stop")
        if name is None or wants_to_stop or self.is_digression(tracker):
            return self.decline("privacy_name", "privacy_name_not_understood", dispatcher, tracker)
        contact = parse_contact(str(value))
        found = {"privacy_contact": contact.value} if contact else {}
        return self.accept("privacy_name", " ".join(name[0].split()), **found)

    def validate_privacy_contact(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Slots:
        contact = parse_contact(str(value))
        if contact is None:
            return self.decline("privacy_contact", "contact_not_understood", dispatcher, tracker)
        return self.accept("privacy_contact", contact.value)


class CompletePrivacyRequest(RelevoAction):
    """Adds to the case what was asked for, and tells by when it is answered; or withdraws it."""

    action_name = "action_complete_privacy_request"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        folio = str(tracker.get_slot("privacy_folio"))
        right, name, contact = (tracker.get_slot(slot) for slot in FORM_SLOTS)
        message, queue, now = CustomerMessage.latest(tracker), self.services.queue, self.services.now()
        change_id = cause_of(tracker, message)
        if None in (right, name, contact):
            case = await queue.cancel(folio, now, change_id)
            if case.state == "closed":
                dispatcher.utter_message(response="utter_privacy_withdrawn", folio=folio)
            else:  # Somebody has it already, and it goes on.
                dispatcher.utter_message(response="utter_stopped")
            return _forget()
        details = {"rights": right, "customer_name": name}
        case = await queue.supplement(folio, now, change_id, contact=contact, **details)
        self._confirm(dispatcher, case, tracker)
        return _forget()

    def _confirm(self, dispatcher: CollectingDispatcher, case: Case, tracker: Tracker) -> None:
        language, privacy = language_of(tracker, self.services), self.services.protocol.privacy
        dates = _dates_of(self, case.opened_at)
        dispatcher.utter_message(
            response="utter_privacy_registered",
            folio=case.folio,
            right=title_of(case.rights, privacy.rights, language),
            law=privacy.law.in_language(language),
            contact=Contact.of(case.contact).mask(),
            answered_by=say_date(dates.answer, language),
            carried_out_by=say_date(dates.carry_out, language),
            answer_days=str(privacy.terms.answer),
            carry_out_days=str(privacy.terms.carry_out),
        )


def _dates_of(action: RelevoAction, received: float) -> LegalDates:
    protocol = action.services.protocol
    return legal_dates(protocol.company.hours.local(received).date(), protocol.privacy.terms)


def _forget() -> list[Event]:
    return [SlotSet(name, None) for name in (*FORM_SLOTS, "privacy_folio", "form_problem")]
