"""How a whole rehearsal went, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from relevo.rehearsal.performance import Performance
from relevo.rehearsal.scenes import Outcome, Scene

HAND_OFF: Outcome = "handoff"
Played = tuple[Scene, Performance]


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        return self.count / self.of if self.of else None

    def __str__(self) -> str:
        return f"{self.count} of {self.of}" + (f" ({self.value:.3f})" if self.value is not None else "")


@dataclass(frozen=True)
class Totals:
    """What counts over all conversations."""

    passed: Share
    by_expectation: dict[Outcome, Share]
    """Of the conversations that expect each outcome: how many came to it."""
    hand_offs: Share
    """Of the conversations that a person should get: how many one got."""
    needless: Share
    """Of those that no person should get: how many one got all the same."""
    triggers: Share
    """Of those with an expected trigger: how many went by it."""

    @classmethod
    def of(cls, played: Sequence[Played]) -> Totals:
        due = [pair for pair in played if pair[0].expect == HAND_OFF]
        others = [pair for pair in played if pair[0].expect != HAND_OFF]
        told = [pair for pair in played if pair[0].trigger is not None]
        return cls(
            passed=Share(sum(performance.passes(scene) for scene, performance in played), len(played)),
            by_expectation={
                outcome: share for outcome in get_args(Outcome) if (share := _met(played, outcome)).of
            },
            hand_offs=Share(_handed_over(due), len(due)),
            needless=Share(_handed_over(others), len(others)),
            triggers=Share(sum(scene.trigger == one.trigger for scene, one in told), len(told)),
        )


def _met(played: Sequence[Played], expected: Outcome) -> Share:
    outcomes = [performance.outcome for scene, performance in played if scene.expect == expected]
    return Share(outcomes.count(expected), len(outcomes))


def _handed_over(played: Sequence[Played]) -> int:
    return sum(performance.outcome == HAND_OFF for _, performance in played)
