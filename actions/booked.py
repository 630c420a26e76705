"""Whether there is a follow-up that could be moved; without one, none is begun that nobody asked for."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.action import Domain, Event, RelevoAction
from actions.offers import FOLLOW_UP
from actions.outcomes import acknowledge
from actions.story import OFFERED_TOPIC


class FindFollowUp(RelevoAction):
    """Says that nothing is booked, and that it could be; a yes, or a day and time alone, will book it."""

    action_name = "action_find_follow_up"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        if await self.services.agenda.booked_for(tracker.sender_id):
            return []
        said = acknowledge(dispatcher, tracker, self.services)
        dispatcher.utter_message(response="utter_no_follow_up")
        return [*said, SlotSet(OFFERED_TOPIC, FOLLOW_UP), FollowupAction("action_listen")]
