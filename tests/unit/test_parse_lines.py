"""The lines that `relevo parse` reads and writes: one answer for each, in their order, whatever they hold."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relevo.parsing.lines import BadLine, LineParser, as_line, chunks_of_lines, message_in, understood
from relevo.parsing.typed import TypedText

ANY_TEXT = st.text(st.characters(), max_size=30)


def a_parse(**values: Any) -> dict[str, Any]:
    """What Rasa says of a message."""
    return {
        "text": "",
        "intent": {"name": "track_order", "confidence": 0.98765},
        "intent_ranking": [],
        "tone": {"name": "calm", "confidence": 0.91234},
        "language": {"name": "en", "confidence": 0.99, "sure": True},
        "entities": [],
        **values,
    }


def echo(messages: Sequence[TypedText]) -> list[dict[str, Any]]:
    return [{"text": message.text} for message in messages]


def chunks(*parts: bytes, at_most: int = 64) -> list[list[bytes]]:
    """What is read when the parts arrive one after the other."""

    class Arriving(io.RawIOBase):
        def __init__(self) -> None:
            self.parts = list(parts)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            part = self.parts.pop(0) if self.parts else b""
            buffer[: len(part)] = part
            return len(part)

    return list(chunks_of_lines(io.BufferedReader(Arriving()), at_most))


def test_lines_are_read_as_they_arrive() -> None:
    assert chunks(b"a\nb\n", b"c\n") == [[b"a", b"b"], [b"c"]]


def test_a_line_that_arrives_in_parts_is_one_line() -> None:
    assert chunks(b"a", b"b", b"c\nd\ne", b"f\n") == [[b"abc", b"d"], [b"ef"]]


def test_the_last_line_needs_no_line_break() -> None:
    assert chunks(b"a\nb") == [[b"a"], [b"b"]]
    assert chunks(b"") == []


def test_blank_lines_keep_their_place() -> None:
    assert chunks(b"a\n\n\nb\n") == [[b"a", b"", b"", b"b"]]


def test_many_lines_come_in_chunks() -> None:
    assert [len(chunk) for chunk in chunks(b"x\n" * 150)] == [64, 64, 22]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"", "line 7: not JSON at column 1; write"),
        (b"where is my order", "line 7: not JSON at column 1; write"),
        (b'{"text": "a"', "line 7: not JSON at column 13; write"),
        (b'{"text": 3}', "line 7: no text; write"),
        (b'{"message": "a"}', "line 7: no text; write"),
        (b'{"text": null}', "line 7: no text; write"),
        (b'["text"]', "line 7: no text; write"),
        (b"3", "line 7: no text; write"),
        (b'{"text": "\xff"}', "line 7: not UTF-8 at byte 11"),
        (b"[" * 100_000, "line 7: too deeply nested"),
        (b"1" * 5_000, "line 7: no"),
    ],
)
def test_a_line_without_a_text_is_told_with_its_number(line: bytes, problem: str) -> None:
    with pytest.raises(BadLine) as bad:
        message_in(line, 7)
    assert str(bad.value).startswith(problem)


@pytest.mark.parametrize("line", [b'{"text": "ol\\u00e9", "id": 3}', b'\xef\xbb\xbf{"text": "ol\xc3\xa9"}\r'])
def test_a_text_is_read_whatever_stands_beside_it(line: bytes) -> None:
    assert message_in(line, 1) == "olé"


def test_bad_lines_are_answered_in_their_place_and_counted() -> None:
    parser = LineParser(echo)
    answers = parser.answer([b'{"text": "one"}', b"{}", b'{"text": "two"}'])
    answers += parser.answer([b"-", b'{"text": "three"}'])
    records = [json.loads(answer) for answer in answers]
    assert [record.get("text") for record in records] == ["one", None, "two", None, "three"]
    assert [record["error"][:6] for record in records if "error" in record] == ["line 2", "line 4"]
    assert parser.bad_lines == 2


@given(st.lists(ANY_TEXT.map(lambda text: json.dumps({"text": text}).encode()) | st.binary(max_size=20)))
@example([b'{"text": "\\ud800"}'])
def test_any_line_has_one_line_as_answer(lines: list[bytes]) -> None:
    answers = LineParser(echo).answer(lines)
    assert len(answers) == len(lines)
    for answer in answers:
        assert answer.endswith(b"\n")
        assert answer.count(b"\n") == 1
        assert json.loads(answer.decode()).keys() <= {"text", "error"}


@given(ANY_TEXT)
def test_any_text_comes_back_as_it_was_given(text: str) -> None:
    assert json.loads(as_line({"text": text}).decode()) == {"text": text}


def test_a_record_says_language_topic_tone_and_entities() -> None:
    assert understood(TypedText("where is my order"), a_parse()) == {
        "text": "where is my order",
        "language": "en",
        "intent": "track_order",
        "confidence": 0.9877,
        "tone": "calm",
        "tone_confidence": 0.9123,
        "entities": [],
    }


def test_the_second_topic_is_there_only_if_there_is_one() -> None:
    assert understood(TypedText("a"), a_parse(also_asked="get_refund"))["also_asked"] == "get_refund"
    assert "also_asked" not in understood(TypedText("a"), a_parse(also_asked=None))


def test_entities_stand_where_they_were_typed() -> None:
    text = "/ mi pedido CJ-483920"
    entities = [
        {"entity": "language", "value": "es", "extractor": "LanguageDetector"},
        {"entity": "order_number", "value": "CJ-483920", "start": 10, "end": 19, "extractor": "x"},
        {"entity": "product", "value": "sofa", "extractor": "x"},
    ]
    found = understood(TypedText(text), a_parse(entities=entities))["entities"]
    assert found == [
        {"entity": "order_number", "value": "CJ-483920", "start": 12, "end": 21},
        {"entity": "product", "value": "sofa"},
    ]
    assert text[12:21] == "CJ-483920"
