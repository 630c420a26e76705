"""Which of their rights customers call upon, as they say it: "que borren mis datos", "a copy of my data"."""

from __future__ import annotations

from relevo.nlu.text import words
from relevo.protocol.parts.privacy import RightName, Rights


def find_rights(text: str, rights: Rights) -> tuple[RightName, ...]:
    """The rights whose phrases stand in a text, in the order of the law; several may be asked for at once."""
    said = f" {' '.join(words(text))} "
    return tuple(
        name
        for name, right in rights.by_name().items()
        if any(f" {' '.join(words(phrase))} " in said for phrase in right.says.all)
    )
