"""How our forms ask, check and give up.

A form asks for one thing at a time. What the customer writes is an answer to it or to a later question, a
wish for a moment to look something up, a digression that is answered before the form asks again, or a wish to
stop. Two failures in a row end the form, and the contingency plan hands the customer to a person.
"""

from __future__ import annotations

from typing import Any, ClassVar

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.action import CustomerMessage, Domain, Event, RelevoAction, WithServices
from actions.early import told_early
from actions.situation import situation_of
from relevo.dialogue.answers import is_missing, is_question, is_searching
from relevo.dialogue.contingency import patience

Slots = dict[str, Any]
DEFAULT_PATIENCE = 2
BARE_ANSWER = "bare_answer"
OUT_OF_SCOPE = "out_of_scope"
LIKELY_TOPIC = 0.3
"""From here on the topic of what is clearly a question counts as what it asks."""


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
        """The text is no answer to this question; only what isn't understood at all is a failure."""
        message = CustomerMessage.latest(tracker)
        if message.is_surely("stop"):
            return self._end(slot)
        early = told_early(tracker, slot, message.text)
        if early:
            return self.ask_again(slot, None, **self.settle_early(early, tracker))
        if self._needs_a_moment(message, tracker):
            return self.ask_again(slot, "take_your_time")
        # What was read as an answer fits another question of the form, which has been answered already.
        if message.topic == BARE_ANSWER and not is_missing(message.text):
            return self.ask_again(slot, None)
        if self._is_answerable(message):
            dispatcher.utter_message(response=f"utter_{message.topic}")
            return {slot: None, "form_problem": None}
        failures = int(tracker.get_slot("form_failures") or 0) + 1
        if failures >= self._patience(tracker):
            return {**self._end(slot), "form_failures": failures}
        return {slot: None, "form_failures": failures, "form_problem": problem}

    def settle_early(self, early: Slots, tracker: Tracker) -> Slots:
        """What follows from answers to other questions than the one that is asked; nothing more as a rule."""
        return early

    def is_digression(self, tracker: Tracker) -> bool:
        """Whether the customer asks something that the bot can answer, where any text would be an answer."""
        message = CustomerMessage.latest(tracker)
        return message.text.rstrip().endswith("?") and self._is_answerable(message)

    def _needs_a_moment(self, message: CustomerMessage, tracker: Tracker) -> bool:
        """Whether the customer is looking for the answer, or says "ok" to our words about that."""
        topic = self.services.protocol.topics.get(message.topic)
        was_given_one = tracker.get_slot("form_problem") == "take_your_time"
        is_polite = was_given_one and topic is not None and topic.is_small_talk
        return is_searching(message.text) or (is_polite and message.topic != OUT_OF_SCOPE)

    def _is_answerable(self, message: CustomerMessage) -> bool:
        topic = self.services.protocol.topics.get(message.topic)
        is_answered = bool(topic and topic.answers and not topic.is_small_talk)
        is_likely = message.confidence >= LIKELY_TOPIC and is_question(message.text)
        return is_answered and (message.is_surely(message.topic) or is_likely)

    def _patience(self, tracker: Tracker) -> int:
        """How many failures in a row the contingency plan allows here before a person takes over."""
        plan = self.services.protocol.contingency
        return patience(plan.triggers, situation_of(tracker, self.services)) or DEFAULT_PATIENCE

    @staticmethod
    def _end(slot: str) -> Slots:
        return {slot: None, "requested_slot": None, "form_problem": None}
