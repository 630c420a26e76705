"""Which of their rights customers call upon, as they say it: "que borren mis datos", "a copy of my data"."""

from __future__ import annotations

from babel.lists import format_list

from relevo.nlu.text import words
from relevo.protocol.parts.base import Language
from relevo.protocol.parts.privacy import RightName, Rights


def find_rights(text: str, rights: Rights) -> tuple[RightName, ...]:
    """The rights whose phrases stand in a text, in the order of the law; several may be asked for at once."""
    said = f" {' '.join(words(text))} "
    return tuple(
        name
        for name, right in rights.by_name().items()
        if any(f" {' '.join(words(phrase))} " in said for phrase in right.says.all)
    )


def title_of(names: str, rights: Rights, language: Language) -> str:
    """What a customer wants, in words: "see your data and have your data deleted".

    Args:
        names: of rights, with spaces between them; what is no right is left out.
    """
    known = rights.by_name()
    titles = [right.title.in_language(language) for name, right in known.items() if name in names.split()]
    return str(format_list(titles, locale=language)) if titles else ""
