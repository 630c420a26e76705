"""The organisation chart: everyone's box with name, role and area, and lines to whom they report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from relevo.protocol.parts.roster import Roster
from relevo.protocol.render.blocks import Outline, Picture
from relevo.protocol.render.svg import Font, box, drawing, lines_of_text, number, path, wrap
from relevo.protocol.render.tree import Measures, Node, layout
from relevo.protocol.render.voice import Voice

NAME, ROLE, AREA = Font("chart-name", 13.5, 1.06), Font("chart-role", 12), Font("chart-area", 11)
MEASURES = Measures(box=188, gap=16, indent=20)
WIDE, NARROW = 900, 0
"""Widths that a tree should keep, in pixels; a phone's hangs as a whole, which is as narrow as can be."""
PADDING, ROW_GAP, MARGIN = 11, 22, 2
AREA_COLOURS = 8


@dataclass(frozen=True)
class Label:
    """The lines in a box, and the colour of its area."""

    name: list[str]
    role: list[str]
    area: list[str]
    colour: int

    @property
    def height(self) -> float:
        parts = ((self.name, NAME), (self.role, ROLE), (self.area, AREA))
        return sum(len(lines) * font.line_height for lines, font in parts) + 2 * PADDING + 4


def picture_of(voice: Voice) -> Picture:
    """The chart of the protocol's people."""
    roster = voice.protocol.roster
    wide, narrow = (_draw(hierarchy(roster), voice, width) for width in (WIDE, NARROW))
    outline = tuple(_outline(root, voice) for root in hierarchy(roster))
    return Picture(voice("people.chart"), (wide,), (narrow,), outline)


def hierarchy(roster: Roster) -> list[Node]:
    """The people as trees. Everyone is in them once, even if nobody or everybody is above them."""
    below: dict[str | None, list[str]] = {}
    for name, person in roster.people.items():
        superior = person.reports_to if person.reports_to in roster.people else None
        below.setdefault(superior, []).append(name)
    placed: set[str] = set()

    def grow(name: str) -> Node:
        placed.add(name)
        return Node(name, [grow(child) for child in below.get(name, []) if child not in placed])

    roots = [grow(name) for name in below.get(None, [])]
    # Those who are left report to each other in a circle.
    return roots + [grow(name) for name in roster.people if name not in placed]


def _outline(node: Node, voice: Voice) -> Outline:
    person = voice.protocol.roster.people[node.name]
    text = f"{person.name}, {voice.of(person.role)} ({voice.area(person.area)})"
    return Outline(text, tuple(_outline(child, voice) for child in node.children))


def _draw(roots: list[Node], voice: Voice, max_width: float) -> str:
    """Trees below one another; usually there is one."""
    nodes, width, rows = [], 0.0, 0
    for root in roots:
        size = layout(root, MEASURES, max_width)
        root.move(0, rows)
        nodes += list(root.walk())
        width, rows = max(width, size.width), rows + size.rows
    labels = {node.name: _label(node.name, voice) for node in nodes}
    height = max(label.height for label in labels.values())
    pitch = height + (ROW_GAP if max_width else ROW_GAP / 2)
    lines = [line for node in nodes for line in _lines(node, height, pitch)]
    boxes = [piece for node in nodes for piece in _box(node, labels[node.name], height, pitch)]
    return drawing(width + 2 * MARGIN, rows * pitch - (pitch - height) + 2 * MARGIN, [*lines, *boxes])


def _label(name: str, voice: Voice) -> Label:
    person = voice.protocol.roster.people[name]
    inner = MEASURES.box - 2 * PADDING - 4
    areas = list(voice.protocol.roster.areas)
    return Label(
        wrap(person.name, NAME, inner),
        wrap(voice.of(person.role), ROLE, inner),
        wrap(voice.area(person.area), AREA, inner),
        areas.index(person.area) % AREA_COLOURS if person.area in areas else 0,
    )


def _box(node: Node, label: Label, height: float, pitch: float) -> Iterable[Markup]:
    x, y = node.x + MARGIN, node.row * pitch + MARGIN
    yield box("chart-box", (x, y), (MEASURES.box, height))
    yield path(
        f"chart-edge area-{label.colour}",
        f"M{number(x)} {number(y + 8)}",
        "a8 8 0 0 1 4 -7",
        f"v{number(height - 2)}",
        "a8 8 0 0 1 -4 -7z",
    )
    left, top = x + PADDING + 4, y + (height - label.height) / 2 + PADDING
    for lines, font in ((label.name, NAME), (label.role, ROLE)):
        yield from lines_of_text(lines, font, left, top)
        top += len(lines) * font.line_height
    yield from lines_of_text(label.area, AREA, left, top + 4)


def _lines(node: Node, height: float, pitch: float) -> Iterable[Markup]:
    """The lines to a node's children: from its middle, or along its left if they stand on shelves.

    One stem, and from it one branch to each child: lines that lay on one another would look darker.
    """
    if not node.shelves:
        return
    bottom, half_gap = node.row * pitch + height + MARGIN, (pitch - height) / 2
    is_centred = len(node.shelves) == 1 and not node.hangs
    stem = node.x + MARGIN + (MEASURES.box / 2 if is_centred else MEASURES.indent / 2)
    end = bottom
    for shelf in node.shelves:
        top = shelf[0].row * pitch + MARGIN
        end = top + height / 2 if node.hangs else top - half_gap
        middles = [child.x + MARGIN + MEASURES.box / 2 for child in shelf]
        if node.hangs:
            yield path("chart-line", f"M{number(stem)} {number(end)}", f"H{number(shelf[0].x + MARGIN)}")
            continue
        left, right = min(stem, *middles), max(stem, *middles)
        yield path("chart-line", f"M{number(left)} {number(end)}", f"H{number(right)}")
        for middle in middles:
            yield path("chart-line", f"M{number(middle)} {number(end)}", f"V{number(top)}")
    yield path("chart-line", f"M{number(stem)} {number(bottom)}", f"V{number(end)}")
