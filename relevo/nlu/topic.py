"""Graph component: the topic of a message, or that it is none we know.

Rasa calls a topic an intent. A message whose best topic is unlikely by itself becomes `nlu_fallback`: it is
better to ask again than to answer something else.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from relevo.nlu.component import FittedComponent, typed_text
from relevo.nlu.estimators import topic_model
from relevo.nlu.text import words


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(FittedComponent):
    """A linear model over folded word and character n-grams."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`strength`: inverse of regularisation. `threshold`: a best topic less likely is not believed.
        `ranking_length`: topics that are kept in the parse."""
        return {"strength": 20.0, "threshold": 0.2, "ranking_length": 3}

    def train(self, training_data: TrainingData) -> Resource:
        examples = [example for example in training_data.training_examples if example.get(INTENT)]
        texts = [typed_text(example) for example in examples]
        return self.keep(topic_model(self.config["strength"]).fit(texts, [e.get(INTENT) for e in examples]))

    def process(self, messages: list[Message]) -> list[Message]:
        return self.for_each(messages, self._classify)

    def _classify(self, message: Message) -> None:
        ranking = self._rank(typed_text(message))
        topic = ranking[0]
        if topic["confidence"] < self.config["threshold"]:
            topic = {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": 1 - topic["confidence"]}
        message.set(INTENT, topic, add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)

    def _rank(self, text: str) -> list[dict[str, Any]]:
        if not words(text):
            return [{"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": 1.0}]
        # Each topic's own likelihood: normalised over topics, an unusual message would look like a sure one.
        classifier = self.model[-1]
        features = self.model[:-1].transform([text])
        likelihoods = np.array([e.predict_proba(features)[0, 1] for e in classifier.estimators_])
        best = np.argsort(-likelihoods)[: self.config["ranking_length"]]
        return [
            {"name": str(classifier.classes_[i]), "confidence": round(float(likelihoods[i]), 4)} for i in best
        ]
