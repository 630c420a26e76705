"""Why a customer is upset: the protocol's cause whose examples a complaint is clearly most like.

Words weigh by how few causes share them (inverse document frequency). A complaint that is like none, or like
several, has no known cause and goes where the protocol sends all others.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from relevo.nlu.text import words
from relevo.protocol.parts.complaints import Cause

LIKENESS = 0.45
LEAD = 0.15
"""A cause is believed when one of its examples is this like the complaint (cosine), and it leads all others
by this much: a wrong apology is worse than a general one."""
SHORTEST_WORD = 3
STEM_CHARACTERS = 6
"""Words are cut to their beginnings: llegó and llegaron, broke and broken count as one."""


def find_cause(causes: Mapping[str, Cause], complaint: str) -> str | None:
    """The name of the cause that a complaint has, in either language; None if it is like none."""
    examples = [
        (name, _stems(text))
        for name, cause in causes.items()
        for text in (*cause.examples.en, *cause.examples.es)
    ]
    told = _stems(complaint)
    weights = _weights(examples, told)
    likeness: dict[str, float] = dict.fromkeys(causes, 0.0)
    for name, stems in examples:
        likeness[name] = max(likeness[name], _cosine(told, stems, weights))
    (best, name), *others = sorted(((value, name) for name, value in likeness.items()), reverse=True)
    runner_up = others[0][0] if others else 0.0
    return name if best >= LIKENESS and best - runner_up >= LEAD else None


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:STEM_CHARACTERS] for word in words(text) if len(word) >= SHORTEST_WORD)


def _weights(examples: list[tuple[str, frozenset[str]]], told: frozenset[str]) -> dict[str, float]:
    """The weight of each word; one that no example holds weighs most: it is about something else."""
    of_cause: dict[str, set[str]] = {"": set(told)}
    for name, stems in examples:
        of_cause.setdefault(name, set()).update(stems)
    shared = Counter(stem for stems in of_cause.values() for stem in stems)
    return {stem: math.log((1 + len(of_cause)) / count) for stem, count in shared.items()}


def _cosine(told: frozenset[str], example: frozenset[str], weights: dict[str, float]) -> float:
    common = sum(weights[stem] ** 2 for stem in told & example)
    sizes = [math.sqrt(sum(weights[stem] ** 2 for stem in stems)) for stems in (told, example)]
    return common / (sizes[0] * sizes[1]) if all(sizes) else 0.0
