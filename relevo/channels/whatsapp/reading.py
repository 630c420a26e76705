"""What a customer's message says to the bot, or what it is if it says nothing that the bot can understand."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field

from relevo.channels.webchat.incoming import clean, typed_words
from relevo.channels.whatsapp.webhook import NOT_AS_DOCUMENTED, Loose, Message
from relevo.protocol.parts.messaging import NoteKind
from relevo.protocol.schema import LANGUAGES, Language

MAX_CHARACTERS = 4_096
MAX_NAME_CHARACTERS = 100
MORE = "more"
"""Id of the row that leads to further options of a list."""
SILENT: Literal["silent"] = "silent"
"""A note to which nothing is said: a reaction, or news of the customer's account."""
_DESCRIPTIONS = {
    language: yaml.safe_load((Path(__file__).parent / "locales" / f"{language}.yml").read_text("utf-8"))
    for language in LANGUAGES
}


@dataclass(frozen=True)
class Reading:
    """A message as the bot and people get it.

    Attributes:
        text: the words for the bot; of a note, what people read in the transcript.
        note: what kind of message it is if the bot can't understand it.
        metadata: what goes along: `title` of a pressed button, `about` a picture that has words with it,
            `media` by which it can be fetched.
        is_typed: whether the customer typed the text.
        wants_more: whether further options of a list are asked for.
    """

    text: str = field(repr=False)
    note: NoteKind | Literal["silent"] | None = None
    metadata: dict[str, Any] = field(default_factory=dict, repr=False)
    is_typed: bool = False
    wants_more: bool = False

    @property
    def shown(self) -> str:
        """What people read: the title of a pressed button, else the text."""
        return self.metadata.get("title") or self.text


class _Text(Loose):
    body: str


class _Media(Loose):
    id: str = Field(max_length=256)
    mime_type: str = Field(default="", max_length=256)
    sha256: str = Field(default="", max_length=128)
    caption: str = ""
    filename: str = ""


class _Location(Loose):
    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


class _Reply(Loose):
    id: str
    title: str


class _Interactive(Loose):
    button_reply: _Reply | None = None
    list_reply: _Reply | None = None


class _Button(Loose):
    payload: str = ""
    text: str


class _Reaction(Loose):
    emoji: str = Field(default="", max_length=64)


class _Name(Loose):
    formatted_name: str = ""


class _Phone(Loose):
    phone: str = ""


class _ContactCard(Loose):
    name: _Name = _Name()
    phones: list[_Phone] = Field(default_factory=list)


class _System(Loose):
    body: str = ""


class Reader:
    """Reads messages, in the language that their customer is expected to speak."""

    def __init__(self, topics: Collection[str]) -> None:
        """`topics`: what a pressed button may lead to."""
        self._topics = topics

    def read(self, message: Message, language: Language) -> Reading:
        """What a message says; of a type that is new or not as documented, that it is something else."""
        read = _READERS.get(message.type)
        try:
            reading = read(self, message, language) if read else None
        except NOT_AS_DOCUMENTED:
            reading = None
        return reading or _note("other", language, "other")

    def _text(self, message: Message, language: Language) -> Reading | None:
        return _typed(_Text.parse_obj(message.content).body)

    def _media(self, message: Message, language: Language) -> Reading | None:
        media = _Media.parse_obj(message.content)
        filename = clean(media.filename)[:MAX_NAME_CHARACTERS]
        about = _describe(language, message.type, file=filename)
        kept = {"id": media.id, "type": message.type, "mime_type": media.mime_type, "name": filename}
        kept["sha256"] = media.sha256
        if typed := _typed(media.caption):
            return Reading(typed.text, metadata={"about": about, "media": kept}, is_typed=True)
        return Reading(about, _KINDS[message.type], {"media": kept})

    def _place(self, message: Message, language: Language) -> Reading:
        place = _Location.parse_obj(message.content)
        named = clean(", ".join(filter(None, (place.name, place.address))))[:300]
        where = f"{place.latitude:.5f}, {place.longitude:.5f}"
        return _note("place", language, "location", place=f"{named} ({where})" if named else where)

    def _interactive(self, message: Message, language: Language) -> Reading | None:
        pressed = _Interactive.parse_obj(message.content)
        reply = pressed.button_reply or pressed.list_reply
        return self._pressed(reply.id, reply.title) if reply else None

    def _button(self, message: Message, language: Language) -> Reading | None:
        button = _Button.parse_obj(message.content)
        return self._pressed(button.payload, button.text)

    def _pressed(self, payload: str, title: str) -> Reading | None:
        """A pressed button means its topic; one whose topic is gone means what stands on it."""
        if payload == MORE:
            return Reading(title, SILENT, wants_more=True)
        if payload.removeprefix("/") in self._topics and payload.startswith("/"):
            return Reading(payload, metadata={"title": clean(title)[:MAX_CHARACTERS]})
        return _typed(title)

    def _reaction(self, message: Message, language: Language) -> Reading:
        emoji = clean(_Reaction.parse_obj(message.content).emoji)
        return _note(SILENT, language, "reaction" if emoji else "reaction_removed", emoji=emoji)

    def _contacts(self, message: Message, language: Language) -> Reading:
        cards = [_ContactCard.parse_obj(card) for card in message.content or []][:10]
        told = [" ".join([card.name.formatted_name, *(each.phone for each in card.phones)]) for card in cards]
        return _note("other", language, "contacts", contacts=clean("; ".join(told))[:500])

    def _order(self, message: Message, language: Language) -> Reading:
        items = message.content.get("product_items") if isinstance(message.content, dict) else None
        return _note("other", language, "order", count=len(items) if isinstance(items, list) else 0)

    def _system(self, message: Message, language: Language) -> Reading:
        return _note(SILENT, language, "system", told=clean(_System.parse_obj(message.content).body)[:300])


_KINDS: dict[str, NoteKind] = {
    "image": "picture",
    "video": "picture",
    "sticker": "picture",
    "audio": "voice",
    "document": "file",
}
_READERS: dict[str, Callable[[Reader, Message, Language], Reading | None]] = {
    "text": Reader._text,
    **dict.fromkeys(_KINDS, Reader._media),
    "location": Reader._place,
    "interactive": Reader._interactive,
    "button": Reader._button,
    "reaction": Reader._reaction,
    "contacts": Reader._contacts,
    "order": Reader._order,
    "system": Reader._system,
}


def _typed(text: str) -> Reading | None:
    words = typed_words(text[:MAX_CHARACTERS])
    return Reading(words, is_typed=True) if words else None


def _note(kind: NoteKind | Literal["silent"], language: Language, name: str, **values: Any) -> Reading:
    return Reading(_describe(language, name, **values), kind)


def _describe(language: Language, name: str, **values: Any) -> str:
    described: str = _DESCRIPTIONS[language][name].format(**values)
    return described.strip()
