"""Graph component: the tone of a message, apart from its topic.

calm, frustrated, angry, abusive or threat; learned from the lists in `data/tone/`. A tone that calls a
person must be clear: a calm customer who is handed over for a misread word loses time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from relevo.errors import RelevoError
from relevo.nlu.component import FittedComponent, typed_text
from relevo.nlu.estimators import tone_model
from relevo.nlu.language import utterances
from relevo.nlu.lemmas import lemmas
from relevo.nlu.text import words
from relevo.protocol.schema import LANGUAGES, Language
from relevo.settings import PROJECT_ROOT

CALM = "calm"
GRAVE_TONES = ("angry", "abusive", "threat")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ToneClassifier(FittedComponent):
    """A linear model over folded words, spaCy lemmas, characters and surface cues."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`strength`: inverse of regularisation. `grave_threshold`: how likely angry, abusive and threat
        must be together before a message counts as one of them. `examples`: folder of the training texts;
        `examples_digest` tells Rasa's cache when they change. `utterances`: folder of the topics' utterances,
        most of them calm: those that look less grave than `calm_below` count as such, with `calm_weight`."""
        return {
            "strength": 5.0,
            "grave_threshold": 0.5,
            "examples": "data/tone",
            "examples_digest": "",
            "utterances": "data/nlu",
            "calm_below": 0.6,
            "calm_weight": 0.3,
        }

    def train(self, training_data: TrainingData) -> Resource:
        examples = list(tone_examples(PROJECT_ROOT / self.config["examples"]))
        rows = [self._row(text, language) for text, language, _ in examples]
        tones = [tone for _, _, tone in examples]
        self.model = tone_model(self.config["strength"]).fit(rows, tones)
        calm = self._calm_utterances()
        weights = [1.0] * len(rows) + [self.config["calm_weight"]] * len(calm)
        model = tone_model(self.config["strength"])
        model.fit(rows + calm, tones + [CALM] * len(calm), logisticregression__sample_weight=weights)
        return self.keep(model)

    def _calm_utterances(self) -> list[tuple[str, str]]:
        """Utterances of topics that the model of the tones alone does not take for grave ones."""
        folder = PROJECT_ROOT / self.config["utterances"]
        rows = [self._row(text, language) for text, language in utterances(folder)]
        grave = self.model.predict_proba(rows)[:, self._grave_columns()].sum(axis=1)
        return [
            row for row, likelihood in zip(rows, grave, strict=True) if likelihood < self.config["calm_below"]
        ]

    def _grave_columns(self) -> list[int]:
        return [list(self.model.classes_).index(tone) for tone in GRAVE_TONES]

    def process(self, messages: list[Message]) -> list[Message]:
        return self.for_each(messages, self._classify)

    def _classify(self, message: Message) -> None:
        text = typed_text(message)
        language = (message.get("language") or {}).get("name", "es")
        name, confidence = self._judge(text, language) if words(text) else (CALM, 1.0)
        message.set("tone", {"name": name, "confidence": round(confidence, 4)}, add_to_output=True)

    def _judge(self, text: str, language: Language) -> tuple[str, float]:
        tones = list(self.model.classes_)
        likelihoods = self.model.predict_proba([self._row(text, language)])[0]
        grave = self._grave_columns()
        grave_likelihood = float(likelihoods[grave].sum())
        if grave_likelihood >= self.config["grave_threshold"]:
            return tones[grave[int(np.argmax(likelihoods[grave]))]], grave_likelihood
        mild = [i for i in range(len(tones)) if i not in grave]
        best = mild[int(np.argmax(likelihoods[mild]))]
        return tones[best], float(likelihoods[best])

    @staticmethod
    def _row(text: str, language: Language) -> tuple[str, str]:
        return text, lemmas(text, language)


def tone_examples(folder: Path) -> Iterator[tuple[str, Language, str]]:
    """(text, language, tone) of all examples: `<language>.yml` maps each tone to a list of texts.

    Raises:
        RelevoError: a file is of another shape.
    """
    for language in LANGUAGES:
        file = folder / f"{language}.yml"
        tones = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        if not isinstance(tones, dict):
            raise RelevoError(f"{file}:1: must map each tone to a list of texts")
        for tone, texts in tones.items():
            for text in texts:
                yield str(text), language, tone
