"""A document as Markdown (CommonMark with GitHub's tables), for wikis and for comparing versions.

The sections are those of the page. Pictures are told as nested lists, links within the document are names
only, and every character that Markdown would take for markup is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import singledispatch

from relevo.protocol.render import blocks
from relevo.protocol.render.blocks import Block, Cell, Inline, Line, Outline
from relevo.protocol.render.document import Document

_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~])")
_LEADING = re.compile(r"^(\s*\d*)([#+=.)-])", re.MULTILINE)
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")


def markdown(document: Document) -> str:
    """The whole document."""
    say = document.voice
    titles = [f"{section.number}. {section.title}" for section in document.sections]
    lines = [
        f"# {escaped(say('document.title'))} · {escaped(say.protocol.company.name)}",
        escaped(say("document.lead")),
        escaped(f"{say('document.made_with')} {say('document.version', version=document.version)}."),
        f"**{escaped(say('document.contents'))}**",
        "\n".join(f"- [{escaped(title, leading=False)}](#{anchor_of(title)})" for title in titles),
    ]
    for title, section in zip(titles, document.sections, strict=True):
        lines.append(f"## {escaped(title, leading=False)}")
        lines += _all(section.blocks, 3)
    return "\n\n".join(lines) + "\n"


def escaped(text: str, *, leading: bool = True) -> str:
    """A text that Markdown shows as it is; `leading` also where it begins a line."""
    text = _SPECIAL.sub(r"\\\1", text)
    return _LEADING.sub(r"\1\\\2", text) if leading else text


def anchor_of(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return _NOT_IN_ANCHORS.sub("", heading.lower()).replace(" ", "-")


def _all(many: Iterable[Block], level: int) -> Iterator[str]:
    for block in many:
        yield from _write(block, level)


@singledispatch
def _write(block: Block, level: int) -> Iterator[str]:
    """A block as pieces that blank lines separate."""
    raise TypeError(f"no Markdown is known for {type(block).__name__}")


@_write.register
def _(block: blocks.Paragraph, level: int) -> Iterator[str]:
    yield escaped(block.text)


@_write.register
def _(block: blocks.Speech, level: int) -> Iterator[str]:
    if block.label:
        yield _label(block.label)
    yield "\n".join(f"> {line}" for line in escaped(block.text).splitlines())


@_write.register
def _(block: blocks.Items, level: int) -> Iterator[str]:
    if block.title:
        yield _label(block.title)
    yield "\n".join(f"- {_cell(item)}" for item in block.items)


@_write.register
def _(block: blocks.Chain, level: int) -> Iterator[str]:
    yield " → ".join(escaped(link) for link in block.links)


@_write.register
def _(block: blocks.Facts, level: int) -> Iterator[str]:
    yield "\n".join(f"- **{escaped(label)}:** {'; '.join(map(_line, value))}" for label, value in block.pairs)


@_write.register
def _(block: blocks.Table, level: int) -> Iterator[str]:
    rows = [" | ".join(_cell(cell) for cell in row.cells) for row in block.rows]
    head = [" | ".join(map(escaped, block.columns)), " | ".join("---" for _ in block.columns)]
    yield "\n".join(f"| {row} |" for row in [*head, *rows])


@_write.register
def _(block: blocks.Steps, level: int) -> Iterator[str]:
    for number, step in enumerate(block.steps, 1):
        extra = f" ({_line(step.line)})" if step.line else ""
        inner = "\n\n".join(_all(step.blocks, level)).replace("\n", "\n   ")
        yield f"{number}. **{escaped(step.title)}**{extra}\n\n   {inner}"


@_write.register
def _(block: blocks.Picture, level: int) -> Iterator[str]:
    yield "\n".join(line for outline in block.outline for line in _outline(outline, 0))


@_write.register
def _(block: blocks.Card, level: int) -> Iterator[str]:
    extra = f" · {_line(block.line)}" if block.line else ""
    yield f"{'#' * level} {escaped(block.title, leading=False)}{extra}"
    yield from _all(block.blocks, level + 1)


@_write.register
def _(block: blocks.Cards, level: int) -> Iterator[str]:
    yield from _all(block.cards, level)


@_write.register
def _(block: blocks.Group, level: int) -> Iterator[str]:
    yield f"{'#' * level} {escaped(block.title, leading=False)}"
    yield from _all(block.blocks, level + 1)


@_write.register
def _(block: blocks.Beside, level: int) -> Iterator[str]:
    yield from _all(block.columns, level)


def _outline(outline: Outline, depth: int) -> Iterator[str]:
    yield f"{'  ' * depth}- {escaped(outline.text)}"
    for below in outline.below:
        yield from _outline(below, depth + 1)


def _label(text: str) -> str:
    return f"**{escaped(text)}**"


def _cell(cell: Cell) -> str:
    """Lines below one another, where Markdown allows but one."""
    return "<br>".join(_line(line).replace("\n", "<br>") for line in cell)


def _line(line: Line) -> str:
    pieces = ""
    for inline in line:
        between = "" if isinstance(inline, str) or not pieces or pieces.endswith(" ") else " "
        text = _inline(inline)
        is_aside = pieces and isinstance(inline, blocks.Small | blocks.Tag)
        pieces += between + (f"({text})" if is_aside else text)
    return pieces


def _inline(inline: Inline) -> str:
    if isinstance(inline, str):
        return escaped(inline, leading=False)
    text = escaped(inline.text, leading=False)
    if isinstance(inline, blocks.Strong):
        return f"**{text}**"
    if isinstance(inline, blocks.Code):
        return f"`{inline.text}`"
    return text
