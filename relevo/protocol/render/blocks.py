"""What a document is made of. Blocks say what something is, never how it looks.

A line is a row of inlines; a cell is a few lines below one another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True)
class Link:
    """A text that leads somewhere: `#anchor` within the document, or a mail or phone address."""

    text: str
    href: str


@dataclass(frozen=True)
class Tag:
    """A short sign, such as a priority."""

    text: str
    look: str = "plain"


@dataclass(frozen=True)
class Strong:
    """A text that a reader looks for."""

    text: str


@dataclass(frozen=True)
class Small:
    """A text of the second rank."""

    text: str


@dataclass(frozen=True)
class Code:
    """A name as the protocol's files write it."""

    text: str


Inline = str | Link | Tag | Strong | Small | Code
Line = tuple[Inline, ...]
Cell = tuple[Line, ...]


def cell(*lines: Inline | Iterable[Inline]) -> Cell:
    """A cell with these lines; a single inline is a line of its own, and empty lines are left out."""
    whole = [(line,) if isinstance(line, _INLINES) else tuple(line) for line in lines]
    return tuple(line for line in whole if any(inline != "" for inline in line))


_INLINES = (str, Link, Tag, Strong, Small, Code)


@dataclass(frozen=True)
class Paragraph:
    kind: ClassVar = "paragraph"
    text: str
    look: Literal["lead", "plain", "note"] = "plain"


@dataclass(frozen=True)
class Speech:
    """Words that are said or written to a customer."""

    kind: ClassVar = "speech"
    text: str
    label: str = ""


def speeches(texts: Iterable[str], label: str = "") -> list[Speech]:
    """Several wordings of one thing, under one label."""
    return [Speech(text, "" if number else label) for number, text in enumerate(texts)]


@dataclass(frozen=True)
class Items:
    """A list: plain, what to do always or never, or phrases as people say them."""

    kind: ClassVar = "items"
    items: tuple[Cell, ...]
    title: str = ""
    look: Literal["plain", "always", "never", "phrases"] = "plain"


@dataclass(frozen=True)
class Chain:
    """What follows one another: acknowledge → act → thank."""

    kind: ClassVar = "chain"
    links: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Pairs of a label and what is so."""

    kind: ClassVar = "facts"
    pairs: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True)
class Row:
    cells: tuple[Cell, ...]
    anchor: str = ""


@dataclass(frozen=True)
class Table:
    """A table; its caption is for those who can't see it."""

    kind: ClassVar = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Step:
    title: str
    blocks: tuple[Block, ...]
    line: Line = ()


@dataclass(frozen=True)
class Steps:
    """Steps in their order, numbered."""

    kind: ClassVar = "steps"
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Outline:
    """A point and those below it."""

    text: str
    below: tuple[Outline, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A drawing as SVG, for wide and for narrow screens, each as strips that join without a seam.

    A page may break between strips. The outline tells the same in words, where pictures can't be shown.
    """

    kind: ClassVar = "picture"
    title: str
    wide: tuple[str, ...]
    narrow: tuple[str, ...]
    outline: tuple[Outline, ...]


@dataclass(frozen=True)
class Card:
    """One thing with all that is to know of it; `is_folded` shows only its head until it is opened."""

    kind: ClassVar = "card"
    anchor: str
    title: str
    blocks: tuple[Block, ...]
    line: Line = ()
    is_folded: bool = False


@dataclass(frozen=True)
class Cards:
    """Cards of equal rank."""

    kind: ClassVar = "cards"
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Group:
    """A part of a section with a heading of its own."""

    kind: ClassVar = "group"
    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Beside:
    """Two or three things next to one another where there is room."""

    kind: ClassVar = "beside"
    columns: tuple[Block, ...]


Block = Paragraph | Speech | Items | Chain | Facts | Table | Steps | Picture | Card | Cards | Group | Beside


@dataclass(frozen=True)
class Section:
    """A numbered section."""

    anchor: str
    number: int
    title: str
    blocks: tuple[Block, ...]

    @property
    def entries(self) -> list[tuple[str, str]]:
        """Anchor and title of what the table of contents names below this section."""
        found: list[tuple[str, str]] = []
        for block in self.blocks:
            if isinstance(block, Group):
                found.append((block.anchor, block.title))
            elif isinstance(block, Cards):
                found += [(card.anchor, card.title) for card in block.cards if not card.is_folded]
        return found
