"""Folios: the ids that customers see. Short, unambiguous when read aloud, and not to be guessed.

Crockford's base 32 has no I, L, O or U, so nothing is mistaken for 1, 0 or a word. Eight characters are 40
random bits: with a million cases, a guess hits one in a million times.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PREFIX = "RV"
_FOLIO = re.compile(r"\bRV[\s-]*([0-9A-Z]{4})[\s-]*([0-9A-Z]{4})\b", re.IGNORECASE)
_MISTAKEN = str.maketrans("ILOU", "110V")


def new_folio() -> str:
    """A fresh random folio such as `RV-7K3M-9QXT`."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{PREFIX}-{code[:4]}-{code[4:]}"


def find_folio(text: str) -> str | None:
    """The first folio in a text in its exact form, however it was typed; None if there is none.

    Example:
        >>> find_folio("mi folio es rv 7k3m-9qxt")
        'RV-7K3M-9QXT'
    """
    return next((folio for folio, _, _ in folios(text)), None)


def folios(text: str) -> Iterator[tuple[str, int, int]]:
    """All folios of a text in their exact form, each with where it starts and ends in the text."""
    for match in _FOLIO.finditer(text):
        code = [part.upper().translate(_MISTAKEN) for part in match.groups()]
        yield f"{PREFIX}-{code[0]}-{code[1]}", *match.span()
