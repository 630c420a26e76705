"""Hand a conversation to a person: open a case, and tell the customer what comes and where they stand.

The bot falls silent when a person takes the case; until then it is `waiting` that speaks.
"""

from __future__ import annotations

from dataclasses import replace

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.action import (
    CustomerMessage,
    Domain,
    Event,
    RelevoAction,
    cause_of,
    channel_of,
    known_contact,
    language_of,
    latest_topic,
    remember_case,
)
from actions.answers import has_plain_answer, say_answer
from actions.outcomes import FOLLOW_UP, forget_trigger
from actions.place import tell_place
from actions.story import OFFERED_TOPIC, also_asked, latest_entity, told
from actions.waiting import left_to_person, waiting_in
from relevo.cases.case import Case
from relevo.protocol.parts.contingency import Trigger

DEFAULT_TRIGGER = "asks_for_person"
MAX_DESCRIPTION_CHARACTERS = 1_000


class HandOff(RelevoAction):
    """Runs when a trigger of the contingency plan fires."""

    action_name = "action_hand_off"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        trigger = self._trigger(tracker)
        message = CustomerMessage.latest(tracker)
        case = await self._open(tracker, message, trigger)
        self._say(dispatcher, tracker, message, trigger)
        if case.merged and waiting_in(tracker).get("folio") != case.folio:
            dispatcher.utter_message(response="utter_hand_off_goes_on")
        is_offered = await tell_place(dispatcher, tracker, self.services, case)
        # A customer whom nobody can attend now is offered to be contacted: a yes books it.
        offered = [SlotSet(OFFERED_TOPIC, FOLLOW_UP)] if is_offered else []
        events = [*_leave_form(), *forget_trigger(), *self._remember(tracker, case, trigger), *offered]
        # While nobody has the case, the bot stays awake for what the customer adds or asks.
        return events + (left_to_person() if case.is_in_hand else [])

    async def _open(self, tracker: Tracker, message: CustomerMessage, trigger: Trigger) -> Case:
        """The hand-off, which takes the turn of one that the customer had on another channel.

        It is always a case of this conversation: an answer must reach the customer where they wrote last. The
        person who has the other one is suggested for it, and nobody waits twice.
        """
        queue, cause = self.services.queue, cause_of(tracker, message)
        contact = await known_contact(tracker, self.services)
        elsewhere = await queue.hand_offs_elsewhere(tracker.sender_id)
        wanted = replace(
            self._case(tracker, message, trigger),
            contact=contact.value if contact else "",
            for_person=next((case.claimed_person or case.for_person for case in elsewhere), ""),
        )
        case, _ = await queue.open(wanted, cause)
        return await queue.carry_on(elsewhere, case, self.services.now(), f"{cause}:carry_on")

    def _say(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, message: CustomerMessage, trigger: Trigger
    ) -> None:
        """The acknowledgement, the answer to the customer's question if the plan wants one, the hand-off."""
        if trigger.acknowledgement:
            dispatcher.utter_message(response=f"utter_{trigger.acknowledgement}")
        if trigger.answer == "first" and has_plain_answer(message, self.services.protocol):
            say_answer(dispatcher, tracker, self.services)
        dispatcher.utter_message(response=f"utter_{trigger.words}")

    def _remember(self, tracker: Tracker, case: Case, trigger: Trigger) -> list[Event]:
        """What waits from now on, and that the customer has had this case."""
        waited = waiting_in(tracker) if waiting_in(tracker).get("folio") == case.folio else {}
        reason = self._graver(trigger.id, waited.get("trigger"))
        waits = {"folio": case.folio, "trigger": reason, "is_noted": bool(waited.get("is_noted"))}
        return [SlotSet("waiting", waits), remember_case(tracker, case)]

    def _graver(self, new: str, present: str | None) -> str:
        """The trigger that stands further up in the plan."""
        order = [trigger.id for trigger in self.services.protocol.contingency.triggers]
        return present if present in order and order.index(present) < order.index(new) else new

    def _trigger(self, tracker: Tracker) -> Trigger:
        """The trigger that fired; a call for a person if it is unknown here, as from an older model."""
        plan = self.services.protocol.contingency
        known = {trigger.id: trigger for trigger in plan.triggers}
        return known.get(tracker.get_slot("contingency_trigger")) or known[DEFAULT_TRIGGER]

    def _case(self, tracker: Tracker, message: CustomerMessage, trigger: Trigger) -> Case:
        protocol, now = self.services.protocol, self.services.now()
        topic = self._topic(tracker, message)
        channel, area = channel_of(tracker), protocol.area_for(trigger, topic)
        return Case(
            folio="",
            kind="hand_off",
            conversation=tracker.sender_id,
            channel=channel,
            language=language_of(tracker, self.services),
            area=area,
            priority=trigger.priority,
            rank=protocol.rank_of(trigger.priority),
            opened_at=now,
            target_at=protocol.first_response_by(trigger.priority, channel, area, now),
            resolution_by=protocol.resolution_by(trigger.priority, area, now),
            topic=topic,
            tone=message.tone,
            trigger=trigger.id,
            explanation=tracker.get_slot("contingency_explanation") or "",
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


def _leave_form() -> list[Event]:
    return [
        ActiveLoop(None),
        SlotSet("requested_slot", None),
        SlotSet("form_failures", 0),
        SlotSet("form_problem", None),
    ]
