"""The confusion matrix as a picture: what it shows and where; `painting` makes it SVG or PNG.

A row for each label that is expected, a column for each that was recognised, in the order of the files: so
labels that belong together stand together, and what is confused lies near the diagonal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from relevo.evaluation.outcome import Outcome
from relevo.evaluation.tones import TONES
from relevo.protocol.render.svg import Font, text_width

CELL = 20.0
GAP = 1.0
MARGIN, SPACE = 24.0, 10.0
TITLE, LABEL, COUNT = Font("title", 15, 1.05), Font("label", 11), Font("count", 9.5)
DARK_FROM = 0.6
"""Share of a row from which on a cell is dark and its count white."""
SHADES = 10
BLOCK = 5


@dataclass(frozen=True)
class Square:
    """A cell. `look`: plain or dim, if empty; else right or wrong with its shade from 1 to `SHADES`."""

    look: str
    x: float
    y: float
    note: str = ""


@dataclass(frozen=True)
class Words:
    """A text. `x`, `y`: where it begins, ends or has its middle, and the middle of its height."""

    text: str
    font: Font
    x: float
    y: float
    anchor: Literal["start", "middle", "end"] = "start"
    upright: bool = False
    """Whether it is read from below, as the names of columns are."""
    light: bool = False


@dataclass(frozen=True)
class Picture:
    """Shapes and the size that holds them, in pixels."""

    width: float
    height: float
    squares: tuple[Square, ...]
    words: tuple[Words, ...]


@dataclass(frozen=True)
class Matrix:
    """How often each label was recognised as each."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: Counter[tuple[str, str]]

    @classmethod
    def of(cls, title: str, pairs: Sequence[tuple[str, str]], order: Sequence[str] = ()) -> Matrix:
        """From (expected, recognised) pairs; labels that `order` doesn't name stand behind as they appear."""
        rows = tuple(dict.fromkeys((*order, *(expected for expected, _ in pairs))))
        columns = tuple(dict.fromkeys((*rows, *sorted(recognised for _, recognised in pairs))))
        return cls(f"{title}: expected in rows, recognised in columns", rows, columns, Counter(pairs))


def confusion_picture(outcomes: Sequence[Outcome]) -> Picture:
    """The matrices of topics and tones below one another; what no message expects is left out."""
    topics = [(str(o.expected.topic), o.topic) for o in outcomes if o.expected.topic]
    tones = [(str(o.expected.tone), o.tone) for o in outcomes if o.expected.tone]
    matrices = [
        Matrix.of(f"{name}, {len(pairs):,} messages", pairs, order)
        for name, pairs, order in (("Topics", topics, ()), ("Tones", tones, TONES))
        if pairs
    ]
    squares: list[Square] = []
    words: list[Words] = []
    width, bottom = 0.0, MARGIN
    for matrix in matrices:
        head = bottom + TITLE.line_height + SPACE
        left = MARGIN + _widest(matrix.rows) + SPACE
        top = head + _widest(matrix.columns) + SPACE
        words += [Words(matrix.title, TITLE, MARGIN, bottom + TITLE.pixels / 2), *_names(matrix, left, top)]
        squares += _cells(matrix, left, top)
        words += _counts(matrix, left, top)
        right = max(left + len(matrix.columns) * CELL, MARGIN + text_width(matrix.title, TITLE))
        width, bottom = max(width, right), top + len(matrix.rows) * CELL + 2 * MARGIN
    return Picture(width + MARGIN, bottom, tuple(squares), tuple(words))


def _names(matrix: Matrix, left: float, top: float) -> Iterator[Words]:
    for place, name in enumerate(matrix.rows):
        yield Words(name, LABEL, left - SPACE, top + (place + 0.5) * CELL, "end")
    for place, name in enumerate(matrix.columns):
        yield Words(name, LABEL, left + (place + 0.5) * CELL, top - SPACE, upright=True)


def _cells(matrix: Matrix, left: float, top: float) -> Iterator[Square]:
    for row, column, expected, recognised in _places(matrix):
        count = matrix.counts[expected, recognised]
        # Blocks of alternating grey lead the eye to the names.
        look = "dim" if (row // BLOCK + column // BLOCK) % 2 else "plain"
        if count:
            shade = max(1, round(_share(matrix, expected, recognised) * SHADES))
            look = f"{'right' if expected == recognised else 'wrong'}-{shade}"
        note = f"{expected} → {recognised}: {count}" if count else ""
        yield Square(look, left + column * CELL, top + row * CELL, note)


def _counts(matrix: Matrix, left: float, top: float) -> Iterator[Words]:
    for row, column, expected, recognised in _places(matrix):
        if count := matrix.counts[expected, recognised]:
            light = _share(matrix, expected, recognised) >= DARK_FROM
            x, y = left + (column + 0.5) * CELL, top + (row + 0.5) * CELL
            yield Words(_brief(count), COUNT, x, y, "middle", light=light)


def _places(matrix: Matrix) -> Iterator[tuple[int, int, str, str]]:
    for row, expected in enumerate(matrix.rows):
        for column, recognised in enumerate(matrix.columns):
            yield row, column, expected, recognised


def _share(matrix: Matrix, expected: str, recognised: str) -> float:
    """Of the messages of a row, how many lie in this column."""
    total = sum(matrix.counts[expected, column] for column in matrix.columns)
    return matrix.counts[expected, recognised] / total


def _brief(count: int) -> str:
    """A count in three characters, as a cell is wide."""
    thousand = 1000
    return str(count) if count < thousand else f"{min(count // thousand, 99)}k"


def _widest(names: Sequence[str]) -> float:
    return max(text_width(name, LABEL) for name in names)
