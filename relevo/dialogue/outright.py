"""What a message asks for outright, whatever else it says: «abren hoy? y además quiero poner una queja».

A message that names two things is understood as the one that it says most about; who asks for a complaint or
a contact by its name means it all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from relevo.dialogue.vocabulary import Phrase, place_of, vocabulary
from relevo.nlu.text import words

COMPLAINT = "complaint"
SCHEDULE = "schedule_follow_up"
BEGUN_AT_ONCE = (COMPLAINT, SCHEDULE)
"""What is begun rather than offered where it is the second of two things."""
DATE = "date"
NEGATED_WITHIN = 4
"""A "not" so many words before the phrase turns it round."""


def asked_outright(text: str, kinds: Collection[str]) -> str | None:
    """The topic that a text asks for by its name; None if there is none. A contact needs a day or a time.

    Args:
        kinds: the kinds of entities that the text holds.

    Example:
        >>> asked_outright("open today? also I want to file a complaint", ())
        'complaint'
    """
    said, known = words(text), vocabulary().outright
    if _is_asked(known[COMPLAINT], said):
        return COMPLAINT
    return SCHEDULE if DATE in kinds and _is_asked(known[SCHEDULE], said) else None


def _is_asked(phrases: Sequence[Phrase], said: Sequence[str]) -> bool:
    place = place_of(phrases, said)
    if place is None:
        return False
    return not set(said[max(0, place - NEGATED_WITHIN) : place]) & vocabulary().negations
