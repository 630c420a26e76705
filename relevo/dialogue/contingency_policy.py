"""Rasa policy: the contingency plan above all other rules, also in the middle of a form.

The plan is part of the policy's configuration: `ProtocolImporter` compiles it in from the protocol, so a
trained model carries the plan it was made with. What it decides is in `contingency` and `waiting`; all it
knows is the tracker and the time.
"""

from __future__ import annotations

import time
from typing import Any

from rasa.core.featurizers.tracker_featurizers import TrackerFeaturizer
from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from relevo.dialogue.contingency import MISUNDERSTOOD, Decision, Situation, decide, decide_after_form
from relevo.dialogue.earlier import earlier_cases
from relevo.dialogue.heard import HAND_OFF
from relevo.dialogue.history import heard_since_hand_off
from relevo.dialogue.notices import NoticePeriod
from relevo.dialogue.offer_policy import ANSWER_AND_STAY
from relevo.dialogue.waiting import Step, Waiting, WaitingPlan, next_step
from relevo.protocol.opening_hours import OpeningHours
from relevo.protocol.parts.contingency import Trigger

OFFER_FOLLOW_UP = "action_offer_follow_up"
WAITING_STEPS: dict[Step, str] = {
    "cancel": "action_cancel_hand_off",
    "tell_place": "action_tell_place",
    "answer": "action_answer_while_waiting",
    "note": "action_note_while_waiting",
}
OURS = frozenset({HAND_OFF, OFFER_FOLLOW_UP, *WAITING_STEPS.values()})
"""Actions that say all there is to say: the bot listens after them. What was asked besides an answer that was
given with kind words is `OfferPolicy`'s to go on with."""
ABOUT_WAITING = frozenset({HAND_OFF, WAITING_STEPS["tell_place"], WAITING_STEPS["note"]})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class ContingencyPolicy(Policy):
    """Predicts what the plan says when a trigger fires or a hand-off waits, and else nothing."""

    @staticmethod
    def now() -> float:
        """UTC epoch seconds; whoever plays conversations in another time sets another clock here."""
        return time.time()

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`priority` stands above RulePolicy's. All else is compiled in from the protocol by the importer:

        `triggers` of the plan; the topics that are `small_talk`, those that are plainly `answered` and those
        that are taken up `stepwise` by an action; `while_waiting` and `mxn_per_usd` of the plan; the dates of
        `notices`; the company's opening `hours`; and the digest of the `protocol`.
        """
        return {
            "priority": 10,
            "triggers": [],
            "small_talk": [],
            "answered": [],
            "stepwise": [],
            "while_waiting": "note",
            "mxn_per_usd": None,
            "notices": {},
            "hours": None,
            "protocol": "",
        }

    @staticmethod
    def supported_data() -> SupportedData:
        return SupportedData.RULE_DATA

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        featurizer: TrackerFeaturizer | None = None,
    ) -> None:
        super().__init__(config, model_storage, resource, execution_context, featurizer)
        self._triggers = [Trigger(**trigger) for trigger in config["triggers"]]
        self._small_talk = frozenset(config["small_talk"])
        self._answered = frozenset(config["answered"])
        self._stepwise = frozenset(config["stepwise"])
        self._answers_while_waiting = config["while_waiting"] == "answer"
        self._hours = OpeningHours(**config["hours"]) if config["hours"] else None
        self._notices = {name: NoticePeriod.of(notice) for name, notice in config["notices"].items()}

    def train(
        self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any
    ) -> Resource:
        """Nothing is learned: the plan is the configuration."""
        with self._model_storage.write_to(self._resource):
            return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ContingencyPolicy:
        return cls(config, model_storage, resource, execution_context)

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """What the plan says with full confidence, listening after it, or no opinion."""
        if tracker.latest_action_name in OURS:
            return self._certain(ACTION_LISTEN_NAME, domain)
        if tracker.latest_action_name == ACTION_LISTEN_NAME:
            return self._after_message(tracker, domain)
        if tracker.active_loop_name is None and (failures := _form_failures(tracker)):
            decision = decide_after_form(self._triggers, self._situation(tracker, failures))
            if decision and decision.trigger.outcome == "hand_off":
                return self._certain(HAND_OFF, domain, optional_events=_told(decision))
        return self._prediction(self._default_predictions(domain))

    def _after_message(self, tracker: DialogueStateTracker, domain: Domain) -> PolicyPrediction:
        situation, waiting = self._situation(tracker), Waiting.of(tracker.get_slot("waiting"))
        graver = self._triggers
        if waiting and situation.heard:
            step = self._step(tracker, waiting, situation)
            if situation.is_open is not False:
                graver = self._graver_than(waiting)
            decision = decide(graver, situation)
            if decision is None and step != "leave":
                return self._certain(WAITING_STEPS[step], domain)
        else:
            decision = decide(graver, situation)
        return self._carry_out(decision, situation, domain)

    def _carry_out(self, decision: Decision | None, situation: Situation, domain: Domain) -> PolicyPrediction:
        """A hand-off at once; what lets the bot go on waits for the end of a form."""
        outcome = decision.trigger.outcome if decision else None
        if decision and outcome == "hand_off":
            return self._certain(HAND_OFF, domain, optional_events=_told(decision))
        latest = situation.heard[-1] if situation.heard else None
        if decision is None or latest is None or latest.in_form:
            return self._prediction(self._default_predictions(domain))
        if outcome == "offer_follow_up":
            return self._certain(OFFER_FOLLOW_UP, domain, optional_events=_told(decision))
        if outcome == "answer_and_stay" and latest.topic in self._answered | {MISUNDERSTOOD}:
            return self._certain(ANSWER_AND_STAY, domain, optional_events=_told(decision))
        # What an action takes up step by step stays with it; its first words are the trigger's.
        is_taken_up = outcome == "answer_and_stay" and latest.topic in self._stepwise
        events = _told(decision) if is_taken_up else None
        return self._prediction(self._default_predictions(domain), events=events)

    def _step(self, tracker: DialogueStateTracker, waiting: Waiting, situation: Situation) -> Step:
        opened_by = next((t for t in self._triggers if t.id == waiting.trigger), None)
        plan = WaitingPlan(
            answers=self._answered if self._answers_while_waiting else frozenset(),
            may_be_cancelled=opened_by is None or opened_by.may_be_cancelled,
            is_closed=situation.is_open is False,
        )
        was_about_waiting = _action_before(tracker) in ABOUT_WAITING
        return next_step(situation.heard[-1], waiting, plan, was_about_waiting=was_about_waiting)

    def _graver_than(self, waiting: Waiting) -> list[Trigger]:
        """The hand-offs that stand above the reason of the present one; all if the plan doesn't know it."""
        ids = [trigger.id for trigger in self._triggers]
        end = ids.index(waiting.trigger) if waiting.trigger in ids else len(ids)
        return [trigger for trigger in self._triggers[:end] if trigger.outcome == "hand_off"]

    def _situation(self, tracker: DialogueStateTracker, failures: int = 0) -> Situation:
        now, channel = self.now(), str(tracker.get_latest_input_channel() or "")
        day = self._hours.local(now).date() if self._hours else None
        in_force = (name for name, notice in self._notices.items() if day and notice.covers(day, channel))
        return Situation(
            heard=heard_since_hand_off(tracker),
            channel=channel,
            is_open=self._hours.is_open(now) if self._hours else None,
            small_talk=self._small_talk,
            notices=frozenset(in_force),
            earlier_cases=earlier_cases(tracker.get_slot("earlier_cases"), _latest_metadata(tracker)),
            mxn_per_usd=self.config["mxn_per_usd"],
            now=now,
            failures=failures,
        )

    def _certain(self, action: str, domain: Domain, **details: Any) -> PolicyPrediction:
        # A form's own prediction ignores the customer's words and outranks all that read them; so must this.
        probabilities = self._default_predictions(domain)
        probabilities[domain.index_for_action(action)] = 1.0
        return self._prediction(probabilities, is_no_user_prediction=True, **details)


def _told(decision: Decision) -> list[Event]:
    """How the action learns what fired, and why."""
    return [
        SlotSet("contingency_trigger", decision.trigger.id),
        SlotSet("contingency_explanation", decision.explanation.to_json()),
    ]


def _action_before(tracker: DialogueStateTracker) -> str | None:
    """The action with which the bot ended its last turn."""
    for event in reversed(tracker.events):
        if isinstance(event, ActionExecuted) and event.action_name != ACTION_LISTEN_NAME:
            return str(event.action_name)
    return None


def _form_failures(tracker: DialogueStateTracker) -> int:
    return int(tracker.get_slot("form_failures") or 0)


def _latest_metadata(tracker: DialogueStateTracker) -> dict[str, Any] | None:
    """What is known of the customer's latest message besides its words."""
    return tracker.latest_message.metadata if tracker.latest_message else None
