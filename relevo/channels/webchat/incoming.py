"""What a browser may send: parsed at the border, trusted inside."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from pydantic import BaseModel, Extra, Field, conint, validator

from relevo.follow_ups.zones import TIME_ZONE, zone_named
from relevo.protocol import Language
from relevo.store.out_stream import parse_position

MAX_BODY_BYTES = 32_768
MAX_TEXT_CHARACTERS = 4_000
MAX_COMMENT_CHARACTERS = 1_000
MAX_ZONE_CHARACTERS = 64
MAX_NAME_CHARACTERS = 600
"""Percent-encoded, a character may take twelve."""
MESSAGE_ID = r"^[A-Za-z0-9-]{8,64}\Z"
_KEPT = "\n\t\u200d\ufe0f"
"""Line breaks, tabulators and what joins emoji, although they count as hidden."""
_HIDDEN = ("Cc", "Cf", "Cs", "Co")
_NONCHARACTERS = range(0xFDD0, 0xFDF0)
_PAYLOAD = re.compile(r"/[a-z_]{1,60}")
_COMMAND = re.compile(r"^[\s/]+")
"""What Rasa would read as the beginning of a command: it strips a text before it looks for the slash."""


class Refused(Exception):
    """A request that can't be taken; `problem` names its text in the locale files."""

    def __init__(self, status: int, problem: str, *, retry_seconds: int = 0) -> None:
        """`retry_seconds`: after how long the same may be tried again; 0 if nobody can say."""
        super().__init__(problem)
        self.status = status
        self.problem = problem
        self.retry_seconds = retry_seconds


class NewConversation(BaseModel):
    """The body of a request for a conversation."""

    language: Language = "es"

    class Config:
        extra = Extra.forbid


class NewMessage(BaseModel):
    """The body of a message."""

    id: str = Field(regex=MESSAGE_ID)
    text: str
    payload: str | None = None
    language: Language = "es"
    time_zone: str = Field(default="", max_length=MAX_ZONE_CHARACTERS)
    """The browser's, by its IANA name; empty if it is none that we know."""

    class Config:
        extra = Extra.forbid

    @validator("time_zone")
    def _known(cls, name: str) -> str:
        zone = zone_named(name)
        return zone.key if zone else ""

    @validator("text")
    def _clean(cls, text: str) -> str:
        return clean(text)

    @property
    def metadata(self) -> dict[str, str]:
        """What is kept of the message besides its words: a button's title, the browser's time zone."""
        told = {"title": self.text if self.payload else "", TIME_ZONE: self.time_zone}
        return {name: value for name, value in told.items() if value}

    def words_for_bot(self, topics: set[str]) -> str:
        """What Rasa is given: the topic of a pressed button, or the typed text.

        Raises:
            Refused: the button's topic is unknown, or no text is left.
        """
        if self.payload is None:
            typed = typed_words(self.text)
            if not typed:
                raise Refused(400, "empty")
            return typed
        if not _PAYLOAD.fullmatch(self.payload) or self.payload[1:] not in topics:
            raise Refused(400, "malformed")
        return self.payload


class ReadUpTo(BaseModel):
    """The body of a receipt: the customer has seen all up to a position of the stream."""

    position: str

    class Config:
        extra = Extra.forbid

    @validator("position")
    def _known(cls, position: str) -> str:
        parsed = parse_position(position)
        if parsed is None:
            raise ValueError("not a position")
        return parsed


class Rating(BaseModel):
    """The body of a rating: 1 to 5, 5 is best, and perhaps words."""

    score: conint(strict=True, ge=1, le=5)  # type: ignore[valid-type]
    comment: str = ""

    class Config:
        extra = Extra.forbid

    @validator("comment")
    def _clean(cls, comment: str) -> str:
        return clean(comment)[:MAX_COMMENT_CHARACTERS]


class NewAttachment(BaseModel):
    """What the headers of a file say of it."""

    client_id: str = Field(regex=MESSAGE_ID)
    name: str = ""
    language: Language = "es"

    @validator("name")
    def _decoded(cls, name: str) -> str:
        return clean(unquote(name[:MAX_NAME_CHARACTERS], errors="replace"))

    @classmethod
    def of(cls, headers: Mapping[str, str], language: Language) -> NewAttachment:
        """The file of a request.

        Raises:
            Refused: its id is missing or is none.
        """
        try:
            named = headers.get("X-File-Name", "")
            return cls(client_id=headers.get("X-Client-Id", ""), name=named, language=language)
        except ValueError as error:
            raise Refused(400, "malformed") from error


def typed_words(text: str) -> str:
    """What is left of a typed text for Rasa: cleaned, and no slash at its beginning, which would command."""
    return _COMMAND.sub("", clean(text))


def clean(text: str) -> str:
    """A text without control characters, surrogates and outer space, in composed form.

    Right-to-left overrides and other format characters go too, but not those that join emoji.
    """
    visible = "".join(c for c in text if is_visible(c))
    return unicodedata.normalize("NFC", visible).strip()


def is_visible(character: str) -> bool:
    """Whether a character is part of what people see: line breaks are, and what joins emoji."""
    if character in _KEPT:
        return True
    return unicodedata.category(character) not in _HIDDEN and not _is_noncharacter(character)


def _is_noncharacter(character: str) -> bool:
    """Unassigned for ever; what is unassigned in this Python's table may be an emoji of a newer one."""
    code = ord(character)
    return code & 0xFFFE == 0xFFFE or code in _NONCHARACTERS  # noqa: PLR2004


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
    except (ValueError, TypeError, RecursionError) as error:  # ValueError: also a number of 5,000 digits
        raise Refused(400, "malformed") from error
    text = getattr(parsed, "text", None)
    if text == "":
        raise Refused(400, "empty")
    if text is not None and len(text) > MAX_TEXT_CHARACTERS:
        raise Refused(413, "too_large")
    return parsed
