"""The shape in which texts are compared: folded, so that typing habits make no difference.

Customers leave out accents and capitals and lengthen words ("holaaaa"). Folding accents raised accuracy on
accent-less Spanish with no loss on accented text; capitals without folding collapsed it.
"""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 1_000
"""Characters that are looked at: what a customer wants stands there, and time stays bounded."""

_LENGTHENED = re.compile(r"(.)\1{2,}")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w+")


def fold(text: str) -> str:
    """Lower case, no accents, no lengthening, single spaces.

    Example:
        >>> fold("¡HOLAAAA,  está   bién!")
        '¡holaa, esta bien!'
    """
    decomposed = unicodedata.normalize("NFKD", text[:MAX_CHARACTERS].lower())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _SPACE.sub(" ", _LENGTHENED.sub(r"\1\1", plain)).strip()


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return _WORD.findall(fold(text))


def says_something(text: str) -> bool:
    """Whether a text holds a letter, a digit or a picture: blanks and punctuation alone say nothing."""
    categories = (unicodedata.category(character) for character in text[:MAX_CHARACTERS])
    return any(category[0] in "LN" or category == "So" for category in categories)


def is_button(text: str) -> bool:
    """Whether a message is a pressed button: Rasa's `/topic` form, not typed words."""
    return text.startswith("/")
