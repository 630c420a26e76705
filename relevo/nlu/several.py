"""Whether one message asks for two things: «cancel my order and give me the refund».

A message is cut into clauses, and each clause is understood by itself. A second topic counts only where two
clauses are sure of different ones: a story before a request is still one topic.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from relevo.nlu.text import MAX_CHARACTERS, fold

Ranking = Sequence[tuple[str, float]]
RankAll = Callable[[list[str]], Sequence[Ranking]]
"""Texts → for each the topics with their likelihoods, the best one first."""

MIN_WORDS = 2
MAX_CLAUSES = 6
"""More clauses tell a story."""
TORN = 0.1
"""A message whose two best topics are this likely each, taken as a whole, is torn between them."""
RELIEF = 0.15
"""The clauses of a message that is torn may be less sure by this much."""

_BREAK = re.compile(
    r"[.!?;:…]+(?=\s|$)|[\n,¿¡]+"
    r"|(?<!\w)(?:and|also|plus|then|y|e|además|ademas|también|tambien|luego)(?!\w)",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"(?:ya )?no (?:l[ao]s? )?(?:quiero|deseo|necesito|ocupo)\b|no (?:hace falta|es necesario)\b"
    r"|no me (?:pas|transfier|comuni)\w+|(?:there.?s )?no need\b"
    r"|i (?:don.?t|do not|no longer) (?:want|need)\b|(?:you )?(?:don.?t|do not) (?:need|have) to\b"
)
"""«No quiero cerrar la cuenta, quiero cambiar de nivel» asks for one thing."""


def clauses(text: str) -> list[str]:
    """The parts of a message between sentence ends, commas, line breaks and words like «and», «además».

    Parts of one word are left out, and those that say what is not wanted.

    Example:
        >>> clauses("Hi, cancel my order and also give me the refund!")
        ['cancel my order', 'give me the refund']
    """
    parts = [part.strip() for part in _BREAK.split(text[:MAX_CHARACTERS])]
    return [part for part in parts if len(part.split()) >= MIN_WORDS and not _TAKEN_BACK.match(fold(part))]


def second_topic(
    text: str, rank_all: RankAll, sure: float = 0.95, ignored: frozenset[str] = frozenset()
) -> str | None:
    """The second topic of a message that asks for two things; None for all others.

    Args:
        text: the message as typed.
        rank_all: understands several texts at once.
        sure: how likely a clause's topic must be to count.
        ignored: topics that are no request: small talk, out of scope.
    """
    parts = clauses(text)
    if not 1 < len(parts) <= MAX_CLAUSES:
        return None
    whole, *rankings = rank_all([text, *parts])
    torn = {topic for topic, likelihood in whole[:2] if likelihood >= TORN}
    relief = RELIEF if len(torn) > 1 else 0.0
    asked = dict.fromkeys(
        topic
        for topic, likelihood in (ranking[0] for ranking in rankings)
        if topic not in ignored and likelihood >= sure - (relief if topic in torn else 0.0)
    )
    first = whole[0][0]
    others = [topic for topic in asked if topic != first]
    return others[0] if first in asked and others else None
