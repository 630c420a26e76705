"""Notices: temporary rules that are told when asked, and before the service that they bind."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.action import CustomerMessage, Domain, Event, RelevoAction, channel_of
from relevo.protocol.parts.notices import Notice

PREFIX = "notice_"


class ExplainNotice(RelevoAction):
    """Tells a notice that the customer asks after, as long as it is in force."""

    action_name = "action_explain_notice"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        name = CustomerMessage.latest(tracker).topic.removeprefix(PREFIX)
        is_told = name in _in_force(self, tracker)
        dispatcher.utter_message(response=f"utter_{PREFIX}{name}" if is_told else "utter_notice_over")
        return []


class AnswerUnderNotice(RelevoAction):
    """Answers a topic that notices bind: while one is in force, the rule comes before the service."""

    action_name = "action_answer_under_notice"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        topic = CustomerMessage.latest(tracker).topic
        for name, notice in _in_force(self, tracker).items():
            if topic in notice.applies_to:
                dispatcher.utter_message(response=f"utter_{PREFIX}{name}_short")
        dispatcher.utter_message(response=f"utter_{topic}")
        return []


def _in_force(action: RelevoAction, tracker: Tracker) -> dict[str, Notice]:
    services = action.services
    today = services.protocol.company.hours.local(services.now()).date()
    return services.protocol.notices_in_force(today, channel_of(tracker))
