"""What the assistant says around answers: every message with its wordings."""

from __future__ import annotations

from collections.abc import Iterator

from relevo.protocol.parts.words import Words
from relevo.protocol.render.blocks import Block, Code, Paragraph, Row, Small, Table, cell
from relevo.protocol.render.voice import Voice


def words(voice: Voice) -> tuple[Block, ...]:
    columns = (voice("words.name"), voice("words.wordings"))
    rows = tuple(
        Row((cell(Code(name)), cell(*_said(voice, wordings))))
        for name, wordings in voice.protocol.words.items()
    )
    return Paragraph(voice("words.lead"), "lead"), Table(voice("sections.words"), columns, rows)


def _said(voice: Voice, wordings: Words) -> Iterator[str | Small]:
    yield from wordings.in_language(voice.language)
    for channel, others in wordings.channels.items():
        yield Small(voice("topics.on_channel", channel=voice.channel(channel)))
        yield from others.in_language(voice.language)
