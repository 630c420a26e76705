"""Notices: those in force today, those to come, and those that are over."""

from __future__ import annotations

from relevo.protocol.parts.notices import Notice
from relevo.protocol.render.blocks import (
    Block,
    Card,
    Cards,
    Facts,
    Group,
    Items,
    Paragraph,
    Speech,
    Tag,
    cell,
)
from relevo.protocol.render.sections.people import listed
from relevo.protocol.render.voice import Voice


def notices(voice: Voice) -> tuple[Block, ...]:
    lead = Paragraph(voice("notices.lead"), "lead")
    if not voice.protocol.notices:
        return lead, Paragraph(voice("notices.none"))
    groups: dict[str, list[Card]] = {"in_force": [], "coming": [], "past": []}
    for name, notice in voice.protocol.notices.items():
        groups[_state(voice, notice)].append(_notice(voice, name, notice))
    empty = [] if groups["in_force"] else [Paragraph(voice("notices.none_in_force"), "note")]
    return (
        lead,
        Paragraph(voice("document.made_on", day=voice.day(voice.today)), "note"),
        *empty,
        *(_group(voice, state, cards) for state, cards in groups.items() if cards),
    )


def _state(voice: Voice, notice: Notice) -> str:
    if notice.is_in_force(voice.today):
        return "in_force"
    return "coming" if notice.first_day > voice.today else "past"


def _group(voice: Voice, state: str, cards: list[Card]) -> Group:
    anchor = f"notices-{state.replace('_', '-')}"
    return Group(anchor, voice(f"notices.{state}"), (Cards(tuple(cards)),))


def _notice(voice: Voice, name: str, notice: Notice) -> Card:
    examples: list[str] = getattr(notice.asked_as, voice.language)
    facts = [
        (voice("notices.dates"), cell(_dates(voice, notice))),
        (voice("notices.audience"), cell(voice(f"audiences.{notice.audience}"))),
        (voice("notices.channels"), cell(" · ".join(voice.channel(channel) for channel in notice.channels))),
    ]
    if notice.applies_to:
        facts.append((voice("notices.applies_to"), cell(listed(voice.topics(notice.applies_to)))))
    short = voice("notices.in_greeting" if notice.in_greeting else "notices.short")
    return Card(
        f"notice-{name}",
        voice.of(notice.title),
        (
            Paragraph(voice.of(notice.text)),
            Speech(voice.of(notice.short), short),
            Facts(tuple(facts)),
            Items(tuple(cell(example) for example in examples), voice("notices.asked_as"), "phrases"),
        ),
        (Tag(voice(f"notices.{_state(voice, notice)}"), _state(voice, notice).replace("_", "-")),),
    )


def _dates(voice: Voice, notice: Notice) -> str:
    first, last = voice.day(notice.first_day), voice.day(notice.last_day)
    return voice("notices.one_day" if first == last else "notices.from_to", first=first, last=last)
