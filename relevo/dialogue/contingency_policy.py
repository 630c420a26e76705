"""Rasa policy: the contingency plan above all other rules, also in the middle of a form.

The plan is part of the policy's configuration: `ProtocolImporter` compiles it in from the protocol, so a
trained model carries the plan it was made with.
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
from rasa.shared.core.events import SlotSet
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from relevo.dialogue.contingency import Situation, decide, decide_after_form
from relevo.dialogue.history import HAND_OFF, heard_since_hand_off
from relevo.protocol.opening_hours import OpeningHours
from relevo.protocol.parts.contingency import Trigger


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class ContingencyPolicy(Policy):
    """Predicts the hand-off when a trigger of the plan fires, and else nothing."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`priority` stands above RulePolicy's. Compiled in from the protocol: `triggers` of the plan, and
        the topics that are `small_talk`, the company's opening `hours`, and the digest of the `protocol`."""
        return {"priority": 10, "triggers": [], "small_talk": [], "hours": None, "protocol": ""}

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
        self._hours = OpeningHours(**config["hours"]) if config["hours"] else None

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
        """The hand-off with full confidence, listening after it, or no opinion."""
        if tracker.latest_action_name == HAND_OFF:
            return self._certain(ACTION_LISTEN_NAME, domain)
        trigger = self._trigger(tracker)
        if trigger is None or trigger.outcome != "hand_off":
            return self._prediction(self._default_predictions(domain))
        reason = SlotSet("contingency_trigger", trigger.id)
        return self._certain(HAND_OFF, domain, optional_events=[reason])

    def _trigger(self, tracker: DialogueStateTracker) -> Trigger | None:
        if tracker.latest_action_name == ACTION_LISTEN_NAME:
            return decide(self._triggers, self._situation(tracker))
        if tracker.active_loop_name is None:
            return decide_after_form(self._triggers, int(tracker.get_slot("form_failures") or 0))
        return None

    def _situation(self, tracker: DialogueStateTracker) -> Situation:
        channel = str(tracker.get_latest_input_channel() or "")
        is_open = self._hours.is_open(time.time()) if self._hours else None
        return Situation(heard_since_hand_off(tracker), channel, is_open, self._small_talk)

    def _certain(self, action: str, domain: Domain, **details: Any) -> PolicyPrediction:
        # A form's own prediction ignores the customer's words and outranks all that read them; so must this.
        probabilities = self._default_predictions(domain)
        probabilities[domain.index_for_action(action)] = 1.0
        return self._prediction(probabilities, is_no_user_prediction=True, **details)
