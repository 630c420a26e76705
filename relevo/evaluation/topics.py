"""How well topics are recognised.

Also whether messages that mean none of ours are told from the others, and whether confidence can be believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

from relevo.evaluation.labels import LabelScores, score_labels, share
from relevo.evaluation.outcome import NONE_OF_OURS, NOT_UNDERSTOOD, Outcome

CALIBRATION_BINS = 10


@dataclass(frozen=True)
class OutOfScope:
    """How well messages are told that mean no topic of ours."""

    lines: int
    auroc: float | None
    """How likely such a message is stranger than one of our topics (`Outcome.strangeness`); None if there are
    no messages of one of the two kinds."""
    recognised: float | None
    """Share of such messages that are recognised as `out_of_scope` or `nlu_fallback`."""
    turned_away: float | None
    """Share of messages of our topics that are."""


@dataclass(frozen=True)
class Bin:
    """Messages whose confidence lies in one tenth."""

    lower: float
    lines: int
    confidence: float
    """Their mean confidence."""
    accuracy: float
    """Share of them whose topic is right."""


@dataclass(frozen=True)
class Calibration:
    """Whether a confidence of 0.8 is right eight times of ten."""

    lines: int
    expected_error: float
    """Expected calibration error: how far confidence and accuracy are apart, on average of messages."""
    bins: tuple[Bin, ...]
    """Those that hold messages."""


@dataclass(frozen=True)
class TopicReport:
    """Of the messages whose topic is expected."""

    scores: LabelScores
    out_of_scope: OutOfScope
    calibration: Calibration


def topic_report(outcomes: Sequence[Outcome]) -> TopicReport | None:
    """The report, if the topic of any message is expected."""
    those = [outcome for outcome in outcomes if outcome.expected.topic]
    if not those:
        return None
    pairs = [(str(outcome.expected.topic), outcome.topic) for outcome in those]
    scores = score_labels(pairs, [outcome.expected.text for outcome in those])
    return TopicReport(scores, score_out_of_scope(those), score_calibration(those))


def score_out_of_scope(outcomes: Sequence[Outcome]) -> OutOfScope:
    """Scores of messages whose topic is expected."""
    strange = [outcome for outcome in outcomes if outcome.expected.topic in NONE_OF_OURS]
    ours = [outcome for outcome in outcomes if outcome.expected.topic not in NONE_OF_OURS]
    auroc = None
    if strange and ours:
        is_strange = [outcome.expected.topic in NONE_OF_OURS for outcome in outcomes]
        auroc = float(roc_auc_score(is_strange, [outcome.strangeness for outcome in outcomes]))
    return OutOfScope(len(strange), auroc, _share_of_none(strange), _share_of_none(ours))


def _share_of_none(outcomes: Sequence[Outcome]) -> float | None:
    return share([outcome.topic in NONE_OF_OURS for outcome in outcomes])


def score_calibration(outcomes: Sequence[Outcome]) -> Calibration:
    """Scores of messages whose topic is expected and for which one was named (not `nlu_fallback`)."""
    named = [outcome for outcome in outcomes if outcome.topic != NOT_UNDERSTOOD]
    confidence = np.array([outcome.confidence for outcome in named])
    is_right = np.array([outcome.is_topic_right for outcome in named], dtype=float)
    numbers = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    bins = tuple(
        Bin(
            lower=number / CALIBRATION_BINS,
            lines=int((numbers == number).sum()),
            confidence=float(confidence[numbers == number].mean()),
            accuracy=float(is_right[numbers == number].mean()),
        )
        for number in sorted(set(numbers.tolist()))
    )
    distances = sum(one.lines * abs(one.accuracy - one.confidence) for one in bins)
    return Calibration(len(named), distances / len(named) if named else 0.0, bins)
