"""The load under two plans as an SVG: a strip for each area, two bars for each hour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from relevo.protocol.render.svg import Font, box, drawing, lines_of_text, number, path, text_width
from relevo.what_if.load import HOURS, Load

TITLE, AREA = Font("title", 15, 1.05), Font("area", 12.5, 1.05)
LABEL, COUNT = Font("label", 10.5), Font("count", 9.5)
MARGIN, SLOT, BAR, BARS_HEIGHT = 24.0, 34.0, 13.0, 70.0
STRIP_HEIGHT = AREA.line_height + COUNT.line_height + BARS_HEIGHT + LABEL.line_height + 26
HEAD_HEIGHT = MARGIN + TITLE.line_height + LABEL.line_height + 20
WIDTH = 2 * MARGIN + len(HOURS) * SLOT
STYLE = Markup(
    "<style>text{font-family:Arial,Helvetica,sans-serif;fill:#1f2430}.paper{fill:#fff}"
    ".title{font-size:15px;font-weight:bold}.area{font-size:12.5px;font-weight:bold}"
    ".label{font-size:10.5px;fill:#5a6372}.count{font-size:9.5px}"
    ".old{fill:#b4bcc9}.new{fill:#6a4c9c}.line{stroke:#d9dde4;fill:none}</style>"
)


def load_picture(loads: tuple[Load, Load], titles: Mapping[str, str]) -> str:
    """The picture as a document of its own. `titles`: what each area is called."""
    old, new = loads
    areas = [area for area in titles if area in old.areas | new.areas]
    most = max((count for area in areas for load in loads for count in load.of(area)), default=1)
    height = HEAD_HEIGHT + max(1, len(areas)) * STRIP_HEIGHT + MARGIN
    pieces = [STYLE, box("paper", (0, 0), (WIDTH, height), 0), *_head(old.total, new.total)]
    for place, area in enumerate(areas):
        top = HEAD_HEIGHT + place * STRIP_HEIGHT
        pieces += _strip(titles[area], (old.of(area), new.of(area)), most, top)
    if not areas:
        pieces += lines_of_text(["No cases under either plan."], LABEL, MARGIN, HEAD_HEIGHT)
    return drawing(WIDTH, height, pieces)


def _head(old: int, new: int) -> Iterator[Markup]:
    yield from lines_of_text(["Cases by area and hour of the day"], TITLE, MARGIN, MARGIN)
    x, y = MARGIN, MARGIN + TITLE.line_height + 6
    for look, words in (("old", f"present plan: {old}"), ("new", f"changed plan: {new}")):
        yield box(look, (x, y + 1), (10, 10), 2)
        yield from lines_of_text([words], LABEL, x + 15, y)
        x += 15 + text_width(words, LABEL) + 24


def _strip(
    title: str, counts: tuple[Sequence[int], Sequence[int]], most: int, top: float
) -> Iterator[Markup]:
    heading = f"{title}: {sum(counts[0])} → {sum(counts[1])}"
    yield from lines_of_text([heading], AREA, MARGIN, top)
    bottom = top + AREA.line_height + COUNT.line_height + BARS_HEIGHT
    yield path("line", f"M{number(MARGIN)} {number(bottom + 0.5)}", f"H{number(WIDTH - MARGIN)}")
    for hour in HOURS:
        left = MARGIN + hour * SLOT
        yield _text(f"{hour:02}", LABEL, left + SLOT / 2, bottom + LABEL.line_height)
        for look, count, x in (("old", counts[0][hour], left + 3), ("new", counts[1][hour], left + 4 + BAR)):
            yield from _bar(look, count, most, x, bottom)


def _bar(look: str, count: int, most: int, x: float, bottom: float) -> Iterator[Markup]:
    if not count:
        return
    height = max(2.0, BARS_HEIGHT * count / most)
    yield box(look, (x, bottom - height), (BAR, height), 2)
    yield _text(str(count), COUNT, x + BAR / 2, bottom - height - 3)


def _text(words: str, font: Font, middle: float, baseline: float) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="middle">{}</text>').format(
        font.look, number(middle), number(baseline), words
    )
