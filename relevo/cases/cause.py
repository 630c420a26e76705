"""Why a customer is upset: the protocol's cause whose examples a complaint clearly means the same as.

Sentences are compared by meaning (`relevo.nlu.sentence_encoder`); which cause they speak for is learned from
the examples by kernel ridge regression, in milliseconds, when a protocol is first asked. A complaint that
speaks for none, or for several, has no known cause and goes where the protocol sends all others.

Its import is cheap; the first call loads the encoder (a second or two), so that processes warm it up aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from relevo.nlu.text import words
from relevo.protocol.parts.complaints import Cause

if TYPE_CHECKING:
    import numpy as np

RIDGE = 1.0
SURE = 0.2
LEAD = 0.2
"""A cause is believed when it scores so high and leads all others by so much (1 would be certain): a wrong
apology is worse than a general one. Chosen on examples left out together with their translation."""
MIN_WORDS = 3
ENCODED_AT_ONCE = 100

Examples = tuple[tuple[str, str], ...]
"""Names of causes with one example each."""
_one_at_a_time = Lock()
"""The encoder remembers its last texts, and a warm-up may run beside a complaint."""


@dataclass(frozen=True)
class _Learned:
    """What the examples taught. With c causes and n examples:"""

    names: tuple[str, ...]
    """c names."""
    vectors: np.ndarray
    """Of the examples: shape (n, 512)."""
    weights: np.ndarray
    """How an example that is like a complaint speaks for each cause: shape (n, c)."""

    def scores(self, complaint: str) -> dict[str, float]:
        """How much a complaint speaks for each cause."""
        likeness = _likeness(_encode((complaint,)), self.vectors)
        return dict(zip(self.names, map(float, (likeness @ self.weights)[0]), strict=True))


def find_cause(causes: Mapping[str, Cause], complaint: str) -> str | None:
    """The name of the cause that a complaint has, in either language; None if it clearly has none of them."""
    if len(words(complaint)) < MIN_WORDS:
        return None
    with _one_at_a_time:
        scores = _learn(_examples(causes)).scores(complaint)
    (best, name), *others = sorted(((score, name) for name, score in scores.items()), reverse=True)
    runner_up = others[0][0] if others else 0.0
    return name if best >= SURE and best - runner_up >= LEAD else None


def warm_up(causes: Mapping[str, Cause]) -> None:
    """Load and learn what the first complaint would otherwise wait for."""
    with _one_at_a_time:
        _learn(_examples(causes))


def _examples(causes: Mapping[str, Cause]) -> Examples:
    return tuple(
        (name, text) for name, cause in causes.items() for text in (*cause.examples.en, *cause.examples.es)
    )


@lru_cache(maxsize=2)
def _learn(examples: Examples) -> _Learned:
    import numpy as np  # noqa: PLC0415 - whoever finds no cause need not load it

    names = tuple(dict.fromkeys(name for name, _ in examples))
    vectors = _encode(tuple(text for _, text in examples))
    targets = np.array([[float(name == known) for known in names] for name, _ in examples])
    kernel = _likeness(vectors, vectors) + RIDGE * np.eye(len(vectors))
    return _Learned(names, vectors, np.linalg.solve(kernel, targets))


def _likeness(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Squared cosines, shape (some, others): what is only faintly alike counts for nearly nothing."""
    squared: np.ndarray = (some @ others.T).clip(min=0.0) ** 2
    return squared


def _encode(texts: tuple[str, ...]) -> np.ndarray:
    import numpy as np  # noqa: PLC0415

    from relevo.nlu.sentence_encoder import encode  # noqa: PLC0415

    parts = [texts[start : start + ENCODED_AT_ONCE] for start in range(0, len(texts), ENCODED_AT_ONCE)]
    return np.vstack([encode(part) for part in parts])
