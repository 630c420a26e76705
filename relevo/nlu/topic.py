"""Graph component: the topic of a message, or that it is none we know.

Rasa calls a topic an intent. A message that is unlikely to be about any topic becomes `nlu_fallback`: it is
better to ask again than to answer something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from relevo.nlu.component import FittedComponent, typed_text
from relevo.nlu.estimators import TwoReaders, ngrams
from relevo.nlu.several import second_topic
from relevo.nlu.text import is_button

OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class TopicModel:
    """How likely each topic is, and from where on the likeliest is believed."""

    readers: TwoReaders
    least_lead: float
    """By how much a topic must be likelier than that the message is about none of ours."""

    @classmethod
    def learn(
        cls, texts: Sequence[str], topics: Sequence[str], readers: TwoReaders, lost: float
    ) -> TopicModel:
        """Learn the topics, and the least lead: what all but the share `lost` of the rightly understood
        messages have, of those that the readers had not seen."""
        unseen = readers.fit(texts, topics).held_out_
        understood = readers.classes_[unseen.likelihoods.argmax(axis=1)] == unseen.labels
        ours = understood & (unseen.labels != OUT_OF_SCOPE)
        return cls(readers, float(np.quantile(_leads(unseen.likelihoods, readers.classes_)[ours], lost)))

    def rank(self, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
        """For each text all topics with their likelihoods, the likeliest first."""
        classes = self.readers.classes_
        return [
            [(str(classes[i]), float(likelihoods[i])) for i in np.argsort(-likelihoods)]
            for likelihoods in self.readers.predict_proba(texts)
        ]

    def believes(self, ranking: Sequence[tuple[str, float]]) -> bool:
        """Whether the likeliest topic of a ranking is likely enough to act on."""
        topic, likelihood = ranking[0]
        unusual = dict(ranking).get(OUT_OF_SCOPE, 0.0)
        return topic == OUT_OF_SCOPE or likelihood - unusual >= self.least_lead


def _leads(likelihoods: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """For each row how much likelier the best topic of ours is than none of ours."""
    is_unusual = classes == OUT_OF_SCOPE
    leads: np.ndarray = likelihoods[:, ~is_unusual].max(axis=1) - likelihoods[:, is_unusual].sum(axis=1)
    return leads


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(FittedComponent):
    """The likeliest topic, the next ones, and whether any is likely enough."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`word_strength`, `meaning_strength`: inverse of the readers' regularisation. `lost`: the share of
        rightly understood messages that may be asked again, for the sake of not answering unusual ones.
        `ranking_length`: topics that are kept in the parse; `sure`: how likely the topics of two clauses must
        be for a message to ask for both. Compiled in from the protocol: topics that are `no_requests`."""
        return {
            "word_strength": 1.0,
            "meaning_strength": 20.0,
            "lost": 0.01,
            "ranking_length": 3,
            "sure": 0.95,
            "no_requests": [],
        }

    def train(self, training_data: TrainingData) -> Resource:
        examples = training_data.intent_examples
        texts, topics = [typed_text(e) for e in examples], [e.get(INTENT) for e in examples]
        readers = TwoReaders(ngrams(2, 4), self.config["word_strength"], self.config["meaning_strength"])
        return self.keep(TopicModel.learn(texts, topics, readers, self.config["lost"]))

    def process(self, messages: list[Message]) -> list[Message]:
        return self.for_all(messages, self.model.rank, self._classify)

    def _classify(self, message: Message, ranking: list[tuple[str, float]] | None) -> None:
        if ranking is None:
            self._set(message, DEFAULT_NLU_FALLBACK_INTENT_NAME, 1.0, [])
            return
        topic, likelihood = ranking[0]
        if not self.model.believes(ranking):
            is_foreign = (message.get("language") or {}).get("foreign", False)
            topic = OUT_OF_SCOPE if is_foreign else DEFAULT_NLU_FALLBACK_INTENT_NAME
            likelihood = 1 - likelihood
        self._set(message, topic, likelihood, ranking[: self.config["ranking_length"]])
        if topic != DEFAULT_NLU_FALLBACK_INTENT_NAME and not is_button(str(message.get(TEXT) or "")):
            self._look_for_another(message)

    def _look_for_another(self, message: Message) -> None:
        text = typed_text(message)
        no_requests = frozenset(self.config["no_requests"])
        also_asked = second_topic(text, self.model.rank, self.config["sure"], no_requests)
        if also_asked:
            message.set("also_asked", also_asked, add_to_output=True)

    @staticmethod
    def _set(message: Message, topic: str, confidence: float, ranking: list[tuple[str, float]]) -> None:
        listed = [{"name": name, "confidence": round(likelihood, 4)} for name, likelihood in ranking]
        message.set(INTENT, {"name": topic, "confidence": round(confidence, 4)}, add_to_output=True)
        message.set(INTENT_RANKING_KEY, listed, add_to_output=True)
