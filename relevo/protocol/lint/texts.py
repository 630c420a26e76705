"""Rules on what is said: length, terms, first and last words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from relevo.protocol.lint.walk import Said, all_texts, said_on_channels, texts_of, texts_within
from relevo.protocol.parts.base import LANGUAGES, placeholders
from relevo.protocol.parts.channels import ChannelName
from relevo.protocol.problems import At, Finding, did_you_mean
from relevo.protocol.required import REQUIRED_WORDS
from relevo.protocol.schema import Protocol

_ACCENTS = dict.fromkeys(code for code in range(0x300, 0x370) if chr(code) != "\u0303")
"""Marks above and below letters; the tilde stays."""
_BRACES = re.compile(r"\{[^{}]*\}")


def text_is_too_long(protocol: Protocol) -> Iterator[Finding]:
    """A text has more characters than its channel sends in one piece."""
    for said, channels in said_on_channels(protocol):
        yield from _too_long(protocol, said, channels)


def _too_long(protocol: Protocol, said: Said, channels: Sequence[ChannelName]) -> Iterator[Finding]:
    limits = [
        (rules.max_characters, name)
        for name, rules in protocol.channels.items()
        if name in channels and rules.max_characters
    ]
    if not limits:
        return
    limit, channel = min(limits)
    if len(said.text) > limit:
        message = f"the text has {len(said.text)} characters, and {channel} sends {limit} at most"
        or_else = f", or write a shorter one for {channel}" if said.at[0] == "topics" else ""
        yield Finding(said.at, message, f"shorten it{or_else}")


def term_is_forbidden(protocol: Protocol) -> Iterator[Finding]:
    """A text holds a term that the ground rules forbid. What never to do may name it."""
    rules = protocol.ground_rules.forbidden_terms
    instead = {(rule.language, _fold(rule.term)): rule for rule in rules}
    patterns = {
        language: re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, terms))})(?!\w)")
        for language in LANGUAGES
        if (terms := sorted((term for spoken, term in instead if spoken == language), key=len, reverse=True))
    }
    for said in all_texts(protocol):
        if said.at[:2] == ("service", "donts") or said.language not in patterns:
            continue
        for found in patterns[said.language].finditer(_fold(said.text)):
            rule = instead[said.language, found[0]]
            yield Finding(
                said.at,
                f'the text holds the forbidden term "{rule.term}"',
                f"say instead: {rule.instead}",
                "error" if said.is_for_customers else "warning",
            )


def _fold(text: str) -> str:
    """Small letters without accents, single spaces, straight apostrophes; ñ is a letter of its own."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("’", "'"))
    return " ".join(decomposed.translate(_ACCENTS).split())


def greeting_names_nobody(protocol: Protocol) -> Iterator[Finding]:
    """A greeting tells neither the company nor the assistant."""
    names = [protocol.company.name.casefold(), protocol.company.assistant.casefold()]
    for channel, rules in protocol.channels.items():
        for said in texts_of(rules.greeting, ("channels", channel, "greeting")):
            if not any(name in said.text.casefold() for name in names):
                message = "the greeting does not say who speaks"
                yield Finding(said.at, message, "name the company or the assistant", "warning")


def closing_asks_nothing(protocol: Protocol) -> Iterator[Finding]:
    """A closing does not ask whether everything is answered."""
    for channel, rules in protocol.channels.items():
        for said in texts_of(rules.closing, ("channels", channel, "closing")):
            if "?" not in said.text:
                message = "the closing does not ask whether everything is answered"
                yield Finding(said.at, message, "add a question", "warning")


def braces_are_not_filled(protocol: Protocol) -> Iterator[Finding]:
    """Braces stand where nothing is filled in; people would read them."""
    for said in all_texts(protocol):
        is_filled = said.at[0] == "words" or "letters" in said.at
        if not is_filled and (found := _BRACES.search(said.text)):
            message = f"nothing fills in {found[0]} here"
            yield Finding(said.at, message, "write it out; only words.yml and letters are filled in")


def wording_lacks_a_placeholder(protocol: Protocol) -> Iterator[Finding]:
    """One of several wordings does not tell what the others do."""
    for name, words in protocol.words.items():
        used = {language: placeholders(words.in_language(language)) for language in LANGUAGES}
        for said in texts_within(words, ("words", name)):
            if missing := used[said.language] - placeholders([said.text]):
                listed = ", ".join(f"{{{placeholder}}}" for placeholder in sorted(missing))
                message = f"the other wordings hold {listed}, and this one does not"
                yield Finding(said.at, message, "some customers would not be told; add it", "warning")


def words_are_never_said(protocol: Protocol) -> Iterator[Finding]:
    """Words that neither the product says nor the plan."""
    triggers, follow_ups = protocol.contingency.triggers, protocol.contingency.follow_ups
    notes = (follow_ups.retry_note, follow_ups.final_note) if follow_ups else ()
    named = [*notes, *(name for t in triggers for name in (t.words, t.acknowledgement))]
    said = {*REQUIRED_WORDS, *filter(None, named)}
    missing = said - set(protocol.words)
    for name in protocol.words:
        if name not in said:
            advice = did_you_mean(name, missing, "take them out, or name them in a trigger")
            yield Finding(("words", name), "nothing says these words", advice, "warning")


def quick_reply_leads_nowhere_new(protocol: Protocol) -> Iterator[Finding]:
    """A button leads to where the customer is, or stands twice."""
    for name, topic in protocol.topics.items():
        for i, reply in enumerate(topic.quick_replies):
            at: At = ("topics", name, "quick_replies", i)
            if reply == name:
                message = "this button leads to the answer that it stands under"
                yield Finding(at, message, "choose another topic", "warning")
            elif reply in topic.quick_replies[:i]:
                yield Finding(at, "this button stands here twice", "take one out", "warning")
