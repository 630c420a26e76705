"""The model that tells one label of a message, its topic or its tone: two readers, heard together.

One reads the words: word and character n-grams of the folded text under a linear support vector machine.
It is exact about what it has seen, typos included. The other reads the meaning: a sentence vector under
logistic regression; it knows other words for the same thing. `docs/nlu.md` has the experiments that led here.
How much each is believed, and how likely a label then is, is learned on messages that both did not see.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import FeatureUnion, make_union
from sklearn.svm import LinearSVC

from relevo.nlu.sentence_encoder import encode
from relevo.nlu.text import MAX_CHARACTERS, fold

WORD = r"(?u)\b\w+\b"
HELD_OUT = 0.2
"""Share of the examples on which the readers' weights are learned."""
LONG_MESSAGE_CHARACTERS = 200
MAX_MARKS = 3
SHORTEST_SHOUT = 4
"""Fewer letters than these are an abbreviation (CFDI) rather than a shout."""


def ngrams(words: int, characters: int) -> FeatureUnion:
    """Features of folded texts: n-grams of up to so many words, and of so many characters within words."""
    shared = {"preprocessor": fold, "sublinear_tf": True, "dtype": np.float32}
    return make_union(
        TfidfVectorizer(ngram_range=(1, words), token_pattern=WORD, **shared),
        TfidfVectorizer(ngram_range=(1, characters), analyzer="char_wb", min_df=2, **shared),
    )


@dataclass(frozen=True)
class Examples:
    """What the readers learn from: a row for each message in every array, and in `rows` its place in all."""

    rows: np.ndarray
    ngrams: csr_matrix
    vectors: np.ndarray
    labels: np.ndarray
    weights: np.ndarray

    def only(self, rows: np.ndarray) -> Examples:
        return Examples(
            self.rows[rows], self.ngrams[rows], self.vectors[rows], self.labels[rows], self.weights[rows]
        )


@dataclass(frozen=True)
class HeldOut:
    """Judgements of unseen messages: their places in all examples, likelihoods of shape (messages, labels)
    and right labels."""

    rows: np.ndarray
    likelihoods: np.ndarray
    labels: np.ndarray


class TwoReaders(BaseEstimator):
    """A classifier of texts with calibrated probabilities.

    Args:
        words: an untrained vectoriser of texts for the reader of words.
        word_strength: inverse of regularisation of the reader of words.
        meaning_strength: the same of the reader of meaning.

    Attributes (after `fit`):
        classes_: the labels.
        held_out_: what was judged of messages that the readers had not seen, to learn thresholds from.
    """

    def __init__(
        self, words: FeatureUnion, word_strength: float = 1.0, meaning_strength: float = 20.0
    ) -> None:
        self.words = words
        self.word_strength = word_strength
        self.meaning_strength = meaning_strength

    def fit(
        self, texts: Sequence[str], labels: Sequence[str], weights: Sequence[float] | None = None
    ) -> TwoReaders:
        """Learn from texts and their labels, each example counted with its weight."""
        rows = np.arange(len(texts))
        examples = Examples(
            rows,
            self.words.fit_transform(texts),
            encode(texts),
            np.asarray(labels),
            np.ones(len(texts)) if weights is None else np.asarray(weights),
        )
        seen, unseen = train_test_split(rows, test_size=HELD_OUT, stratify=examples.labels, random_state=0)
        self._fit_readers(examples.only(seen))
        self._calibrate(examples.only(unseen))
        self._fit_readers(examples)
        return self

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        """How likely each label is: an array of shape (texts, labels), in the order of `classes_`."""
        return self._likelihoods(self._readings(self.words.transform(texts), encode(texts)))

    def _fit_readers(self, examples: Examples) -> None:
        by_words = LinearSVC(C=self.word_strength, random_state=0)
        by_words.fit(examples.ngrams, examples.labels, examples.weights)
        # Laid out for a product with one sparse row: scikit-learn would copy its own for each message.
        self.word_weights_ = np.ascontiguousarray(by_words.coef_.T, dtype=np.float32)
        self.word_bias_ = by_words.intercept_.astype(np.float32)
        self.meaning_reader_ = LogisticRegression(C=self.meaning_strength, max_iter=200, tol=1e-3)
        self.meaning_reader_.fit(examples.vectors, examples.labels, sample_weight=examples.weights)
        self.classes_ = self.meaning_reader_.classes_

    def _calibrate(self, unseen: Examples) -> None:
        """Weigh the two readers so that labels of messages that they didn't see are as likely as can be."""
        readings = self._readings(unseen.ngrams, unseen.vectors)
        rows, right = np.arange(len(unseen.labels)), np.searchsorted(self.classes_, unseen.labels)

        def surprise(belief: np.ndarray) -> float:
            likelihoods = log_softmax(np.tensordot(belief, readings, 1), axis=1)
            return -float(np.average(likelihoods[rows, right], weights=unseen.weights))

        self.belief_ = minimize(surprise, x0=[2.0, 0.5], method="Nelder-Mead").x
        self.held_out_ = HeldOut(unseen.rows, self._likelihoods(readings), unseen.labels)

    def _readings(self, ngrams: csr_matrix, vectors: np.ndarray) -> np.ndarray:
        """What each reader makes of messages: an array of shape (2, messages, labels)."""
        margins = ngrams @ self.word_weights_ + self.word_bias_
        return np.stack([margins, self.meaning_reader_.predict_log_proba(vectors)])

    def _likelihoods(self, readings: np.ndarray) -> np.ndarray:
        return np.asarray(softmax(np.tensordot(self.belief_, readings, 1), axis=1))


class SurfaceCues(BaseEstimator, TransformerMixin):
    """How a text is typed: capitals, runs of ! and ?, lengthening. Folding hides these from the n-grams."""

    def fit(self, texts: Sequence[str], labels: object = None) -> SurfaceCues:
        return self

    def transform(self, texts: Sequence[str]) -> np.ndarray:
        """An array of shape (texts, 6)."""
        return np.array([self._cues(text[:MAX_CHARACTERS]) for text in texts], dtype=np.float32)

    def _cues(self, text: str) -> list[float]:
        letters = [character for character in text if character.isalpha()]
        shouts = (
            sum(letter.isupper() for letter in letters) / len(letters)
            if len(letters) >= SHORTEST_SHOUT
            else 0.0
        )
        return [
            shouts,
            float(min(MAX_MARKS, len(re.findall(r"!{2,}", text)))),
            min(MAX_MARKS, text.count("!")) / MAX_MARKS,
            float(min(MAX_MARKS, len(re.findall(r"\?{2,}", text)))),
            float(bool(re.search(r"(.)\1{2,}", text.lower()))),
            min(1.0, len(text) / LONG_MESSAGE_CHARACTERS),
        ]
