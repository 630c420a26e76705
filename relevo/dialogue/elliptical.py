"""Whether a message is a sentence without its beginning: «and in Monterrey?», «¿y si pago con PayPal?».

Such a message needs the one before it to be understood. Looks at the form alone, in both languages.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Literal

from relevo.dialogue.vocabulary import vocabulary
from relevo.nlu.text import words

MAX_NAMED_WORDS = 5
"""A named thing is at most this long, with its article: «la chimenea eléctrica de pared»."""

Addition = Literal["condition", "circumstance", "thing"]

MAX_WORDS = 9
MAX_WORDS_WITHOUT_OPENING = 4


def addition(text: str) -> Addition | None:
    """What a text adds to what was said before it; None if it can stand by itself.

    Example:
        >>> [addition(text) for text in ("and if it rains?", "what about Sundays?", "¿y mi pedido?", "hola")]
        ['condition', 'circumstance', 'thing', None]
    """
    said, known = words(text), vocabulary()
    if not said or len(said) > MAX_WORDS or set(said) <= known.empty | known.questions:
        return None
    added = _without_opening(said)
    kind = _kind(added)
    if len(added) < len(said):
        return kind
    is_short_question = text.rstrip().endswith("?") and len(said) <= MAX_WORDS_WITHOUT_OPENING
    return kind if is_short_question and kind != "thing" else None


def only_names(text: str) -> bool:
    """Whether a text names a thing without saying that anything happens: «and the fireplace screen?»

    What is a danger by itself is more than a name: «¿y el humo?»

    Example:
        >>> [only_names(text) for text in ("and the smoke detector?", "and the smoke?", "and it smokes?")]
        [True, False, False]
    """
    known = vocabulary()
    said = words(text)
    named = _without_opening(said)
    is_short = 0 < len(named) <= MAX_NAMED_WORDS and len(named) < len(said)
    return is_short and not set(named) & known.happenings and not _is_danger(named)


def names_own(text: str) -> bool:
    """Whether a text names something of the customer's: «y mi sofá?» asks for more than the sofa."""
    return bool(set(words(text)) & vocabulary().possessives)


def _is_danger(named: list[str]) -> bool:
    """Whether the thing itself is one, whatever is said of it: «humo negro», "the smell of gas"."""
    known = vocabulary()
    thing = list(takewhile(lambda word: word not in known.prepositions, named))
    thing = [word for word in thing if word not in known.articles | known.possessives]
    return bool(thing) and (thing[0] in known.dangers_first or thing[-1] in known.dangers_last)


def _without_opening(said: list[str]) -> list[str]:
    """What follows an opening; the "if" that some end with belongs to it: «what if it rains?»"""
    known = vocabulary()
    for opening in known.openings:
        if tuple(said[: len(opening)]) == opening and len(said) > len(opening):
            return said[len(opening) - (opening[-1] in known.conditions) :]
    return said


def _kind(added: list[str]) -> Addition:
    """A question of its own, or a wish after an "if", is a thing: «and if I want to cancel?»"""
    known = vocabulary()
    first, *rest = added
    if first in known.conditions and rest:
        return "thing" if set(rest) & known.wishes else "condition"
    noun = rest[0] if rest and first in known.articles else first
    is_circumstance = first in known.prepositions or noun in known.days
    return "circumstance" if is_circumstance and not set(added) & known.questions else "thing"
