"""The words by which a message shows that it leans on what was said before, of all languages together.

Customers mix languages, and no word of one means anything else in the other here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from relevo.protocol import LANGUAGES

LOCALES = Path(__file__).with_name("locales")


@dataclass(frozen=True)
class Vocabulary:
    """Folded words; what each set holds is written in `locales/`.

    Attributes:
        openings: as lists of words, the longest first.
    """

    openings: list[list[str]]
    conditions: frozenset[str]
    prepositions: frozenset[str]
    wishes: frozenset[str]
    days: frozenset[str]
    articles: frozenset[str]
    questions: frozenset[str]
    empty: frozenset[str]
    fillers: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """The words as the locale files have them."""
    files = [(LOCALES / f"{language}.yml").read_text(encoding="utf-8") for language in LANGUAGES]
    sets = [field.name for field in fields(Vocabulary) if field.name != "openings"]
    locales: list[dict[str, Any]] = [yaml.safe_load(text) for text in files]
    openings = [opening.split() for locale in locales for opening in locale["openings"]]
    return Vocabulary(
        openings=sorted(openings, key=len, reverse=True),
        **{name: frozenset(word for locale in locales for word in locale[name].split()) for name in sets},
    )
