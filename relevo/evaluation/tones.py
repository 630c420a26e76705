"""How well tones are recognised, above all those that need a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from sklearn.metrics import confusion_matrix

from relevo.evaluation.labels import LabelScores, score_labels, share
from relevo.evaluation.outcome import GRAVE_TONES, Outcome
from relevo.protocol.parts.contingency import Tone

TONES: tuple[str, ...] = get_args(Tone)


@dataclass(frozen=True)
class ToneReport:
    """Of the messages whose tone is expected. Shares are None where there are no such messages."""

    scores: LabelScores
    grave_recall: float | None
    """Share of angry, abusive and threatening messages that are recognised as one of the three."""
    false_alarms: float | None
    """Share of calm messages that are taken for one of the three."""
    frustrated_as_grave: float | None
    """Share of frustrated messages that are."""
    matrix: tuple[tuple[int, ...], ...]
    """A row for each expected tone, a column for each recognised one, in the order of `TONES`."""


def tone_report(outcomes: Sequence[Outcome]) -> ToneReport | None:
    """The report, if the tone of any message is expected."""
    those = [outcome for outcome in outcomes if outcome.expected.tone]
    if not those:
        return None
    pairs = [(str(outcome.expected.tone), outcome.tone) for outcome in those]
    matrix = confusion_matrix(*zip(*pairs, strict=True), labels=TONES)
    return ToneReport(
        scores=score_labels(pairs, [outcome.expected.text for outcome in those]),
        grave_recall=_taken_for_grave(those, GRAVE_TONES),
        false_alarms=_taken_for_grave(those, ("calm",)),
        frustrated_as_grave=_taken_for_grave(those, ("frustrated",)),
        matrix=tuple(tuple(int(count) for count in row) for row in matrix),
    )


def _taken_for_grave(outcomes: Sequence[Outcome], tones: tuple[str, ...]) -> float | None:
    """Share of the messages of some tones that are taken for one that needs a person."""
    return share([outcome.tone in GRAVE_TONES for outcome in outcomes if outcome.expected.tone in tones])
