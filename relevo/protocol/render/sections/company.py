"""What the protocol is for, and who the company is."""

from __future__ import annotations

from relevo.protocol.render.blocks import Beside, Block, Card, Group, Items, Line, Paragraph, Strong, cell
from relevo.protocol.render.voice import Voice

MAX_LEAD_CHARACTERS = 40


def introduction(voice: Voice) -> tuple[Block, ...]:
    return (Paragraph(voice.of(voice.protocol.company.introduction), "lead"),)


def company(voice: Voice) -> tuple[Block, ...]:
    company = voice.protocol.company
    texts = {"mission": company.mission, "vision": company.vision}
    cards = [
        Card(name, voice(f"company.{name}"), (Paragraph(voice.of(text), "lead"),))
        for name, text in texts.items()
    ]
    values = Items(tuple(cell(lead_in(value)) for value in voice.all_of(company.values)))
    return Beside(tuple(cards)), Group("values", voice("company.values"), (values,))


def lead_in(text: str) -> Line:
    """A text whose first words stand out if they name what follows: "Honesty: we say…"."""
    head, colon, rest = text.partition(": ")
    if not colon or len(head) > MAX_LEAD_CHARACTERS:
        return (text,)
    return Strong(f"{head}:"), f" {rest}"
