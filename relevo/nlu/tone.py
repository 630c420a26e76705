"""Graph component: the tone of a message, apart from its topic.

calm, frustrated, angry, abusive or threat; learned from the lists in `data/tone/`. A tone that calls a
person must be clear: a calm customer who is handed over for a misread word loses time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.pipeline import make_union

from relevo.errors import RelevoError
from relevo.nlu.component import FittedComponent, typed_text
from relevo.nlu.estimators import SurfaceCues, TwoReaders, ngrams
from relevo.nlu.text import fold
from relevo.protocol.schema import LANGUAGES, Language
from relevo.settings import PROJECT_ROOT

CALM = "calm"
GRAVE_TONES = ("angry", "abusive", "threat")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ToneClassifier(FittedComponent):
    """The tone, where a grave one must be clear."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`word_strength`, `meaning_strength`: inverse of the readers' regularisation. `needless`: by
        language, the share of unseen calm examples that may be taken for grave ones; most are hard on
        purpose, the Spanish ones harder, so that it is about 0.01 of what was written apart (docs/nlu.md).
        `examples`: folder of the training texts; `examples_digest` tells Rasa's cache when they change. The
        topics' utterances count as calm too, each with `calm_weight`, but for those that `examples` holds
        with their tone; the share is not counted among them."""
        return {
            "word_strength": 1.0,
            "meaning_strength": 20.0,
            "needless": {"en": 0.032, "es": 0.05},
            "examples": "data/tone",
            "examples_digest": "",
            "calm_weight": 0.3,
        }

    def train(self, training_data: TrainingData) -> Resource:
        told = list(tone_examples(PROJECT_ROOT / self.config["examples"]))
        known = {fold(example.text) for example in told}
        calm = [text for text in map(typed_text, training_data.intent_examples) if fold(text) not in known]
        readers = TwoReaders(
            make_union(ngrams(3, 5), SurfaceCues()),
            self.config["word_strength"],
            self.config["meaning_strength"],
        )
        readers.fit(
            [example.text for example in told] + calm,
            [example.tone for example in told] + [CALM] * len(calm),
            [1.0] * len(told) + [self.config["calm_weight"]] * len(calm),
        )
        languages = np.array([example.language for example in told] + [""] * len(calm))
        return self.keep(ToneModel.learn(readers, languages, self.config["needless"]))

    def process(self, messages: list[Message]) -> list[Message]:
        return self.for_all(messages, self.model.readers.predict_proba, self._classify)

    def _classify(self, message: Message, likelihoods: np.ndarray | None) -> None:
        name, confidence = CALM, 1.0
        if likelihoods is not None:
            name, confidence = self.model.judge(likelihoods, message.get("language")["name"])
        message.set("tone", {"name": name, "confidence": round(confidence, 4)}, add_to_output=True)


@dataclass(frozen=True)
class ToneModel:
    """How likely each tone is, and how likely a grave one must be to count.

    Each language has a line of its own: the readers are surer in English, where one line for both would call
    a person too often, or else too seldom in Spanish.
    """

    readers: TwoReaders
    grave_from: dict[Language, float]

    @classmethod
    def learn(
        cls, readers: TwoReaders, languages: np.ndarray, needless: Mapping[Language, float]
    ) -> ToneModel:
        """From where on a tone is grave: in each language only its share `needless` of unseen calm messages
        lies above. `languages` has the language of each example that the readers were taught, or nothing."""
        unseen = readers.held_out_
        grave = unseen.likelihoods[:, _grave(readers)].sum(axis=1)
        calm, spoken = unseen.labels == CALM, languages[unseen.rows]
        lines = {
            language: float(np.quantile(grave[calm & (spoken == language)], 1 - needless[language]))
            for language in LANGUAGES
        }
        return cls(readers, lines)

    def judge(self, likelihoods: np.ndarray, language: Language) -> tuple[str, float]:
        """The tone of a message and how likely it is; for a grave tone, how likely any grave one is."""
        grave = _grave(self.readers)
        is_grave = float(likelihoods[grave].sum()) >= self.grave_from[language]
        best = int(np.argmax(np.where(grave == is_grave, likelihoods, -1.0)))
        confidence = likelihoods[grave].sum() if is_grave else likelihoods[best]
        return str(self.readers.classes_[best]), float(confidence)


def _grave(readers: TwoReaders) -> np.ndarray:
    return np.isin(readers.classes_, GRAVE_TONES)


class ToneExample(NamedTuple):
    """One line that customers might type, and its tone."""

    text: str
    language: Language
    tone: str


def tone_examples(folder: Path) -> Iterator[ToneExample]:
    """All examples: `<language>.yml` maps each tone to a list of texts.

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
                yield ToneExample(str(text), language, tone)
