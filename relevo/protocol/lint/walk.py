"""All texts of a protocol, with the place and the reader of each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel

from relevo.protocol.parts.base import LANGUAGES, Language, Text, Wordings
from relevo.protocol.parts.channels import EMAIL, ChannelName
from relevo.protocol.parts.complaints import Amends, Examples
from relevo.protocol.parts.words import Words
from relevo.protocol.problems import At
from relevo.protocol.required import BY_EMAIL_ONLY, NOT_BY_EMAIL
from relevo.protocol.schema import Protocol

ASSISTANT_CHANNELS: tuple[ChannelName, ...] = ("webchat", "whatsapp")
"""Where the assistant says words and answers."""
_CUSTOMERS_READ_PARTS = ("words", "topics", "notices")
_CUSTOMERS_READ = (
    *("greeting", "closing", "script", "words", "phrases", "apology", "remedy", "example"),
    *("messaging", "letters"),
)


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
    return texts_within(protocol, ())


def texts_of(part: Text | Wordings, at: At) -> Iterator[Said]:
    """The texts of one entry."""
    for language in LANGUAGES:
        said = part.in_language(language)
        if isinstance(said, str):
            yield Said((*at, language), language, said)
        else:
            yield from (Said((*at, language, i), language, text) for i, text in enumerate(said))


def texts_within(value: Any, at: At) -> Iterator[Said]:
    """All texts of a part of a protocol, however deep, but for examples of what customers write."""
    if isinstance(value, Text | Wordings):
        yield from texts_of(value, at)
        if isinstance(value, Words):
            yield from texts_within(value.channels, (*at, "channels"))
    elif isinstance(value, BaseModel) and not isinstance(value, Examples):
        for field in value.__fields__.values():
            yield from texts_within(getattr(value, field.name), (*at, field.alias))
    elif isinstance(value, dict):
        for name, entry in value.items():
            yield from texts_within(entry, (*at, name))
    elif isinstance(value, list):
        for i, entry in enumerate(value):
            yield from texts_within(entry, (*at, i))


def said_on_channels(protocol: Protocol) -> Iterator[tuple[Said, Sequence[ChannelName]]]:
    """Every text that customers get by itself, with the channels on which they get it."""
    yield from _said_by_the_assistant(protocol)
    yield from _said_in_topics(protocol)
    for channel, rules in protocol.channels.items():
        yield from _on([channel], rules.greeting, ("channels", channel, "greeting"))
        yield from _on([channel], rules.closing, ("channels", channel, "closing"))
        for name in ("messaging", "letters"):
            for said in texts_within(getattr(rules, name), ("channels", channel, name)):
                yield said, [channel]


def _on(
    channels: Sequence[ChannelName], part: Text | Wordings, at: At
) -> Iterator[tuple[Said, Sequence[ChannelName]]]:
    return ((said, channels) for said in texts_of(part, at))


def said_by_email_too(protocol: Protocol) -> Iterator[Said]:
    """What the assistant says by e-mail, if the protocol has letters, as nothing else is written for that."""
    rules = protocol.channels.get(EMAIL)
    if rules is None or rules.letters is None:
        return
    for name, words in protocol.words.items():
        if EMAIL not in words.channels and name not in (*NOT_BY_EMAIL, *BY_EMAIL_ONLY):
            yield from texts_of(words, ("words", name))
    for name, topic in protocol.topics.items():
        if topic.answers and EMAIL not in topic.channels:
            yield from texts_of(topic.answers, ("topics", name, "answers"))
    for name, cause in protocol.complaints.causes.items():
        if EMAIL not in cause.channels:
            yield from _amends(cause, ("complaints", "causes", name))
    for name, notice in protocol.notices.items():
        if EMAIL in notice.channels and notice.audience != "staff":
            yield from texts_of(notice.text, ("notices", name, "text"))
            yield from texts_of(notice.short, ("notices", name, "short"))


def _said_by_the_assistant(protocol: Protocol) -> Iterator[tuple[Said, Sequence[ChannelName]]]:
    for name, words in protocol.words.items():
        others = [EMAIL] if name in BY_EMAIL_ONLY else _without(words.channels)
        yield from _on(others, words, ("words", name))
        for channel, wordings in words.channels.items():
            yield from _on([channel], wordings, ("words", name, "channels", channel))
    for name, cause in protocol.complaints.causes.items():
        at: At = ("complaints", "causes", name)
        yield from ((said, _without(cause.channels)) for said in _amends(cause, at))
        for channel, amends in cause.channels.items():
            yield from ((said, [channel]) for said in _amends(amends, (*at, "channels", channel)))
    for name, notice in protocol.notices.items():
        told = [channel for channel in ASSISTANT_CHANNELS if channel in notice.channels]
        if notice.audience != "staff":
            yield from _on(told, notice.text, ("notices", name, "text"))
            yield from _on(told, notice.short, ("notices", name, "short"))


def _said_in_topics(protocol: Protocol) -> Iterator[tuple[Said, Sequence[ChannelName]]]:
    for name, topic in protocol.topics.items():
        at: At = ("topics", name)
        if topic.answers:
            yield from _on(_without(topic.channels), topic.answers, (*at, "answers"))
        for channel, answers in topic.channels.items():
            yield from _on([channel], answers, (*at, "channels", channel))


def _amends(amends: Amends, at: At) -> Iterator[Said]:
    yield from texts_of(amends.apology, (*at, "apology"))
    yield from texts_of(amends.remedy, (*at, "remedy"))


def _without(others: Collection[ChannelName]) -> list[ChannelName]:
    """The assistant's channels but for those that have other words."""
    return [channel for channel in ASSISTANT_CHANNELS if channel not in others]
