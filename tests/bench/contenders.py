"""What `tests.bench.experiments` compares: the rows of its table, by names for the command line.

All read folded texts, as the bot does, apart from Rasa's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from relevo.nlu.text import fold
from tests.bench.classifiers import (
    Classifier,
    Doubled,
    SentenceVectors,
    SpacyCategoriser,
    StockRasa,
    TwoReadersHeard,
)
from tests.bench.samples import SEED

WORD = r"(?u)\b\w+\b"
BAG_OF_WORDS = {
    "@architectures": "spacy.TextCatBOW.v2",
    "exclusive_classes": True,
    "ngram_size": 2,
    "no_output_layer": False,
}
HASHED_VECTORS = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "pretrained_vectors": None,
    "width": 96,
    "depth": 2,
    "embed_size": 5000,
    "window_size": 1,
    "maxout_pieces": 3,
    "subword_features": True,
}
CONVOLUTION = {
    "@architectures": "spacy.TextCatCNN.v2",
    "exclusive_classes": True,
    "tok2vec": HASHED_VECTORS,
}
ENSEMBLE = {
    "@architectures": "spacy.TextCatEnsemble.v2",
    "tok2vec": HASHED_VECTORS,
    "linear_model": BAG_OF_WORDS,
}


@dataclass(frozen=True)
class Contender:
    """A row of the table: its name, how to make it anew, and into how many splits its time allows."""

    name: str
    make: Callable[[], Classifier]
    most_splits: int | None = None


def words() -> TfidfVectorizer:
    return TfidfVectorizer(preprocessor=fold, token_pattern=WORD, ngram_range=(1, 2), sublinear_tf=True)


def words_and_characters() -> FeatureUnion:
    characters = TfidfVectorizer(
        preprocessor=fold, analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True, min_df=2
    )
    return make_union(words(), characters)


def one_against_rest(strength: float) -> OneVsRestClassifier:
    return OneVsRestClassifier(LogisticRegression(C=strength, solver="liblinear", random_state=SEED))


def logistic(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=300, tol=1e-3)


def vector_machine(strength: float) -> LinearSVC:
    return LinearSVC(C=strength, random_state=SEED)


def vectors_and_ngrams(weight: float) -> FeatureUnion:
    return make_union(words_and_characters(), SentenceVectors(weight))


def averaged() -> VotingClassifier:
    """The mean of two classifiers' likelihoods: one of n-grams, one of sentence vectors."""
    by_words = make_pipeline(words_and_characters(), one_against_rest(20))
    by_meaning = make_pipeline(SentenceVectors(), logistic(20))
    return VotingClassifier([("words", by_words), ("meaning", by_meaning)], voting="soft")


def perceptron(hidden: int) -> MLPClassifier:
    # Vectors of length 1 have entries of about 0.04: without scaling, training stands still.
    return MLPClassifier((hidden,), alpha=1e-3, early_stopping=True, max_iter=100, random_state=SEED)


def scaled_vectors() -> Pipeline:
    return make_pipeline(SentenceVectors(), FunctionTransformer(lambda vectors: vectors * np.sqrt(512)))


def _linear(name: str, features: Callable[[], object], classifier: Callable[[], object]) -> Contender:
    return Contender(name, lambda: make_pipeline(features(), classifier()))


def _spacy(name: str, model: dict[str, object]) -> Contender:
    return Contender(f"spaCy text categoriser, {name}", lambda: SpacyCategoriser(model), most_splits=5)


def contenders() -> dict[str, Contender]:
    """All rows by the short names that the command line takes."""
    return {
        "words": _linear("words, logistic regression, C=20", words, lambda: one_against_rest(20)),
        **{
            f"ngrams-lr{strength}": _linear(
                f"words and characters, logistic regression, C={strength}",
                words_and_characters,
                lambda strength=strength: one_against_rest(strength),
            )
            for strength in (1, 5, 20, 60)
        },
        **{
            f"ngrams-svm{strength}": _linear(
                f"words and characters, linear SVM, C={strength}",
                words_and_characters,
                lambda strength=strength: vector_machine(strength),
            )
            for strength in (0.2, 1, 5)
        },
        "ngrams-svm1-typos": Contender(
            "words and characters, linear SVM, C=1, data doubled with typos",
            lambda: Doubled(make_pipeline(words_and_characters(), vector_machine(1))),
        ),
        "spacy-bow": _spacy("bag of words", BAG_OF_WORDS),
        "spacy-cnn": _spacy("convolution", CONVOLUTION),
        "spacy-ensemble": _spacy("ensemble of both", ENSEMBLE),
        **{
            f"use-lr{strength}": _linear(
                f"sentence vectors, logistic regression, C={strength}",
                SentenceVectors,
                lambda strength=strength: logistic(strength),
            )
            for strength in (5, 20, 60)
        },
        "use-mlp": _linear("sentence vectors, perceptron (256)", scaled_vectors, lambda: perceptron(256)),
        **{
            f"both-svm-w{weight}": _linear(
                f"n-grams beside sentence vectors × {weight}, linear SVM, C=1",
                lambda weight=weight: vectors_and_ngrams(weight),
                lambda: vector_machine(1),
            )
            for weight in (0.5, 1, 2)
        },
        "both-lr": _linear(
            "n-grams beside sentence vectors, logistic regression, C=20",
            lambda: vectors_and_ngrams(1),
            lambda: one_against_rest(20),
        ),
        "averaged": Contender(
            "mean of n-grams' and sentence vectors' likelihoods, logistic regressions, C=20",
            averaged,
        ),
        "both-svm-typos": Contender(
            "n-grams beside sentence vectors × 0.5, linear SVM, data doubled with typos",
            lambda: Doubled(make_pipeline(vectors_and_ngrams(0.5), vector_machine(1))),
        ),
        "averaged-typos": Contender(
            "mean of both likelihoods, data doubled with typos",
            lambda: Doubled(averaged()),
        ),
        "relevo": Contender("two readers, heard together (Relevo's)", TwoReadersHeard),
        "stock": Contender("Rasa's stock pipeline (DIET, 100 epochs)", StockRasa, most_splits=1),
    }
