"""What the assistant says around answers: every message with its wordings."""

from __future__ import annotations

from relevo.protocol.render.blocks import Block, Code, Paragraph, Row, Table, cell
from relevo.protocol.render.voice import Voice


def words(voice: Voice) -> tuple[Block, ...]:
    columns = (voice("words.name"), voice("words.wordings"))
    rows = tuple(
        Row((cell(Code(name)), cell(*wordings.in_language(voice.language))))
        for name, wordings in voice.protocol.words.items()
    )
    return Paragraph(voice("words.lead"), "lead"), Table(voice("sections.words"), columns, rows)
