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
        `examples_digest` tells Rasa's cache when they change."""
        return {"strength": 5.0, "grave_threshold": 0.6, "examples": "data/tone", "examples_digest": ""}

    def train(self, training_data: TrainingData) -> Resource:
        examples = list(tone_examples(PROJECT_ROOT / self.config["examples"]))
        rows = [self._row(text, language) for text, language, _ in examples]
        tones = [tone for _, _, tone in examples]
        return self.keep(tone_model(self.config["strength"]).fit(rows, tones))

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
        grave = [tones.index(tone) for tone in GRAVE_TONES]
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
