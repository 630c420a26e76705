"""How a trigger's condition is decided, and why it held: `all`, `any` and `not` over plain conditions.

What a plain condition is looked at, messages or an event, is the caller's; see `relevo.dialogue.contingency`
and `relevo.protocol.occurrences`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from relevo.protocol.explanation import Explanation, Reason
from relevo.protocol.parts.contingency import Trigger, When


class Observation(NamedTuple):
    """Whether a plain condition holds, on which messages (by their numbers), with which values."""

    holds: bool
    messages: Sequence[int] = ()
    found: dict[str, Any] = {}  # noqa: RUF012 - never changed


class Fact(NamedTuple):
    """A plain condition that holds, or does not where that is wanted."""

    when: When
    wanted: bool
    observation: Observation

    @property
    def written(self) -> dict[str, Any]:
        """The condition as it is written in the protocol."""
        written: dict[str, Any] = json.loads(self.when.json(by_alias=True, exclude_none=True))
        return written


Look = Callable[[When], Observation]
"""Looks at a plain condition."""


@dataclass(frozen=True)
class Decision:
    """A trigger that fires, and why."""

    trigger: Trigger
    reasons: tuple[Reason, ...]

    @property
    def explanation(self) -> Explanation:
        return Explanation(self.trigger.id, self.reasons)


def facts_for(when: When, look: Look, *, wanted: bool = True) -> list[Fact] | None:
    """What makes a condition hold (or not hold, if it is not wanted to); None if it is otherwise."""
    match when:
        case When(not_=When() as inner):
            return facts_for(inner, look, wanted=not wanted)
        case When(all=list(parts)):
            return (_of_all if wanted else _of_any)(parts, look, wanted)
        case When(any=list(parts)):
            return (_of_any if wanted else _of_all)(parts, look, wanted)
    observation = look(when)
    return [Fact(when, wanted, observation)] if observation.holds is wanted else None


def _of_all(parts: Sequence[When], look: Look, wanted: bool) -> list[Fact] | None:
    facts: list[Fact] = []
    for part in parts:
        more = facts_for(part, look, wanted=wanted)
        if more is None:
            return None
        facts += more
    return facts


def _of_any(parts: Sequence[When], look: Look, wanted: bool) -> list[Fact] | None:
    found = [facts_for(part, look, wanted=wanted) for part in parts]
    met = [facts for facts in found if facts is not None]
    return [fact for facts in met for fact in facts] if met else None
