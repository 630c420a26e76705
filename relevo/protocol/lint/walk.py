"""All texts of a protocol, with the place and the reader of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel

from relevo.protocol.parts.base import LANGUAGES, Language, Text, Wordings
from relevo.protocol.parts.complaints import Examples
from relevo.protocol.problems import At
from relevo.protocol.schema import Protocol

_CUSTOMERS_READ_PARTS = ("words", "topics", "notices")
_CUSTOMERS_READ = ("greeting", "closing", "script", "words", "phrases", "apology", "remedy", "example")


class Said(NamedTuple):
    """One text in one language."""

    at: At
    language: Language
    text: str

    @property
    def is_for_customers(self) -> bool:
        """Whether customers read or hear it, rather than staff alone."""
        return self.at[0] in _CUSTOMERS_READ_PARTS or any(step in _CUSTOMERS_READ for step in self.at)


def all_texts(protocol: Protocol) -> Iterator[Said]:
    """Every text that the company wrote; not the examples of what customers write."""
    return _texts(protocol, ())


def texts_of(part: Text | Wordings, at: At) -> Iterator[Said]:
    """The texts of one entry."""
    for language in LANGUAGES:
        said = part.in_language(language)
        if isinstance(said, str):
            yield Said((*at, language), language, said)
        else:
            yield from (Said((*at, language, i), language, text) for i, text in enumerate(said))


def _texts(value: Any, at: At) -> Iterator[Said]:
    if isinstance(value, Text | Wordings):
        yield from texts_of(value, at)
    elif isinstance(value, BaseModel) and not isinstance(value, Examples):
        for field in value.__fields__.values():
            yield from _texts(getattr(value, field.name), (*at, field.alias))
    elif isinstance(value, dict):
        for name, entry in value.items():
            yield from _texts(entry, (*at, name))
    elif isinstance(value, list):
        for i, entry in enumerate(value):
            yield from _texts(entry, (*at, i))
