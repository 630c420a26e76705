"""Rasa policy: goes on with the second of two things that one message asked for, when the first is done.

The first is answered by its rule, or its form runs to its end; then, instead of only listening, the bot asks
whether to go on with the second. A complaint or a contact is begun at once after a plain answer: the message
was its story. What ends a rule is learned from the rules.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise, takewhile
from typing import Any

from rasa.core.featurizers.tracker_featurizers import TrackerFeaturizer
from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from relevo.dialogue.context import second_request
from relevo.dialogue.heard import Heard
from relevo.dialogue.history import OFFERED_TOPIC, heard_since_hand_off

OFFER = "action_offer_topic"
ANSWER_AND_STAY = "action_answer_and_stay"
BEGINNINGS = {
    "complaint": ("action_start_complaint", "complaint_form"),
    "schedule_follow_up": ("action_start_follow_up", "follow_up_form"),
}
"""How the topics that are begun at once begin."""
FORMS = dict(BEGINNINGS.values())
LAST_ACTIONS_FILE = "last_actions.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class OfferPolicy(Policy):
    """Predicts the offer or the beginning at the end of a turn, and else nothing."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`priority` stands above RulePolicy's and below ContingencyPolicy's. Compiled in from the protocol:
        `topics` that can be offered, and those of them that have a `plain` answer."""
        return {"priority": 8, "topics": [], "plain": []}

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
        self._plain = frozenset(config["plain"])
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
        """What comes second with full confidence, listening after an offer, or no opinion."""
        latest = tracker.latest_action_name
        if latest == OFFER:
            return self._certain(ACTION_LISTEN_NAME, domain)
        if tracker.active_loop_name is None and latest in FORMS:
            return self._certain(FORMS[latest], domain)
        if tracker.active_loop_name is None and latest in (ANSWER_AND_STAY, *self._last_actions):
            heard = heard_since_hand_off(tracker)
            topic = second_request(heard)
            if topic in BEGINNINGS and self._is_told(heard):
                return self._begin(BEGINNINGS[topic][0], tracker, domain)
            if topic in self._topics:
                offer = SlotSet(OFFERED_TOPIC, topic)
                return self._certain(OFFER, domain, optional_events=[offer])
        if latest == ANSWER_AND_STAY:
            return self._certain(ACTION_LISTEN_NAME, domain)
        return self._prediction(self._default_predictions(domain))

    def _is_told(self, heard: Sequence[Heard]) -> bool:
        """Whether the first of the two things was a plain question, so that the message tells the second."""
        outside = [message for message in heard if not message.in_form]
        return outside[-1].topic in self._plain

    def _begin(self, action: str, tracker: DialogueStateTracker, domain: Domain) -> PolicyPrediction:
        """The beginning, unless it is made already: its form may have been left or have run to its end."""
        if heard_since_hand_off(tracker)[-1].in_form or action in _done_in_turn(tracker):
            return self._prediction(self._default_predictions(domain))
        return self._certain(action, domain)

    def _certain(self, action: str, domain: Domain, **details: Any) -> PolicyPrediction:
        probabilities = self._default_predictions(domain)
        probabilities[domain.index_for_action(action)] = 1.0
        return self._prediction(probabilities, is_no_user_prediction=True, **details)


def _done_in_turn(tracker: DialogueStateTracker) -> set[str]:
    """The actions since the customer's latest message."""
    recent = takewhile(lambda event: not isinstance(event, UserUttered), reversed(tracker.events))
    return {str(event.action_name) for event in recent if isinstance(event, ActionExecuted)}


def last_actions(rules: Iterable[DialogueStateTracker]) -> frozenset[str]:
    """The actions after which rules listen, and never do anything else."""
    followers: dict[str, set[str]] = {}
    for rule in rules:
        names = [str(event.action_name) for event in rule.events if isinstance(event, ActionExecuted)]
        for name, follower in pairwise(names):
            followers.setdefault(name, set()).add(follower)
    return frozenset(name for name, after in followers.items() if after == {ACTION_LISTEN_NAME})
