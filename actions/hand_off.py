"""Hand a conversation to a person: open a case, tell the customer where they stand, and fall silent."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActionExecuted, ActiveLoop, ConversationPaused, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.action import (
    CustomerMessage,
    Domain,
    Event,
    RelevoAction,
    cause_of,
    channel_of,
    language_of,
    latest_topic,
)
from actions.moments import say_opening
from actions.offers import FOLLOW_UP
from actions.story import OFFERED_TOPIC, also_asked, latest_entity, told
from relevo.cases.case import Case
from relevo.protocol.parts.contingency import Trigger

DEFAULT_TRIGGER = "asks_for_person"
SECONDS_PER_MINUTE = 60
MAX_DESCRIPTION_CHARACTERS = 1_000


class HandOff(RelevoAction):
    """Runs when a trigger of the contingency plan fires."""

    action_name = "action_hand_off"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        trigger = self._trigger(tracker)
        message = CustomerMessage.latest(tracker)
        case, _ = await self.services.queue.open(
            self._case(tracker, message, trigger), cause_of(tracker, message)
        )
        is_open = self.services.protocol.company.hours.is_open(self.services.now())
        dispatcher.utter_message(response=f"utter_{trigger.words}")
        await self._tell_place(dispatcher, tracker, case, is_open)
        if is_open:
            return [*_leave_form(), ActionExecuted("action_listen"), ConversationPaused()]
        return [*_leave_form(), SlotSet(OFFERED_TOPIC, FOLLOW_UP)]

    def _trigger(self, tracker: Tracker) -> Trigger:
        """The trigger that fired; a call for a person if it is unknown here, as from an older model."""
        plan = self.services.protocol.contingency
        known = {trigger.id: trigger for trigger in plan.triggers}
        return known.get(tracker.get_slot("contingency_trigger")) or known[DEFAULT_TRIGGER]

    def _case(self, tracker: Tracker, message: CustomerMessage, trigger: Trigger) -> Case:
        protocol, now = self.services.protocol, self.services.now()
        topic = self._topic(tracker, message)
        channel = channel_of(tracker)
        return Case(
            folio="",
            kind="hand_off",
            conversation=tracker.sender_id,
            channel=channel,
            language=language_of(tracker, self.services),
            area=protocol.area_for(trigger, topic),
            priority=trigger.priority,
            rank=protocol.rank_of(trigger.priority),
            opened_at=now,
            target_at=protocol.first_response_by(trigger.priority, channel, now),
            topic=topic,
            tone=message.tone,
            trigger=trigger.id,
            description=self._description(tracker),
            order_number=latest_entity(tracker, "order_number"),
        )

    def _description(self, tracker: Tracker) -> str:
        """What the customer wrote, and the second thing that they asked for if it is still open."""
        text = "\n".join(told(tracker))[:MAX_DESCRIPTION_CHARACTERS]
        protocol, language = self.services.protocol, language_of(tracker, self.services)
        second = protocol.topics.get(also_asked(tracker) or "")
        if second is None:
            return text
        title = second.title.in_language(language)
        return f"{text}\n{protocol.say('also_asked_note', language, topic=title)}"

    def _topic(self, tracker: Tracker, message: CustomerMessage) -> str:
        """What the customer came for: the last topic that was more than small talk or a call for a person."""
        return latest_topic(tracker, self.services.protocol) or message.topic

    async def _tell_place(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, case: Case, is_open: bool
    ) -> None:
        place = await self.services.queue.place(case)
        if place is None:  # A person has the case already and reads along.
            return
        values: dict[str, Any] = {"folio": case.folio, "place": place.position}
        if not is_open:
            language = language_of(tracker, self.services)
            values["opens"] = say_opening(self.services.now(), language, self.services.protocol)
            response = "utter_place_in_line_closed"
        elif place.wait_seconds is None:
            values["target_minutes"] = _minutes(case.target_at - case.opened_at)
            response = "utter_place_in_line_unknown_wait"
        else:
            values["minutes"] = _minutes(place.wait_seconds)
            response = "utter_place_in_line"
        dispatcher.utter_message(response=response, **values)
        if is_open:
            dispatcher.utter_message(
                json_message={
                    "type": "status",
                    "status": "waiting",
                    "folio": case.folio,
                    "place": place.position,
                }
            )


def _leave_form() -> list[Event]:
    return [
        ActiveLoop(None),
        SlotSet("requested_slot", None),
        SlotSet("contingency_trigger", None),
        SlotSet("form_failures", 0),
        SlotSet("form_problem", None),
    ]


def _minutes(seconds: float) -> int:
    return max(1, round(seconds / SECONDS_PER_MINUTE))
