"""One YAML file: its values, where each of them stands, and what is wrong with it.

YAML guesses types: an unquoted `No` becomes false, `2026-01-01` a date, `09:30` a number. Here everything
that is written is a text, and the schema says what is a number, a date, or yes and no; so a person may write
`en: No`. What makes YAML hard to read or endless (aliases, tags, merges, doubled names) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

import yaml

from relevo.protocol.problems import At
from relevo.protocol.yaml_mistakes import explain_syntax

MAX_FILE_BYTES = 1_000_000
MAX_DEPTH = 20
"""Levels of nesting in a file; far deeper ones would overflow the stack of the C parser."""

_NULLS = ("", "~", "null", "Null", "NULL")
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UNREADABLE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML doesn't allow, and the line ends that editors don't count."""


class Mark(NamedTuple):
    """A place in a file; both count from 1."""

    line: int
    column: int


class Span(NamedTuple):
    """Where a scalar stands, quotes included; the end is behind its last character."""

    start: Mark
    end: Mark
    style: str
    """`'`, `"`, `|`, `>`, or nothing if it is plain."""


@dataclass(frozen=True)
class Mistake:
    """Something wrong in the file as such."""

    mark: Mark
    message: str
    advice: str
    at: At = ()


@dataclass
class YamlFile:
    """What a file holds; if it is not readable as a whole, `mistakes` says why."""

    value: Any = None
    marks: dict[At, Mark] = field(default_factory=dict)
    """Of each value: its key's place in a mapping, its own in a list."""
    scalars: list[tuple[At, str, Span]] = field(default_factory=list)
    """All values that are texts, in the order of the file."""
    keys: list[tuple[At, Span]] = field(default_factory=list)
    """All keys, by the way to their values."""
    mistakes: list[Mistake] = field(default_factory=list)
    is_readable: bool = True


class _Unreadable(Exception):
    """Reading stops here."""

    def __init__(self, mistake: Mistake) -> None:
        self.mistake = mistake


def read_yaml(content: bytes) -> YamlFile:
    """Read a file's content; whatever it holds, nothing is raised."""
    file = YamlFile()
    try:
        text = _decode(content)
        _check_characters(text)
        file.value = _Reader(file, _events(text)).document()
    except _Unreadable as error:
        file.mistakes.append(error.mistake)
        file.is_readable = False
    return file


def _decode(content: bytes) -> str:
    if len(content) > MAX_FILE_BYTES:
        raise _Unreadable(
            Mistake(Mark(1, 1), f"the file is larger than {MAX_FILE_BYTES:,} bytes", "split it or shorten it")
        )
    if content.startswith(_UTF_16_MARKS):
        raise _Unreadable(
            Mistake(
                Mark(1, 1),
                'the file is saved as UTF-16 (Notepad calls it "Unicode"); its first byte is '
                f"0x{content[0]:02X}",
                "save it with the encoding UTF-8",
            )
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Unreadable(_wrong_byte(content, error.start)) from error


def _wrong_byte(content: bytes, position: int) -> Mistake:
    """A byte that UTF-8 doesn't know: most likely the file was saved with an older encoding."""
    before = content[:position].decode("utf-8-sig", errors="replace")
    mark = Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
    meant = content[position : position + 1].decode("cp1252", errors="replace")
    likely = f', perhaps "{meant}" in Windows-1252 or Latin-1' if meant.isprintable() and meant != "�" else ""
    return Mistake(
        mark,
        f"the byte 0x{content[position]:02X} is no UTF-8{likely}",
        "save the file with the encoding UTF-8 (in Notepad: Save as, Encoding, UTF-8)",
    )


def _check_characters(text: str) -> None:
    if found := _UNREADABLE.search(text):
        message = f"there is an invisible character here (U+{ord(found[0]):04X})"
        raise _Unreadable(Mistake(_mark_of(text, found.start()), message, "delete it"))
    if (tab := text.find("\t")) >= 0:
        more = text.count("\t") - 1
        message = "there is a tab here" + (f", and {more} more in this file" if more else "")
        raise _Unreadable(Mistake(_mark_of(text, tab), message, "write spaces instead of tabs"))


def _mark_of(text: str, position: int) -> Mark:
    before = text[:position]
    return Mark(before.count("\n") + 1, position - before.rfind("\n"))


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line, column, message, advice = explain_syntax(error, text)
        raise _Unreadable(Mistake(Mark(line, column), message, advice)) from error
    except yaml.YAMLError as error:
        message = f"this is not readable as YAML ({' '.join(str(error).split())})"
        raise _Unreadable(Mistake(Mark(1, 1), message, "check quotes, colons and indentation")) from error


class _Reader:
    """Puts a document together from the parser's events, with the place of each value."""

    def __init__(self, file: YamlFile, events: Iterator[yaml.Event]) -> None:
        self._file = file
        self._events = events

    def document(self) -> Any:
        """The value of the only document; None if there is none."""
        value: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._stop(event, "a second document begins here (`---`)", "delete the line")
                value = self._value(next(self._events), (), 0)
        return value

    def _value(self, event: yaml.Event, at: At, depth: int) -> Any:
        self._refuse(event, depth)
        if isinstance(event, yaml.ScalarEvent):
            self._file.scalars.append((at, event.value, _span(event)))
            is_plain = not event.style
            return None if is_plain and event.value in _NULLS else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(at, depth + 1)
        return self._mapping(at, depth + 1)

    def _sequence(self, at: At, depth: int) -> list[Any]:
        values: list[Any] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            place = (*at, len(values))
            self._file.marks[place] = _mark(event)
            values.append(self._value(event, place, depth))
        return values

    def _mapping(self, at: At, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            self._refuse(event, depth)
            if not isinstance(event, yaml.ScalarEvent):
                self._stop(event, "a name stands here that is a list or a mapping", "write a plain name")
            name, place = event.value, (*at, event.value)
            if name in values:
                first = self._file.marks[place].line
                message, advice = f'"{name}" is given twice, first in line {first}', "keep one of them"
                self._file.mistakes.append(Mistake(_mark(event), message, advice, place))
            self._file.marks[place] = _mark(event)
            self._file.keys.append((place, _span(event)))
            values[name] = self._value(next(self._events), place, depth)
        return values

    def _refuse(self, event: yaml.Event, depth: int) -> None:
        """Stop at what would make a small file endless or bottomless, or run code elsewhere."""
        if isinstance(event, yaml.AliasEvent):
            message = (
                "a text that begins with * refers to another place of the file, which is not allowed here"
            )
            self._stop(event, message, "put the text in quotes, or write it out")
        if getattr(event, "anchor", None):
            message = "a text that begins with & names a place of the file, which is not allowed here"
            self._stop(event, message, "put the text in quotes")
        if getattr(event, "tag", None):
            message = "a text that begins with ! is a command to YAML, which is not allowed here"
            self._stop(event, message, "put the text in quotes")
        if depth > MAX_DEPTH:
            message = f"lists and mappings are nested more than {MAX_DEPTH} levels deep here"
            self._stop(event, message, "check the indentation, and close [ and {")

    @staticmethod
    def _stop(event: yaml.Event, message: str, advice: str) -> NoReturn:
        raise _Unreadable(Mistake(_mark(event), message, advice))


def _mark(event: yaml.Event) -> Mark:
    return _counted(event.start_mark)


def _span(event: yaml.ScalarEvent) -> Span:
    return Span(_counted(event.start_mark), _counted(event.end_mark), event.style or "")


def _counted(mark: Any) -> Mark:
    """The parser's mark, counted from 1."""
    return Mark(mark.line + 1, mark.column + 1)
