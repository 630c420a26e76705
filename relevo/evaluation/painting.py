"""Paints a picture as SVG, by hand, or as PNG, by Pillow."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup
from PIL import Image, ImageDraw, ImageFont

from relevo.errors import RelevoError
from relevo.evaluation.matrix import CELL, GAP, SHADES, Picture, Square, Words
from relevo.protocol.render.svg import box, drawing, number

PAPER, INK, LIGHT_INK = (255, 255, 255), (31, 36, 48), (255, 255, 255)
EMPTY = {"plain": (246, 247, 249), "dim": (234, 236, 241)}
PALE_GREEN, GREEN = (214, 238, 224), (22, 110, 72)
PALE_RED, RED = (253, 224, 208), (178, 34, 24)
PIXELS_PER_UNIT = 2
"""PNG pixels for one of the picture's, so that small counts stay sharp."""
RADIUS = 3
ANCHORS = {"start": "lm", "middle": "mm", "end": "rm"}
"""Pillow's names: left, middle or right, at the middle of the height."""
Colour = tuple[int, int, int]


class CantPaint(RelevoError):
    """The picture can't be written."""


def write_picture(picture: Picture, file: Path) -> None:
    """Write the picture in the format that the file's name ends with.

    Raises:
        CantPaint: it is neither SVG nor PNG, or the file can't be written.
    """
    require_format(file)
    try:
        if file.suffix.lower() == ".svg":
            file.write_text(as_svg(picture), encoding="utf-8")
        else:
            as_png(picture).save(file, "PNG")
    except OSError as error:
        raise CantPaint(f"{file}: can't be written ({error.strerror})") from error


def require_format(file: Path) -> None:
    """Raises CantPaint unless the file's name ends with .svg or .png."""
    if file.suffix.lower() not in (".svg", ".png"):
        raise CantPaint(f"{file}: a picture's name ends with .svg or .png")


def as_svg(picture: Picture) -> str:
    """The picture as a document of its own, with notes that show below the mouse."""
    looks = {square.look for square in picture.squares}
    rules = [f".{look}{{fill:{_css(_colour(look))}}}" for look in sorted(looks)]
    for font in {words.font for words in picture.words}:
        rules.append(f".{font.look}{{font-size:{number(font.pixels)}px}}")
    style = Markup("<style>text{{font-family:Arial,Helvetica,sans-serif;fill:{}}}.light{{fill:{}}}{}</style>")
    paper = box("paper", (0, 0), (picture.width, picture.height), 0)
    return drawing(
        picture.width,
        picture.height,
        [
            style.format(
                _css(INK), _css(LIGHT_INK), f".paper{{fill:{_css(PAPER)}}}" + "".join(sorted(rules))
            ),
            paper,
            *(_svg_square(square) for square in picture.squares),
            *(_svg_words(words) for words in picture.words),
        ],
    )


def _svg_square(square: Square) -> Markup:
    shape = box(square.look, (square.x, square.y), (CELL - GAP, CELL - GAP), RADIUS)
    return Markup("<g><title>{}</title>{}</g>").format(square.note, shape) if square.note else shape


def _svg_words(words: Words) -> Markup:
    turned = Markup(' transform="rotate(-90 {} {})"').format(number(words.x), number(words.y))
    return Markup(
        '<text class="{}" x="{}" y="{}" text-anchor="{}" dominant-baseline="central"{}>{}</text>'
    ).format(
        f"{words.font.look}{' light' if words.light else ''}",
        number(words.x),
        number(words.y),
        words.anchor,
        turned if words.upright else "",
        words.text,
    )


def as_png(picture: Picture) -> Image.Image:
    """The picture in twice its size."""
    size = (_pixels(picture.width), _pixels(picture.height))
    image = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(image)
    for square in picture.squares:
        corners = (square.x, square.y, square.x + CELL - GAP, square.y + CELL - GAP)
        draw.rounded_rectangle(
            [_pixels(corner) for corner in corners], _pixels(RADIUS), fill=_colour(square.look)
        )
    for words in picture.words:
        _paint_words(image, draw, words)
    return image


def _paint_words(image: Image.Image, draw: ImageDraw.ImageDraw, words: Words) -> None:
    font = ImageFont.load_default(_pixels(words.font.pixels))
    x, y = _pixels(words.x), _pixels(words.y)
    if not words.upright:
        fill = LIGHT_INK if words.light else INK
        draw.text((x, y), words.text, fill, font, ANCHORS[words.anchor])
        return
    length, height = round(font.getlength(words.text)) + 2, 2 * _pixels(words.font.pixels)
    mask = Image.new("L", (length, height), 0)
    ImageDraw.Draw(mask).text((0, height // 2), words.text, 255, font, "lm")
    image.paste(INK, (x - height // 2, y - length), mask.transpose(Image.Transpose.ROTATE_90))


def _colour(look: str) -> Colour:
    """The colour of a cell, from pale to full by its shade."""
    if look in EMPTY:
        return EMPTY[look]
    kind, shade = look.split("-")
    pale, full = (PALE_GREEN, GREEN) if kind == "right" else (PALE_RED, RED)
    depth = int(shade) / SHADES
    red, green, blue = (round(a + (b - a) * depth) for a, b in zip(pale, full, strict=True))
    return red, green, blue


def _css(colour: Colour) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)


def _pixels(length: float) -> int:
    return round(length * PIXELS_PER_UNIT)
