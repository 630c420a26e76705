"""The JSON lines that `relevo parse` reads and writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

from relevo.errors import RelevoError
from relevo.parsing.typed import TypedText

CHUNK_BYTES = 65_536
FORM = '{"text": "where is my order"}'
_BOOKKEEPING = "language"
"""Not in the text: the entity that sets the conversation's language."""


class BadLine(RelevoError):
    """A line holds no message."""


def chunks_of_lines(stream: BinaryIO, at_most: int) -> Iterator[list[bytes]]:
    """The lines that are there, as soon as some are: who writes one and waits for its answer gets it.

    `stream` is a buffered one; no chunk holds more than `at_most` lines.
    """
    rest: list[bytes] = []
    while chunk := stream.read1(CHUNK_BYTES):  # type: ignore[attr-defined]
        first, *others = chunk.split(b"\n")
        rest.append(first)
        if others:
            lines = [b"".join(rest), *others[:-1]]
            rest = [others[-1]]
            yield from (lines[start : start + at_most] for start in range(0, len(lines), at_most))
    if any(rest):
        yield [b"".join(rest)]


def message_in(line: bytes, number: int) -> str:
    """The message that a line holds. `number`: its place, from 1.

    Raises:
        BadLine: it holds none; the message doesn't repeat what stands there.
    """
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadLine(f"line {number}: not UTF-8 at byte {error.start + 1}") from error
    except RecursionError as error:
        raise BadLine(f"line {number}: too deeply nested") from error
    except json.JSONDecodeError as error:
        raise BadLine(f"line {number}: not JSON at column {error.colno}; write {FORM}") from error
    except ValueError as error:  # a number of 5,000 digits
        raise BadLine(f"line {number}: not JSON; write {FORM}") from error
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise BadLine(f"line {number}: no text; write {FORM}")
    return str(record["text"])


class LineParser:
    """Answers lines with lines, and counts the bad ones."""

    def __init__(self, parse: Callable[[Sequence[TypedText]], list[dict[str, Any]]]) -> None:
        """`parse`: what messages mean, a record for each."""
        self.lines = 0
        self.bad_lines = 0
        self._parse = parse

    def answer(self, lines: Sequence[bytes]) -> list[bytes]:
        """A line for each; a bad one is answered with what is wrong with it."""
        read = [self._read(line) for line in lines]
        messages = [message for message in read if isinstance(message, TypedText)]
        parsed = iter(self._parse(messages) if messages else [])
        return [as_line({"error": str(one)} if isinstance(one, BadLine) else next(parsed)) for one in read]

    def _read(self, line: bytes) -> TypedText | BadLine:
        self.lines += 1
        try:
            return TypedText(message_in(line, self.lines))
        except BadLine as bad:
            self.bad_lines += 1
            return bad


def understood(typed: TypedText, parsed: dict[str, Any]) -> dict[str, Any]:
    """What a message means, from Rasa's parse of its words."""
    record = {
        "text": typed.text,
        "language": parsed["language"]["name"],
        "intent": parsed["intent"]["name"],
        "confidence": round(float(parsed["intent"]["confidence"]), 4),
        "tone": parsed["tone"]["name"],
        "tone_confidence": round(float(parsed["tone"]["confidence"]), 4),
        "entities": [
            _entity(typed, entity) for entity in parsed["entities"] if entity["entity"] != _BOOKKEEPING
        ],
    }
    if parsed.get("also_asked"):
        record["also_asked"] = parsed["also_asked"]
    return record


def _entity(typed: TypedText, entity: dict[str, Any]) -> dict[str, Any]:
    found = {"entity": entity["entity"], "value": entity["value"]}
    if entity.get("start") is not None:
        found["start"], found["end"] = typed.span(entity["start"], entity["end"])
    return found


def as_line(record: dict[str, Any]) -> bytes:
    """A record as a line of UTF-8; half characters, which JSON can carry and UTF-8 can't, stay escaped."""
    try:
        line = json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        line = json.dumps(record).encode()
    return line + b"\n"
