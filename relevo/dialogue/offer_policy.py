"""Rasa policy: offers the second of two things that one message asked for, when the first is done.

The first is answered by its rule, or its form runs to its end; then, instead of only listening, the bot asks
whether to go on with the second. What ends a rule is learned from the rules.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from rasa.core.featurizers.tracker_featurizers import TrackerFeaturizer
from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from relevo.dialogue.context import second_request
from relevo.dialogue.history import OFFERED_TOPIC, heard_since_hand_off

OFFER = "action_offer_topic"
LAST_ACTIONS_FILE = "last_actions.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class OfferPolicy(Policy):
    """Predicts the offer at the end of a turn, and else nothing."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`priority` stands above RulePolicy's and below ContingencyPolicy's. `topics`: those that can be
        offered; compiled in from the protocol."""
        return {"priority": 8, "topics": []}

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
        self._topics = frozenset(config["topics"])
        self._last_actions: frozenset[str] = frozenset()

    def train(
        self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any
    ) -> Resource:
        """Learn which actions are the last ones of a turn."""
        self._last_actions = last_actions(training_trackers)
        with self._model_storage.write_to(self._resource) as folder:
            (folder / LAST_ACTIONS_FILE).write_text(json.dumps(sorted(self._last_actions)), encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> OfferPolicy:
        policy = cls(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            learned = json.loads((folder / LAST_ACTIONS_FILE).read_text(encoding="utf-8"))
        policy._last_actions = frozenset(learned)
        return policy

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """The offer with full confidence, listening after it, or no opinion."""
        if tracker.latest_action_name == OFFER:
            return self._certain(ACTION_LISTEN_NAME, domain)
        if tracker.active_loop_name is None and tracker.latest_action_name in self._last_actions:
            topic = second_request(heard_since_hand_off(tracker))
            if topic in self._topics:
                offer = SlotSet(OFFERED_TOPIC, topic)
                return self._certain(OFFER, domain, optional_events=[offer])
        return self._prediction(self._default_predictions(domain))

    def _certain(self, action: str, domain: Domain, **details: Any) -> PolicyPrediction:
        probabilities = self._default_predictions(domain)
        probabilities[domain.index_for_action(action)] = 1.0
        return self._prediction(probabilities, is_no_user_prediction=True, **details)


def last_actions(rules: Iterable[DialogueStateTracker]) -> frozenset[str]:
    """The actions after which rules listen, and never do anything else."""
    followers: dict[str, set[str]] = {}
    for rule in rules:
        names = [str(event.action_name) for event in rule.events if isinstance(event, ActionExecuted)]
        for name, follower in pairwise(names):
            followers.setdefault(name, set()).add(follower)
    return frozenset(name for name, after in followers.items() if after == {ACTION_LISTEN_NAME})
