"""While a hand-off waits for a person: the customer withdraws, asks where they stand, asks or adds something.

Which of these it is has been decided by `relevo.dialogue.waiting`. A person may take the case at any moment:
whoever finds that it is taken says nothing and leaves the conversation to them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActionExecuted, ConversationPaused, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.action import CustomerMessage, Domain, Event, RelevoAction, cause_of, language_of
from actions.answers import buttons, has_plain_answer, say_answer
from actions.place import show_place, tell_place
from actions.services import Services
from relevo.cases.case import Case
from relevo.cases.handling import CANCELLED
from relevo.cases.queue import UnknownCase
from relevo.protocol import Language
from relevo.protocol.required import NEVER_MIND

ASKS_FOR_PERSON = "contact_human_agent"


class WhileWaiting(RelevoAction, ABC):
    """What these actions share: they speak only as long as nobody has the case."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        case = await self._case(tracker)
        if case is None or self.has_ended(case):
            return self._go_on(dispatcher, tracker)
        if case.is_in_hand:
            return left_to_person()
        return await self.speak(dispatcher, tracker, case)

    @abstractmethod
    async def speak(self, dispatcher: CollectingDispatcher, tracker: Tracker, case: Case) -> list[Event]:
        """Say what there is to say."""

    def has_ended(self, case: Case) -> bool:
        """Whether the case has ended without the customer's doing now."""
        return case.state in ("resolved", "closed")

    async def _case(self, tracker: Tracker) -> Case | None:
        try:
            return await self.services.queue.get(str(waiting_in(tracker).get("folio", "")))
        except UnknownCase:
            return None

    def _go_on(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        """The case has ended, and the news of it is still on its way: nothing is waited for any more."""
        if has_plain_answer(CustomerMessage.latest(tracker), self.services.protocol):
            say_answer(dispatcher, tracker, self.services)
        else:
            dispatcher.utter_message(response="utter_case_closed", folio=waiting_in(tracker).get("folio", ""))
        return [SlotSet("waiting", None)]


class CancelHandOff(WhileWaiting):
    """The customer needs no person any more: the case is closed, and the bot has the conversation again."""

    action_name = "action_cancel_hand_off"

    def has_ended(self, case: Case) -> bool:
        # A turn that is repeated finds withdrawn what it has withdrawn itself, and says so again.
        return super().has_ended(case) and case.closing_reason != CANCELLED

    async def speak(self, dispatcher: CollectingDispatcher, tracker: Tracker, case: Case) -> list[Event]:
        cause = cause_of(tracker, CustomerMessage.latest(tracker))
        case = await self.services.queue.cancel(case.folio, self.services.now(), f"{cause}:cancel")
        if case.is_in_hand:  # Somebody was faster.
            return left_to_person()
        again = buttons(tracker, self.services, [ASKS_FOR_PERSON])
        dispatcher.utter_message(response="utter_hand_off_cancelled", folio=case.folio, buttons=again)
        dispatcher.utter_message(json_message={"type": "status", "status": "bot"})
        return [SlotSet("waiting", None)]


class TellPlace(WhileWaiting):
    """The customer asks for the person, or how their case stands."""

    action_name = "action_tell_place"

    async def speak(self, dispatcher: CollectingDispatcher, tracker: Tracker, case: Case) -> list[Event]:
        await tell_place(dispatcher, tracker, self.services, case)
        return []


class AnswerWhileWaiting(WhileWaiting):
    """A plain question is answered; the customer keeps their place."""

    action_name = "action_answer_while_waiting"

    async def speak(self, dispatcher: CollectingDispatcher, tracker: Tracker, case: Case) -> list[Event]:
        say_answer(dispatcher, tracker, self.services)
        await show_place(dispatcher, self.services, case)
        return []


class NoteWhileWaiting(WhileWaiting):
    """What the customer adds stands in the conversation that the person will read; they are told so once."""

    action_name = "action_note_while_waiting"

    async def speak(self, dispatcher: CollectingDispatcher, tracker: Tracker, case: Case) -> list[Event]:
        await show_place(dispatcher, self.services, case)
        if waiting_in(tracker).get("is_noted"):
            return []
        dispatcher.utter_message(response="utter_noted_while_waiting", folio=case.folio)
        if may_be_cancelled(tracker, self.services):
            offer_to_cancel(dispatcher, language_of(tracker, self.services), self.services)
        return [SlotSet("waiting", {**waiting_in(tracker), "is_noted": True})]


def may_be_cancelled(tracker: Tracker, services: Services) -> bool:
    """Whether the plan lets the customer call off the hand-off that waits."""
    opened_by = waiting_in(tracker).get("trigger")
    triggers = services.protocol.contingency.triggers
    return all(trigger.may_be_cancelled for trigger in triggers if trigger.id == opened_by)


def offer_to_cancel(dispatcher: CollectingDispatcher, language: Language, services: Services) -> None:
    """Tell the customer that the hand-off may be called off, with a button for it."""
    button = {"title": services.protocol.say("never_mind", language), "payload": f"/{NEVER_MIND}"}
    dispatcher.utter_message(response="utter_may_be_cancelled", buttons=[button])


def waiting_in(tracker: Tracker) -> dict[str, Any]:
    """The hand-off that waits, as the slot keeps it; empty if none does."""
    slot = tracker.get_slot("waiting")
    return slot if isinstance(slot, dict) else {}


def left_to_person() -> list[Event]:
    """The bot falls silent: a person has the conversation."""
    return [ActionExecuted("action_listen"), ConversationPaused()]
