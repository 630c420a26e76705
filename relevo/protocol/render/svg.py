"""Small pieces of SVG. Looks come from the style sheet by classes: the content policies allow no others.

Widths of text are estimated, since no browser is there to measure them; the estimate errs on the wide side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

NARROW, WIDE = frozenset("iljtfrI.,:;'’|!()[]-· "), frozenset("mwMW@%—…")


@dataclass(frozen=True)
class Font:
    """A size in pixels, the class that gives it that size, and how wide it runs."""

    look: str
    pixels: float
    width: float = 1.0

    @property
    def line_height(self) -> float:
        return round(self.pixels * 1.32, 1)


def text_width(text: str, font: Font) -> float:
    """About how wide a text is, in pixels."""
    return sum(_width(character) for character in text) * font.pixels * font.width


def wrap(text: str, font: Font, width: float) -> list[str]:
    """The text in lines that fit; a word that alone is too long is cut."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(joined, font) <= width:
            lines[-1] = joined
            continue
        lines.append(word)
        while text_width(lines[-1], font) > width and len(lines[-1]) > 1:
            fitting = _fitting(lines[-1], font, width)
            lines[-1:] = [lines[-1][:fitting], lines[-1][fitting:]]
    return lines


def lines_of_text(lines: Iterable[str], font: Font, x: float, y: float) -> list[Markup]:
    """Lines below one another; `y` is the top of the first."""
    return [
        Markup('<text class="{}" x="{}" y="{}">{}</text>').format(
            font.look, number(x), number(y + index * font.line_height + font.pixels), line
        )
        for index, line in enumerate(lines)
    ]


def box(look: str, corner: tuple[float, float], size: tuple[float, float], radius: float = 8) -> Markup:
    """A rectangle, placed by its upper left corner."""
    values = [number(value) for value in (*corner, *size, radius)]
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="{}"/>').format(look, *values)


def path(look: str, *steps: str) -> Markup:
    return Markup('<path class="{}" d="{}"/>').format(look, " ".join(steps))


def drawing(width: float, height: float, content: Iterable[Markup]) -> str:
    """A whole SVG in its natural size; it shrinks with the page but never grows beyond it."""
    size = f"{number(width)} {number(height)}"
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {}" width="{}" height="{}" aria-hidden="true">'
    ).format(size, *size.split())
    return str(head + Markup("").join(content) + Markup("</svg>"))


def number(value: float) -> str:
    """A length as briefly as it can be written."""
    return f"{round(value, 1):g}"


def _width(character: str) -> float:
    """The width of a character in ems, somewhat more than Arial's and Segoe's."""
    if character in NARROW:
        return 0.33
    if character in WIDE:
        return 0.9
    return 0.7 if character.isupper() else 0.57


def _fitting(word: str, font: Font, width: float) -> int:
    """How many of the first characters fit, at least one."""
    return max(1, sum(text_width(word[: count + 1], font) <= width for count in range(len(word))))
