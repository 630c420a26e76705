"""What a messenger asks of a channel: kinds of messages that can't be read, consent, and its templates."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, validator

from relevo.protocol.parts.base import LANGUAGES, Name, Part, Text

NoteKind = Literal["voice", "picture", "file", "place", "other"]
"""Kinds of messages that the assistant can't read."""
MAX_BUTTON_CHARACTERS = 20
"""Cloud API: what the button of a list may have."""
MAX_ROW_CHARACTERS = 24
"""Cloud API: what a row's title may have."""


_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")


class NoteAnswers(Part):
    """What the assistant answers to a message that it can't read, by kind."""

    voice: Text
    picture: Text
    file: Text
    place: Text
    other: Text

    def to(self, kind: NoteKind) -> Text:
        text: Text = getattr(self, kind)
        return text


class Consent(Part):
    """Words by which a customer gives or withdraws the consent to be written to."""

    words: list[str] = Field(min_items=1)
    """Each is obeyed when it is the whole message."""
    confirmation: Text
    """Said once."""

    @validator("words", each_item=True)
    def _says_something(cls, word: str) -> str:
        if not any(character.isalnum() for character in word):
            raise ValueError("a word needs letters; write what customers send, such as STOP")
        return word


class TemplateLanguages(Part):
    """In which language of Meta's each of ours is approved."""

    en: str
    es: str

    @validator("en", "es")
    def _is_code(cls, code: str) -> str:
        if not _LANGUAGE_CODE.fullmatch(code):
            raise ValueError("this is no language of Meta's; write it like es_MX, en_US or es")
        return code


class Template(Part):
    """A message that Meta has approved, for customers to whom nothing else may be sent."""

    name: Name
    languages: TemplateLanguages
    text: Text
    """As it was approved; it has no parameters."""

    def code_of(self, language: str) -> str:
        """The code under which Meta has it."""
        return str(getattr(self.languages, language))


class Messaging(Part):
    """A channel's rules as a messenger."""

    answers: NoteAnswers
    list_button: Text
    """Opens a list of options."""
    more_options: Text
    """The row that leads to further options."""
    opt_out: Consent
    opt_in: Consent
    template: Template | None = None
    """For what must be said outside of the messenger's window; without one it becomes a task at the desk."""

    @validator("list_button", "more_options")
    def _fits(cls, text: Text, field: object) -> Text:
        limit = MAX_BUTTON_CHARACTERS if getattr(field, "name", "") == "list_button" else MAX_ROW_CHARACTERS
        for language in LANGUAGES:
            if len(text.in_language(language)) > limit:
                raise ValueError(
                    f"the title in {language} has {len(text.in_language(language))} characters; "
                    f"write at most {limit}"
                )
        return text
