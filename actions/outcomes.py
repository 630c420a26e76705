"""What the contingency plan asks for where the bot stays: kind words before the answer, or a follow-up."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.action import Domain, Event, RelevoAction
from actions.answers import buttons, say_answer
from actions.services import Services
from relevo.protocol.parts.contingency import STAYING, Trigger

FOLLOW_UP = "schedule_follow_up"


class AnswerAndStay(RelevoAction):
    """Says the trigger's words, then what the bot would have answered anyway, with the trigger's buttons."""

    action_name = "action_answer_and_stay"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        trigger = trigger_in(tracker, self.services)
        if trigger:
            dispatcher.utter_message(response=f"utter_{trigger.words}")
        say_answer(dispatcher, tracker, self.services, trigger.quick_replies if trigger else ())
        return forget_trigger()


class OfferFollowUp(RelevoAction):
    """Offers to contact the customer later."""

    action_name = "action_offer_follow_up"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        trigger = trigger_in(tracker, self.services)
        topics = dict.fromkeys([FOLLOW_UP, *(trigger.quick_replies if trigger else ())])
        offered = buttons(tracker, self.services, topics)
        if trigger:
            dispatcher.utter_message(response=f"utter_{trigger.words}", buttons=offered)
        else:  # The action server has a newer protocol than the model.
            dispatcher.utter_message(response="utter_ask_follow_up_time", buttons=offered)
        return forget_trigger()


def acknowledge(dispatcher: CollectingDispatcher, tracker: Tracker, services: Services) -> list[Event]:
    """Say a trigger's words before what an action takes up step by step; nothing if no trigger fired."""
    trigger = trigger_in(tracker, services)
    if trigger is None or trigger.outcome not in STAYING:
        return []
    dispatcher.utter_message(response=f"utter_{trigger.words}")
    return forget_trigger()


def trigger_in(tracker: Tracker, services: Services) -> Trigger | None:
    """The trigger that fired; None if none did, or if it is unknown here, as from an older model."""
    fired = tracker.get_slot("contingency_trigger")
    triggers = services.protocol.contingency.triggers
    return next((trigger for trigger in triggers if trigger.id == fired), None)


def forget_trigger() -> list[Event]:
    """What fired has been followed."""
    return [SlotSet("contingency_trigger", None), SlotSet("contingency_explanation", None)]
