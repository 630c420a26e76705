"""Notices: temporary rules that are told when asked, and before the service that they bind."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.action import CustomerMessage, Domain, Event, RelevoAction
from actions.answers import notices_in_force, say_answer
from relevo.protocol.required import NOTICE_PREFIX


class ExplainNotice(RelevoAction):
    """Tells a notice that the customer asks after, as long as it is in force."""

    action_name = "action_explain_notice"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        name = CustomerMessage.latest(tracker).topic.removeprefix(NOTICE_PREFIX)
        is_told = name in notices_in_force(tracker, self.services)
        dispatcher.utter_message(response=f"utter_{NOTICE_PREFIX}{name}" if is_told else "utter_notice_over")
        return []


class AnswerUnderNotice(RelevoAction):
    """Answers a topic that notices bind: while one is in force, the rule comes before the service."""

    action_name = "action_answer_under_notice"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        say_answer(dispatcher, tracker, self.services)
        return []
