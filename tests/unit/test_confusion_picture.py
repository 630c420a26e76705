"""The confusion matrix as a picture: every count stands in its cell, in SVG and in PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from relevo.evaluation.matrix import CELL, Matrix, Picture, confusion_picture
from relevo.evaluation.outcome import Expected, Outcome
from relevo.evaluation.painting import CantPaint, as_png, as_svg, require_format, write_picture
from relevo.evaluation.tones import TONES
from relevo.protocol import Protocol

SVG = "{http://www.w3.org/2000/svg}"
NAMES = st.sampled_from(["track_order", "get_refund", "greet", "nlu_fallback", "<b>&"])


def outcomes(*pairs: tuple[str, str]) -> list[Outcome]:
    """Messages by their expected and recognised topic."""
    return [Outcome(Expected("a", topic=expected), "en", topic, 1.0, "calm") for expected, topic in pairs]


def toned(*pairs: tuple[str, str]) -> list[Outcome]:
    return [Outcome(Expected("a", tone=expected), "en", "greet", 1.0, tone) for expected, tone in pairs]


def drawn(messages: Sequence[Outcome]) -> tuple[Picture, ElementTree.Element]:
    picture = confusion_picture(messages)
    return picture, ElementTree.fromstring(as_svg(picture))  # noqa: S314 - our own


def notes(drawing: ElementTree.Element) -> list[str]:
    return [title.text or "" for title in drawing.iter(f"{SVG}title")]


def test_each_pair_of_labels_has_its_count() -> None:
    _, drawing = drawn(outcomes(("a", "a"), ("a", "b"), ("a", "b"), ("b", "b"), ("a", "nlu_fallback")))
    assert sorted(notes(drawing)) == ["a → a: 1", "a → b: 2", "a → nlu_fallback: 1", "b → b: 1"]


def test_labels_stand_in_the_order_of_the_files_and_what_is_only_recognised_behind() -> None:
    matrix = Matrix.of("Topics", [("b", "z"), ("a", "c"), ("b", "b")])
    assert (matrix.rows, matrix.columns) == (("b", "a"), ("b", "a", "c", "z"))


def test_right_is_green_and_wrong_is_red_the_darker_the_more() -> None:
    picture = confusion_picture(outcomes(*[("a", "a")] * 9, ("a", "b"), ("b", "b")))
    looks = {square.note: square.look for square in picture.squares if square.note}
    assert looks == {"a → a: 9": "right-9", "a → b: 1": "wrong-1", "b → b: 1": "right-10"}


def test_tones_have_a_matrix_of_their_own_in_their_usual_order() -> None:
    _, drawing = drawn([*outcomes(("a", "a")), *toned(("threat", "calm"), ("calm", "calm"))])
    texts = [text.text or "" for text in drawing.iter(f"{SVG}text")]
    assert texts[0] == "Topics, 1 messages: expected in rows, recognised in columns"
    assert [text for text in texts if text in TONES] == [*TONES, *TONES]
    assert "threat → calm: 1" in notes(drawing)


@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=30))
def test_all_stands_within_the_picture_and_no_cell_on_another(pairs: list[tuple[str, str]]) -> None:
    picture, drawing = drawn(outcomes(*pairs))
    places = {(square.x, square.y) for square in picture.squares}
    assert len(places) == len(picture.squares)
    assert all(x + CELL <= picture.width and y + CELL <= picture.height for x, y in places)
    assert all(0 <= words.x <= picture.width and 0 <= words.y <= picture.height for words in picture.words)
    assert len(notes(drawing)) == len(set(pairs))


def test_matrix_of_all_topics_is_no_wider_than_a_screen(protocol: Protocol) -> None:
    picture = confusion_picture(outcomes(*[(topic, topic) for topic in protocol.topics]))
    assert picture.width < 1280
    assert picture.height < 1280


def test_huge_counts_fit_their_cells() -> None:
    picture = confusion_picture(outcomes(*[("a", "a")] * 1234))
    assert "1k" in {words.text for words in picture.words}


def test_png_shows_the_same_in_twice_the_size(tmp_path: Path) -> None:
    picture = confusion_picture(outcomes(("a", "a"), ("a", "b"), ("b", "b")))
    write_picture(picture, tmp_path / "matrix.PNG")
    with Image.open(tmp_path / "matrix.PNG") as image:
        assert image.size == (round(2 * picture.width), round(2 * picture.height))
    colours = as_png(picture).convert("RGB").getcolors(1 << 16)
    shades = {colour for _, colour in colours or []}
    assert (22, 110, 72) in shades, "b is always right"


def test_svg_is_written_as_a_document_of_its_own(tmp_path: Path) -> None:
    write_picture(confusion_picture(outcomes(("a", "a"))), tmp_path / "matrix.svg")
    drawing = ElementTree.parse(tmp_path / "matrix.svg").getroot()  # noqa: S314 - our own
    assert drawing.tag == f"{SVG}svg"
    assert ".right-10{fill:#166e48}" in (drawing.findtext(f"{SVG}style") or "")


def test_other_formats_and_folders_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(CantPaint, match=r"ends with \.svg or \.png"):
        require_format(Path("matrix.jpg"))
    for name in ("matrix.svg", "matrix.png"):
        with pytest.raises(CantPaint, match=r"can't be written \(No such file"):
            write_picture(confusion_picture(outcomes(("a", "a"))), tmp_path / "nowhere" / name)
