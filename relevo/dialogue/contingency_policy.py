"""Rasa policy: the contingency plan above all other rules, also in the middle of a form.

The plan is part of the policy's configuration: `ProtocolImporter` compiles it in from the protocol, so a
trained model carries the plan it was made with.
"""

from __future__ import annotations

from typing import Any

from rasa.core.featurizers.tracker_featurizers import TrackerFeaturizer
from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from relevo.dialogue.contingency import Heard, decide, decide_after_form
from relevo.protocol.schema import Contingency, Trigger

HAND_OFF = "action_hand_off"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class ContingencyPolicy(Policy):
    """Predicts the hand-off when a trigger of the plan fires, and else nothing."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`priority` stands above RulePolicy's; `plan` is the contingency plan, compiled in."""
        return {"priority": 10, "plan": {"targets": {}, "triggers": []}}

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
        self._plan = Contingency(**config["plan"])

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
        if trigger is None:
            return self._prediction(self._default_predictions(domain))
        reason = SlotSet("contingency_trigger", trigger.id)
        return self._certain(HAND_OFF, domain, optional_events=[reason])

    def _trigger(self, tracker: DialogueStateTracker) -> Trigger | None:
        if tracker.latest_action_name == ACTION_LISTEN_NAME:
            return decide(self._plan, heard_since_hand_off(tracker))
        if tracker.active_loop_name is None:
            return decide_after_form(self._plan, int(tracker.get_slot("form_failures") or 0))
        return None

    def _certain(self, action: str, domain: Domain, **details: Any) -> PolicyPrediction:
        # A form's own prediction ignores the customer's words and outranks all that read them; so must this.
        probabilities = self._default_predictions(domain)
        probabilities[domain.index_for_action(action)] = 1.0
        return self._prediction(probabilities, is_no_user_prediction=True, **details)


def heard_since_hand_off(tracker: DialogueStateTracker) -> list[Heard]:
    """The customer's messages after the last hand-off, with whether a form was open at each."""
    heard: list[Heard] = []
    in_form = False
    for event in tracker.events:
        if isinstance(event, ActiveLoop):
            in_form = event.name is not None
        elif isinstance(event, ActionExecuted) and event.action_name == HAND_OFF:
            heard.clear()
        elif isinstance(event, UserUttered):
            heard.append(
                Heard(
                    topic=event.intent.get("name") or "",
                    confidence=float(event.intent.get("confidence") or 0.0),
                    tone=(event.parse_data.get("tone") or {}).get("name") or "calm",
                    in_form=in_form,
                )
            )
    return heard
