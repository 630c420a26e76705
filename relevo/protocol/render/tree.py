"""A tidy layout of trees: siblings beside one another under the middle of their parent, as close as can be.

Where that is too wide there are two ways out. From some depth on, children hang below one another, each a
step to the right of its parent; and children that don't fit beside one another stand on several shelves.
`layout` takes whatever needs the fewest rows within the width.

A place is an `x` in the caller's units and a row counted from the top. Every subtree has an outline, its
leftmost and rightmost point on each row, by which neighbours are pushed together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf

SHELF_COST = 1.25
"""Shelves are less easy to read than a plain tree: it may have so many times as many rows."""

Outline = dict[int, tuple[float, float]]


@dataclass
class Node:
    """A node, and after `layout` where it stands: the left edge of its box, and its row."""

    name: str
    children: list[Node] = field(default_factory=list)
    x: float = 0.0
    row: int = 0
    shelves: list[list[Node]] = field(default_factory=list)
    """Its children in rows; each is alone if they hang below one another."""
    hangs: bool = False

    def walk(self) -> Iterator[Node]:
        """The node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def move(self, by: float, rows: int = 0) -> None:
        for node in self.walk():
            node.x += by
            node.row += rows


@dataclass(frozen=True)
class Measures:
    """Widths in the caller's units."""

    box: float
    gap: float
    """Between neighbours."""
    indent: float
    """Of what stands below its parent rather than centred under it."""


@dataclass(frozen=True)
class Size:
    width: float
    rows: int


def layout(root: Node, measures: Measures, max_width: float) -> Size:
    """Give every node its place, in `max_width` if that is possible at all."""
    deepest = max(_depths(root))
    choices = [_Layout(measures, max_width, hang_from) for hang_from in range(deepest, -1, -1)]
    return min(choices, key=lambda choice: choice.cost(root)).place(root)


def _depths(node: Node, depth: int = 0) -> Iterator[int]:
    yield depth
    for child in node.children:
        yield from _depths(child, depth + 1)


@dataclass(frozen=True)
class _Layout:
    """One way to lay out a tree: the children of nodes at depth `hang_from` and below hang."""

    measures: Measures
    max_width: float
    hang_from: int

    def cost(self, root: Node) -> tuple[float, float]:
        """Too wide is worst; then the number of rows counts."""
        size = self.place(root)
        has_shelves = any(len(node.shelves) > 1 and not node.hangs for node in root.walk())
        overflow = size.width if size.width > self.max_width else 0.0
        return overflow, size.rows * (SHELF_COST if has_shelves else 1)

    def place(self, root: Node) -> Size:
        outline = self._place(root, 0)
        left = min(edge for edge, _ in outline.values())
        root.move(-left)
        return Size(max(edge for _, edge in outline.values()) - left, max(outline) + 1)

    def _place(self, node: Node, depth: int) -> Outline:
        """Place a subtree with its root on row 0; its outline."""
        node.x, node.row, node.shelves, node.hangs = 0.0, 0, [], depth >= self.hang_from
        if not node.children:
            return {0: (0.0, self.measures.box)}
        subtrees = [(child, self._place(child, depth + 1)) for child in node.children]
        if node.hangs:
            return self._stack(node, self._pack(subtrees, 0))
        # All nodes above may stand on shelves, which are indented, and so would those of this one be.
        room = self.max_width - depth * self.measures.indent
        shelves = self._pack(subtrees, room)
        if len(shelves) == 1:
            return self._centre(node, shelves[0])
        return self._stack(node, self._pack(subtrees, room - self.measures.indent))

    def _pack(self, subtrees: list[tuple[Node, Outline]], room: float) -> list[_Shelf]:
        """As many subtrees on each shelf as there is room for, at least one."""
        shelves: list[_Shelf] = []
        for node, outline in subtrees:
            if not shelves or not shelves[-1].add(node, outline, self.measures.gap, room):
                shelves.append(_Shelf([(node, 0.0)], outline))
        return shelves

    def _centre(self, node: Node, shelf: _Shelf) -> Outline:
        node.shelves = [shelf.settle(0.0, 1)]
        node.x = (node.children[0].x + node.children[-1].x) / 2
        return {0: (node.x, node.x + self.measures.box), **shelf.outline_at(0.0, 1)}

    def _stack(self, node: Node, shelves: list[_Shelf]) -> Outline:
        whole: Outline = {0: (0.0, self.measures.box)}
        for shelf in shelves:
            by, rows = self.measures.indent - shelf.left, max(whole) + 1
            node.shelves.append(shelf.settle(by, rows))
            # The line from the parent runs down along the left.
            whole |= {row: (0.0, right) for row, (_, right) in shelf.outline_at(by, rows).items()}
        return whole


@dataclass
class _Shelf:
    """Subtrees side by side, each with how far it must move to the right."""

    subtrees: list[tuple[Node, float]]
    outline: Outline

    @property
    def left(self) -> float:
        return min(left for left, _ in self.outline.values())

    def add(self, node: Node, outline: Outline, gap: float, room: float) -> bool:
        """Push a subtree against the right side; False if there is no room for it."""
        shared = self.outline.keys() & outline.keys()
        by = max((self.outline[row][1] + gap - outline[row][0] for row in shared), default=0.0)
        joined = _joined(
            self.outline, {row: (left + by, right + by) for row, (left, right) in outline.items()}
        )
        if max(right for _, right in joined.values()) - min(left for left, _ in joined.values()) > room:
            return False
        self.subtrees.append((node, by))
        self.outline = joined
        return True

    def settle(self, by: float, rows: int) -> list[Node]:
        """Move the subtrees to their places; their roots."""
        for node, further in self.subtrees:
            node.move(by + further, rows)
        return [node for node, _ in self.subtrees]

    def outline_at(self, by: float, rows: int) -> Outline:
        return {row + rows: (left + by, right + by) for row, (left, right) in self.outline.items()}


def _joined(one: Outline, other: Outline) -> Outline:
    none = (inf, -inf)
    return {
        row: (
            min(one.get(row, none)[0], other.get(row, none)[0]),
            max(one.get(row, none)[1], other.get(row, none)[1]),
        )
        for row in one.keys() | other.keys()
    }
