"""The customer's word on a resolution: a yes or thanks close the complaint, a no opens it again as a claim.

Who resolves a complaint at the desk puts its folio into a slot, with the question whether it is solved. Only
the very next message is the answer to it; a yes or no that comes later is about something else.
"""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.action import CustomerMessage, Domain, Event, RelevoAction, cause_of, language_of
from actions.story import DECLINE
from relevo.cases.case import Case
from relevo.cases.messages import RESOLVED_CASE
from relevo.cases.queue import CaseError
from relevo.dialogue.heard import CALM
from relevo.protocol.required import CLOSING

THANK = "thank"


class SettleResolution(RelevoAction):
    """Takes a yes, a no or thanks while a resolution is asked about."""

    action_name = "action_settle_resolution"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        message = CustomerMessage.latest(tracker)
        case = await self._settled(tracker, message) if _is_answer(tracker, message) else None
        if case is None:
            dispatcher.utter_message(response=f"utter_{message.topic}")
            if message.topic == THANK:
                dispatcher.utter_message(response=f"utter_{CLOSING}")
        elif case.state == "waiting":
            words = self.services.queue.rules.words_of_claim(case)
            language = language_of(tracker, self.services)
            dispatcher.utter_message(
                text=self.services.protocol.say(words, language, channel=case.channel, folio=case.folio)
            )
        else:
            dispatcher.utter_message(response="utter_resolution_accepted", folio=case.folio)
        return [SlotSet(RESOLVED_CASE, None)]

    async def _settled(self, tracker: Tracker, message: CustomerMessage) -> Case | None:
        """The case after the customer's word; None if nobody waits for it any more."""
        queue, now = self.services.queue, self.services.now()
        folio, change_id = str(tracker.get_slot(RESOLVED_CASE)), cause_of(tracker, message)
        try:
            if message.topic == DECLINE:
                case = await queue.reject_resolution(folio, now, change_id, tell=False)
                return case if case.state == "waiting" else None
            return await queue.accept_resolution(folio, now, change_id)
        except CaseError:
            return None


def _is_answer(tracker: Tracker, message: CustomerMessage) -> bool:
    """Whether the latest message is the first one since the question; thanks count if they are meant so."""
    if message.topic == THANK and not (message.tone == CALM and message.is_surely(THANK)):
        return False
    messages = 0
    for event in reversed(tracker.events):
        if event["event"] == "slot" and event["name"] == RESOLVED_CASE:
            return bool(event["value"]) and messages == 1
        messages += event["event"] == "user"
    return False
