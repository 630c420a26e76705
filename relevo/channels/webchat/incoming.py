"""What a browser may send: parsed at the border, trusted inside."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from pydantic import BaseModel, Extra, Field, ValidationError, validator

from relevo.protocol import Language

MAX_BODY_BYTES = 32_768
MAX_TEXT_CHARACTERS = 4_000
_KEPT_CONTROLS = "\n\t"
_PAYLOAD = re.compile(r"^/[a-z_]{1,60}$")


class Refused(Exception):
    """A request that can't be taken; `problem` names its text in the locale files."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem


class NewConversation(BaseModel):
    """The body of a request for a conversation."""

    language: Language = "es"

    class Config:
        extra = Extra.forbid


class NewMessage(BaseModel):
    """The body of a message."""

    id: str = Field(regex=r"^[A-Za-z0-9-]{8,64}$")
    text: str
    payload: str | None = None
    language: Language = "es"

    class Config:
        extra = Extra.forbid

    @validator("text")
    def _clean(cls, text: str) -> str:
        return clean(text)

    def words_for_bot(self, topics: set[str]) -> str:
        """What Rasa is given: the topic of a pressed button, or the typed text.

        A typed slash would be read as Rasa's own command form, so it is taken off.

        Raises:
            Refused: the button's topic is unknown, or no text is left.
        """
        if self.payload is None:
            typed = self.text.lstrip("/ \n\t")
            if not typed:
                raise Refused(400, "empty")
            return typed
        if not _PAYLOAD.match(self.payload) or self.payload[1:] not in topics:
            raise Refused(400, "malformed")
        return self.payload


def clean(text: str) -> str:
    """A text without control characters, surrogates and outer space, in composed form.

    Right-to-left overrides and other format characters go too, but not those that join emoji.
    """
    normal = unicodedata.normalize("NFC", text)
    return "".join(c for c in normal if c in _KEPT_CONTROLS or _is_visible(c)).strip()


def _is_visible(character: str) -> bool:
    joins_emoji = character in "\u200d\ufe0f"
    return joins_emoji or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def parse(body: bytes, model: type[BaseModel]) -> Any:
    """The body as a `model`.

    Raises:
        Refused: too large, not JSON, of another shape, or a text that is empty or too long.
    """
    if len(body) > MAX_BODY_BYTES:
        raise Refused(413, "too_large")
    try:
        record = json.loads(body.decode("utf-8"))
        parsed = model(**record)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, TypeError, ValidationError) as error:
        raise Refused(400, "malformed") from error
    text = getattr(parsed, "text", None)
    if text == "":
        raise Refused(400, "empty")
    if text is not None and len(text) > MAX_TEXT_CHARACTERS:
        raise Refused(413, "too_large")
    return parsed
