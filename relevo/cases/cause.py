"""Why a customer is upset: the protocol's cause whose examples a complaint clearly means the same as.

Sentences are compared by meaning (`relevo.nlu.sentence_encoder`); which cause they speak for is learned from
the examples by kernel ridge regression, in milliseconds, when a protocol is first asked. A complaint that
speaks for several is asked about; one that speaks for none goes where the protocol sends all others.

Its import is cheap; the first call loads the encoder (a second or two), so that processes warm it up aside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from relevo.nlu.text import words
from relevo.protocol.parts.complaints import Complaints

if TYPE_CHECKING:
    import numpy as np

RIDGE = 1.0
SURE = 0.2
LEAD = 0.12
"""A cause is believed when it scores so high and leads all others by so much (1 would be certain): a wrong
apology is worse than a question. The lowest with which no complaint of some written apart got a wrong one."""
WORTH_ASKING = 0.1
"""A cause that scores less is not asked about."""
ASKED = 3
MIN_WORDS = 3
REFERENCE_WORDS = 9
"""A clause of so many words at most that holds a number or an address tells nothing of what happened."""
TELLING_WORDS = 10
"""Questions are left out where so many other words stand beside them: many are the complaint itself."""
ENCODED_AT_ONCE = 100
NONE_OF_THEM = ""
"""What the examples of other complaints speak for; no cause is called so."""

Examples = tuple[tuple[str, str], ...]
"""Names of causes with one example each."""
_BREAK = re.compile(r"[,;!?\n]+|\.(?:\s|$)")
_QUESTION = re.compile(r"[^.!?\n]*\?+")
_REFERENCE = re.compile(r"@|\d{4}")
_one_at_a_time = Lock()
"""The encoder remembers its last texts, and a warm-up may run beside a complaint."""


class Guess(NamedTuple):
    """Why a customer seems to be upset.

    Attributes:
        cause: the name of the cause that the complaint clearly has; None if it clearly has none of them.
        likeliest: those that it may have if it is not clear, the likeliest first; the customer may be asked.
    """

    cause: str | None = None
    likeliest: tuple[str, ...] = ()


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


def guess_cause(complaints: Complaints, complaint: str) -> Guess:
    """What the protocol's examples tell of a complaint, in either language."""
    if len(words(complaint)) < MIN_WORDS:
        return Guess()
    with _one_at_a_time:
        scores = _learn(_examples(complaints)).scores(_what_happened(complaint))
    (best, name), *others = sorted(((score, name) for name, score in scores.items()), reverse=True)
    if best >= SURE and best - (others[0][0] if others else 0.0) >= LEAD:
        return Guess(cause=name or None)
    worth = [other for score, other in [(best, name), *others] if score >= WORTH_ASKING]
    return Guess(likeliest=tuple(other for other in worth if other != NONE_OF_THEM)[:ASKED])


def _what_happened(complaint: str) -> str:
    """A complaint without what it asks, its order number, telephone and address: these tell no cause.

    Example:
        >>> _what_happened("llegó roto, mi correo es ana@example.com")
        'llegó roto'
    """
    unasked = _QUESTION.sub("", complaint)
    complaint = unasked if len(words(unasked)) >= TELLING_WORDS else complaint
    clauses = [clause.strip() for clause in _BREAK.split(complaint)]
    telling = [c for c in clauses if not _REFERENCE.search(c) or len(words(c)) > REFERENCE_WORDS]
    return complaint if len(telling) == len(clauses) else ", ".join(filter(None, telling)) or complaint


def warm_up(complaints: Complaints) -> None:
    """Load and learn what the first complaint would otherwise wait for."""
    with _one_at_a_time:
        _learn(_examples(complaints))


def _examples(complaints: Complaints) -> Examples:
    known = {name: cause.examples for name, cause in complaints.causes.items()}
    taught = known | ({NONE_OF_THEM: complaints.others} if complaints.others else {})
    return tuple((name, text) for name, told in taught.items() for text in (*told.en, *told.es))


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
