"""Personal data: what customers may ask, by when they are answered, how long what they give is kept."""

from __future__ import annotations

from relevo.protocol.parts.privacy import Right
from relevo.protocol.render.blocks import (
    Block,
    Card,
    Cards,
    Facts,
    Group,
    Items,
    Paragraph,
    cell,
)
from relevo.protocol.render.voice import Voice

TOPIC = "privacy_request"


def privacy(voice: Voice) -> tuple[Block, ...]:
    part = voice.protocol.privacy
    rights = tuple(_right(voice, name, right) for name, right in part.rights.by_name().items())
    way = voice("privacy.way", area=voice.area(voice.protocol.area_of(TOPIC)))
    return (
        Paragraph(voice("privacy.lead"), "lead"),
        Group("rights", voice("privacy.rights"), (Paragraph(way), Cards(rights))),
        Group("legal-terms", voice("privacy.terms"), _terms(voice)),
        Group("retention", voice("privacy.retention"), (_retention(voice),)),
    )


def _right(voice: Voice, name: str, right: Right) -> Card:
    phrases: list[str] = getattr(right.says, voice.language)
    said = Items(tuple(cell(phrase) for phrase in phrases), voice("privacy.sounds_like"), "phrases")
    return Card(f"right-{name}", voice.of(right.title), (said,), is_folded=True)


def _terms(voice: Voice) -> tuple[Block, ...]:
    part = voice.protocol.privacy
    answer = voice("privacy.days_after_receipt", days=voice.number(part.terms.answer))
    carry_out = voice("privacy.days_after_answer", days=voice.number(part.terms.carry_out))
    facts = (
        (voice("privacy.law"), cell(voice.of(part.law))),
        (voice("privacy.answer"), cell(answer)),
        (voice("privacy.carry_out"), cell(carry_out)),
    )
    country = voice.countries([part.terms.holidays])
    return (Facts(facts), Paragraph(voice("privacy.calendar", country=country), "note"))


def _retention(voice: Voice) -> Facts:
    retention = voice.protocol.privacy.retention
    kept = {
        "conversations": retention.conversations,
        "cases": retention.cases,
        "follow_ups": retention.follow_ups,
    }
    return Facts(
        tuple(
            (voice(f"privacy.{what}"), cell(voice(f"privacy.{what}_kept", duration=voice.duration(seconds))))
            for what, seconds in kept.items()
        )
    )
