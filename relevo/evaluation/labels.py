"""How well labels of one kind, topics or tones, are recognised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

EXAMPLES_OF_CONFUSION = 3


@dataclass(frozen=True)
class LabelScore:
    """One label; `lines` is how many messages should have it."""

    label: str
    precision: float
    recall: float
    f1: float
    lines: int


@dataclass(frozen=True)
class Confusion:
    """How often one label was taken for another, with some of the messages."""

    expected: str
    recognised: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class LabelScores:
    """How well the labels of one kind are recognised."""

    lines: int
    accuracy: float
    macro_f1: float
    labels: tuple[LabelScore, ...]
    """From the worst."""
    confusions: tuple[Confusion, ...]
    """From the most frequent."""


def score_labels(pairs: Sequence[tuple[str, str]], texts: Sequence[str]) -> LabelScores:
    """Scores of (expected, recognised) labels, one pair per text; there must be at least one.

    The macro-F1 is the mean over the labels that are expected somewhere. `nlu_fallback` is a miss wherever a
    topic is expected, `out_of_scope` too.
    """
    expected, recognised = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    names = sorted(set(expected))
    columns = precision_recall_fscore_support(expected, recognised, labels=names, zero_division=0)
    scores = [
        LabelScore(name, float(precision), float(recall), float(f1), int(lines))
        for name, precision, recall, f1, lines in zip(names, *columns, strict=True)
    ]
    return LabelScores(
        lines=len(pairs),
        accuracy=float(accuracy_score(expected, recognised)),
        macro_f1=float(f1_score(expected, recognised, labels=names, average="macro", zero_division=0)),
        labels=tuple(sorted(scores, key=lambda score: (score.f1, score.label))),
        confusions=tuple(_confusions(pairs, texts)),
    )


def _confusions(pairs: Sequence[tuple[str, str]], texts: Sequence[str]) -> list[Confusion]:
    taken: dict[tuple[str, str], list[str]] = defaultdict(list)
    for pair, text in zip(pairs, texts, strict=True):
        if pair[0] != pair[1]:
            taken[pair].append(text)
    found = [
        Confusion(*pair, len(those), tuple(those[:EXAMPLES_OF_CONFUSION])) for pair, those in taken.items()
    ]
    return sorted(found, key=lambda confusion: (-confusion.count, confusion.expected, confusion.recognised))


def share(claims: Sequence[bool]) -> float | None:
    """How many of the claims hold, 0 … 1; None if there are none."""
    return sum(claims) / len(claims) if claims else None
