"""What all parts of a protocol share: texts in every language, names, and strictness."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConstrainedStr, Extra, Field, root_validator, validator

Language = Literal["en", "es"]
LANGUAGES: tuple[Language, ...] = ("en", "es")


NAME_PATTERN = r"^[a-z][a-z0-9_]{0,59}\Z"

if TYPE_CHECKING:
    Name = str
else:

    class Name(ConstrainedStr):
        """A name by which parts refer to each other: small letters, digits and underscores."""

        regex = NAME_PATTERN


class PlacedError(ValueError):
    """Something wrong at a place inside of the value that is checked."""

    def __init__(self, message: str, *place: str | int) -> None:
        super().__init__(message)
        self.place = place


class Part(BaseModel):
    """Base of all parts: unknown keys are an error, values don't change after loading."""

    class Config:
        extra = Extra.forbid
        allow_mutation = False
        anystr_strip_whitespace = True


class Text(Part):
    """One text in every language."""

    en: str = Field(min_length=1)
    es: str = Field(min_length=1)

    def in_language(self, language: Language) -> str:
        return str(getattr(self, language))


class Wordings(Part):
    """Several wordings of one message in every language; the bot varies between them."""

    en: list[str] = Field(min_items=1)
    es: list[str] = Field(min_items=1)

    @validator("en", "es", each_item=True)
    def _says_something(cls, text: str) -> str:
        if not text:
            raise ValueError("the text is empty; write it, or delete the line")
        placeholders([text])
        return text

    @root_validator(skip_on_failure=True)
    def _placeholders_are_alike(cls, values: dict[str, list[str]]) -> dict[str, list[str]]:
        """What one language fills in, the other one must: else a text fails only when it is needed."""
        english, spanish = (placeholders(values[language]) for language in LANGUAGES)
        if english != spanish:
            differing = ", ".join(f"{{{name}}}" for name in sorted(english ^ spanish))
            raise ValueError(f"in one language only: {differing}; use the same names in braces in both")
        return values

    def in_language(self, language: Language) -> list[str]:
        return list(getattr(self, language))


def placeholders(texts: list[str]) -> set[str]:
    """The names in braces.

    Raises:
        ValueError: a brace is not closed, or holds no name.
    """
    try:
        fields = [field for text in texts for field in Formatter().parse(text)]
    except ValueError as error:
        raise ValueError("a brace stands alone; write names like {folio}, with both braces") from error
    names: set[str] = set()
    for _, name, layout, conversion in fields:
        # A layout ({folio:>9}) or a conversion ({folio!r}) would fail or surprise when the text is said.
        if name is not None and (layout or conversion or not name.isidentifier()):
            raise ValueError("braces hold something else than a name; write them like {folio}")
        names |= {name} if name else set()
    return names


def holds_some(*fields: str) -> Any:
    """A validator by which some mappings must not be empty; pydantic's `min_items` is for lists alone."""

    def check(cls: type[Part], value: dict[str, Any]) -> dict[str, Any]:
        if not value:
            raise ValueError("nothing stands here; add at least one entry")
        return value

    return validator(*fields, allow_reuse=True)(check)


def exactly_one(values: dict[str, Any], names: tuple[str, ...]) -> None:
    """Raises ValueError unless exactly one of some optional values is given."""
    given = [name for name in names if values.get(name) not in (None, [])]
    if len(given) != 1:
        # Python keeps some words for itself: its `not_` is written `not`.
        found, known = ([name.rstrip("_") for name in group] for group in (given, names))
        several = f"these stand together: {', '.join(found)}" if found else "nothing is given"
        raise ValueError(f"{several}; give exactly one of {', '.join(known)}")
