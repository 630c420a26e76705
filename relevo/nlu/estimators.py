"""The two linear models that understand a message: topic and tone.

Word and character n-grams of the folded text, TF-IDF weighted, under logistic regression: on public customer
support data this beat Rasa's stock DIET in accuracy at a tenth of the time. Character n-grams carry typos.
"""

from __future__ import annotations

import re

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline, make_union

from relevo.nlu.text import MAX_CHARACTERS, fold

WORD = r"(?u)\b\w+\b"
LONG_MESSAGE_CHARACTERS = 200
MAX_MARKS = 3
SHORTEST_SHOUT = 4
"""Fewer letters than these are an abbreviation (CFDI) rather than a shout."""


def _words(longest: int) -> TfidfVectorizer:
    return TfidfVectorizer(preprocessor=fold, token_pattern=WORD, ngram_range=(1, longest), sublinear_tf=True)


def _characters(longest: int) -> TfidfVectorizer:
    return TfidfVectorizer(preprocessor=fold, analyzer="char_wb", ngram_range=(1, longest), sublinear_tf=True)


def topic_model(strength: float) -> Pipeline:
    """Texts → one probability per topic, each judged by itself: all are low for an unusual message."""
    one_topic = LogisticRegression(C=strength, solver="liblinear", random_state=0)
    return make_pipeline(make_union(_words(2), _characters(4)), OneVsRestClassifier(one_topic))


def tone_model(strength: float) -> Pipeline:
    """(text, lemmatised text) pairs → one probability per tone."""
    features = make_union(
        make_pipeline(Column(0), make_union(_words(3), _characters(5), SurfaceCues())),
        make_pipeline(Column(1), _words(3)),
    )
    return make_pipeline(features, LogisticRegression(C=strength, max_iter=1000, random_state=0))


class Column(BaseEstimator, TransformerMixin):
    """One member of each input tuple."""

    def __init__(self, index: int) -> None:
        self.index = index

    def fit(self, rows: list[tuple[str, ...]], labels: object = None) -> Column:
        return self

    def transform(self, rows: list[tuple[str, ...]]) -> list[str]:
        return [row[self.index] for row in rows]


class SurfaceCues(BaseEstimator, TransformerMixin):
    """How a text is typed: capitals, runs of ! and ?, lengthening. Folding hides these from the n-grams."""

    def fit(self, texts: list[str], labels: object = None) -> SurfaceCues:
        return self

    def transform(self, texts: list[str]) -> np.ndarray:
        """An array of shape (texts, 6)."""
        return np.array([self._cues(text[:MAX_CHARACTERS]) for text in texts])

    def _cues(self, text: str) -> list[float]:
        letters = [character for character in text if character.isalpha()]
        shouts = (
            sum(letter.isupper() for letter in letters) / len(letters) if len(letters) > MAX_MARKS else 0.0
        )
        return [
            shouts,
            float(min(MAX_MARKS, len(re.findall(r"!{2,}", text)))),
            min(MAX_MARKS, text.count("!")) / MAX_MARKS,
            float(min(MAX_MARKS, len(re.findall(r"\?{2,}", text)))),
            float(bool(re.search(r"(.)\1{2,}", text.lower()))),
            min(1.0, len(text) / LONG_MESSAGE_CHARACTERS),
        ]
