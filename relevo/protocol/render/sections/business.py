"""The business protocol: who speaks for the company, what nobody comments on, and etiquette."""

from __future__ import annotations

from relevo.protocol.parts.business import Spokesperson
from relevo.protocol.render.blocks import Block, Group, Items, Paragraph, Row, Small, Strong, Table, cell
from relevo.protocol.render.sections.company import lead_in
from relevo.protocol.render.voice import Voice

COLUMNS = ("party", "person", "guidance")


def business(voice: Voice) -> tuple[Block, ...]:
    part = voice.protocol.business
    title = voice("business.spokespersons")
    columns = tuple(voice(f"business.{column}") for column in COLUMNS)
    table = Table(title, columns, tuple(_row(voice, spokesperson) for spokesperson in part.spokespersons))
    no_comment = tuple(cell(text) for text in voice.all_of(part.no_comment))
    etiquette = tuple(cell(lead_in(text)) for text in voice.all_of(part.etiquette))
    return (
        Paragraph(voice("business.lead"), "lead"),
        Group("spokespersons", title, (table,)),
        Group("no-comment", voice("business.no_comment"), (Items(no_comment),)),
        Group("etiquette", voice("business.etiquette"), (Items(etiquette),)),
    )


def _row(voice: Voice, spokesperson: Spokesperson) -> Row:
    person = voice.protocol.roster.people.get(spokesperson.person)
    role = [Small(voice.of(person.role))] if person else []
    return Row(
        (
            cell(Strong(voice(f"parties.{spokesperson.party}"))),
            cell(voice.person_link(spokesperson.person), *role),
            cell(voice.of(spokesperson.guidance)),
        )
    )
