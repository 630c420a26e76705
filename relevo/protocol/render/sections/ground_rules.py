"""The ground rules: how customers are addressed, what is said in which situation, and what never is."""

from __future__ import annotations

from relevo.protocol.parts.ground_rules import Situation
from relevo.protocol.render.blocks import (
    Block,
    Card,
    Cards,
    Cell,
    Chain,
    Group,
    Paragraph,
    Row,
    Speech,
    Strong,
    Table,
    cell,
)
from relevo.protocol.render.voice import Voice
from relevo.protocol.schema import LANGUAGES, Language


def ground_rules(voice: Voice) -> tuple[Block, ...]:
    part = voice.protocol.ground_rules
    advice = {"in_doubt": part.in_doubt, "not_my_area": part.not_my_area, "diversity": part.diversity}
    return (
        Group("registers", voice("ground_rules.registers"), _registers(voice)),
        Group("situations", voice("ground_rules.situations"), _situations(voice)),
        *(
            Group(name.replace("_", "-"), voice(f"ground_rules.{name}"), (Paragraph(voice.of(text)),))
            for name, text in advice.items()
        ),
        *_terms(voice),
    )


def register(voice: Voice, channel: str, language: Language) -> str:
    """How customers are addressed on a channel; empty if the ground rules don't say."""
    known = voice.protocol.ground_rules.registers.get(channel, {}).get(language)
    return voice(f"registers.{language}.{known}") if known else ""


def _registers(voice: Voice) -> tuple[Block, ...]:
    columns = (voice("ground_rules.channel"), *(voice(f"languages.{language}") for language in LANGUAGES))
    rows = tuple(
        Row((cell(Strong(voice.channel(channel))), *_registers_of(voice, channel)))
        for channel in voice.protocol.ground_rules.registers
    )
    table = Table(voice("ground_rules.registers"), columns, rows)
    return Paragraph(voice("ground_rules.registers_lead")), table


def _registers_of(voice: Voice, channel: str) -> list[Cell]:
    return [cell(register(voice, channel, language)) for language in LANGUAGES]


def _situations(voice: Voice) -> tuple[Block, ...]:
    situations = voice.protocol.ground_rules.situations.items()
    cards = tuple(_situation(voice, name, situation) for name, situation in situations)
    return Paragraph(voice("ground_rules.situations_lead")), Cards(cards)


def _situation(voice: Voice, name: str, situation: Situation) -> Card:
    moves = tuple(voice(f"moves.{move}") for move in situation.moves)
    example = Speech(voice.of(situation.example), voice("ground_rules.example"))
    return Card(f"situation-{name}", voice.of(situation.title), (Chain(moves), example))


def _terms(voice: Voice) -> list[Block]:
    """The terms of the voice's own language, if it has any."""
    terms = [term for term in voice.protocol.ground_rules.forbidden_terms if term.language == voice.language]
    if not terms:
        return []
    columns = (voice("ground_rules.dont_say"), voice("ground_rules.instead"))
    rows = tuple(Row((cell(Strong(term.term)), cell(term.instead))) for term in terms)
    title = voice("ground_rules.terms")
    return [Group("terms", title, (Table(title, columns, rows),))]
