"""Why the contingency plan handed a case over, in words of the desk's language.

A case keeps data: conditions, messages and values. The conditions are told as in the protocol's document, so
that whoever reads the case and whoever reads the plan read the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from relevo.desk.locale import Locale
from relevo.desk.titles import Titles
from relevo.protocol.explanation import Explanation, Reason
from relevo.protocol.parts.contingency import When
from relevo.protocol.render.conditions import describe
from relevo.protocol.render.voice import Voice
from relevo.protocol.schema import Protocol


@dataclass(frozen=True)
class Because:
    """One condition that held: as a sentence, with what was found, and on which messages."""

    text: str
    found: str
    messages: str


def because(explained: str, protocol: Protocol, locale: Locale, now: float) -> list[Because]:
    """Why a trigger fired; empty where none did, and for what another version has explained.

    Args:
        explained: as a case keeps it.
    """
    explanation = Explanation.from_json(explained)
    if explanation is None:
        return []
    voice = Voice(protocol, locale.language, protocol.company.hours.local(now).date())
    told = [_told(reason, voice, locale) for reason in explanation.reasons]
    return [reason for reason in told if reason]


def _told(reason: Reason, voice: Voice, locale: Locale) -> Because | None:
    try:
        sentence = describe(When(**reason.when), voice, holds=reason.holds)
    except ValidationError:
        return None
    found = _found(reason.found, Titles(voice.protocol, locale), locale) if reason.holds else ""
    return Because(sentence[:1].upper() + sentence[1:], found, _messages(reason, voice.protocol, locale))


def _messages(reason: Reason, protocol: Protocol, locale: Locale) -> str:
    local = protocol.company.hours.local
    times = [locale.clock(local(message.at)) for message in reason.messages if message.at]
    form = "one" if len(times) == 1 else "other"
    return locale.text(f"because.messages.{form}", times=", ".join(times)) if times else ""


def _found(values: Mapping[str, Any], titles: Titles, locale: Locale) -> str:
    """The values that decided, where the sentence doesn't tell them."""
    match values:
        case {"confidence": float() | int() as confidence} if confidence:
            return locale.text("because.confidence", percent=round(confidence * 100))
        case {"tones": [*tones]}:
            return " → ".join(titles.tone(str(tone)) for tone in tones)
        case {"topic": str() as topic, "times": int() as times}:
            return locale.text("because.topic", topic=titles.topic(topic), times=times)
        case {"amounts": [*amounts]}:
            return ", ".join(map(str, amounts))
        case {"cases": int() as cases}:
            return locale.count("because.cases", cases)
    return ""
