"""How our forms ask, check and give up.

A form asks for one thing at a time. What the customer writes is an answer, or a digression that is answered
before the form asks again, or a wish to stop. Two failures in a row end the form, and the contingency plan
hands the customer to a person.
"""

from __future__ import annotations

from typing import Any, ClassVar

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.action import CustomerMessage, Domain, Event, RelevoAction, WithServices
from actions.situation import situation_of
from relevo.dialogue.contingency import patience

Slots = dict[str, Any]
DEFAULT_PATIENCE = 2


class AskSlot(RelevoAction):
    """Asks for a slot: the problem with the last answer if there was one, else the plain question."""

    slot: ClassVar[str] = ""

    def name(self) -> str:
        return f"action_ask_{self.slot}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        problem = self.problem(tracker)
        dispatcher.utter_message(response=f"utter_{problem or 'ask_' + self.slot}", **self.values(tracker))
        return []

    def problem(self, tracker: Tracker) -> str | None:
        """The words on what was wrong with the last answer; None if nothing was."""
        problem: str | None = tracker.get_slot("form_problem")
        return problem

    def values(self, tracker: Tracker) -> dict[str, Any]:
        """What the texts' placeholders are filled with."""
        return {}


class FormValidation(WithServices, FormValidationAction):
    """Checks a form's slots; each `validate_<slot>` calls one of the outcomes below."""

    def accept(self, slot: str, value: Any, **others: Any) -> Slots:
        """The answer is good."""
        return {slot: value, "form_failures": 0, "form_problem": None, **others}

    def ask_again(self, slot: str, problem: str | None, **others: Any) -> Slots:
        """The answer was understood, but something about it must be settled first."""
        return {slot: None, "form_failures": 0, "form_problem": problem, **others}

    def decline(self, slot: str, problem: str, dispatcher: CollectingDispatcher, tracker: Tracker) -> Slots:
        """The text is no answer: a wish to stop, a digression, or something that isn't understood."""
        message = CustomerMessage.latest(tracker)
        if message.is_surely("stop"):
            return self._end(slot)
        if self._is_answerable(message):
            dispatcher.utter_message(response=f"utter_{message.topic}")
            return {slot: None, "form_problem": None}
        failures = int(tracker.get_slot("form_failures") or 0) + 1
        if failures >= self._patience(tracker):
            return {**self._end(slot), "form_failures": failures}
        return {slot: None, "form_failures": failures, "form_problem": problem}

    def is_digression(self, tracker: Tracker) -> bool:
        """Whether the customer asks something that the bot can answer, where any text would be an answer."""
        message = CustomerMessage.latest(tracker)
        return message.text.rstrip().endswith("?") and self._is_answerable(message)

    def _is_answerable(self, message: CustomerMessage) -> bool:
        topic = self.services.protocol.topics.get(message.topic)
        is_question = bool(topic and topic.answers and not topic.is_small_talk)
        return is_question and message.is_surely(message.topic)

    def _patience(self, tracker: Tracker) -> int:
        """How many failures in a row the contingency plan allows here before a person takes over."""
        plan = self.services.protocol.contingency
        return patience(plan.triggers, situation_of(tracker, self.services)) or DEFAULT_PATIENCE

    @staticmethod
    def _end(slot: str) -> Slots:
        return {slot: None, "requested_slot": None, "form_problem": None}
