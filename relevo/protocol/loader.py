"""Read a protocol folder. Whatever is wrong is told with file, line and how to mend it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic.utils import ROOT_KEY

from relevo.errors import RelevoError
from relevo.protocol.schema import BadReference, Protocol

PARTS = ("company", "roster", "channels", "contingency", "complaints", "words")
TOPICS_FOLDER = "topics"
MAX_FILE_BYTES = 1_000_000
MAX_DEPTH = 20
"""Levels of nesting in a file; far deeper ones would overflow the stack of the C parser."""

Path_ = tuple[Any, ...]


class ProtocolError(RelevoError):
    """The protocol can't be used; each line of the message names a file, a line and what is wrong."""


class _Source:
    """The YAML files of a protocol: their contents merged, and where each value stands."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {"topics": {}}
        self.places: dict[Path_, tuple[Path, int]] = {}
        self.digest = hashlib.sha256()

    def add(self, file: Path, at: Path_) -> None:
        content = _read(file)
        self.digest.update(f"{file.name}\0{len(content)}\0".encode() + content)
        node, value = _parse(file, content)
        if node is None or not isinstance(value, dict):
            raise ProtocolError(f"{file}:1: must hold `key: value` pairs")
        self._locate(file, node, at)
        target = self.data
        if at == ("topics",):
            target = self.data["topics"]
            for name in value.keys() & target.keys():
                raise ProtocolError(f"{self.place((*at, name))}: topic {name!r} is in another file too")
            target.update(value)
        else:
            target[at[0]] = value

    def _locate(self, file: Path, node: yaml.Node, at: Path_) -> None:
        self.places[at] = (file, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if key.value in seen:
                    raise ProtocolError(f"{file}:{key.start_mark.line + 1}: {key.value!r} is given twice")
                seen.add(key.value)
                self._locate(file, value, (*at, key.value))
                place = (*at, key.value)
                self.places[place] = (file, key.start_mark.line + 1)
        elif isinstance(node, yaml.SequenceNode):
            for i, value in enumerate(node.value):
                self._locate(file, value, (*at, i))

    def place(self, at: Path_) -> str:
        """`file:line` of the nearest known ancestor of a place."""
        while at and at not in self.places:
            at = at[:-1]
        if not at:
            return "protocol"
        file, line = self.places[at]
        return f"{file}:{line}"


def load_protocol(folder: Path) -> Protocol:
    """Read and validate the protocol in `folder`.

    Raises:
        ProtocolError: a file is missing, unreadable or says something that can't be.
    """
    source = _Source()
    for part in PARTS:
        source.add(folder / f"{part}.yml", (part,))
    topic_files = sorted((folder / TOPICS_FOLDER).glob("*.yml"))
    if not topic_files:
        raise ProtocolError(f"{folder / TOPICS_FOLDER}: holds no topics; add at least one .yml file")
    for file in topic_files:
        source.add(file, ("topics",))
    try:
        return Protocol(**source.data, hash=source.digest.hexdigest())
    except ValidationError as error:
        raise ProtocolError("\n".join(_explain(source, error))) from error


def _explain(source: _Source, error: ValidationError) -> list[str]:
    causes = [getattr(wrapper, "exc", None) for wrapper in error.raw_errors]
    # References are checked when all parts are sound by themselves: no other problem stands beside a bad one.
    references = [cause for cause in causes if isinstance(cause, BadReference)]
    found = [(_path(cause.at), str(cause)) for cause in references]
    found = found or [(problem["loc"], problem["msg"]) for problem in error.errors()]
    return [f"{source.place(at)}: {_dotted(at)}: {message}" for at, message in found]


def _path(dotted: str) -> Path_:
    return tuple(int(step) if step.isdecimal() else step for step in dotted.split("."))


def _dotted(at: Path_) -> str:
    return ".".join(str(step) for step in at if step != ROOT_KEY)


class _Loader(yaml.CSafeLoader):
    """Tells where a value stands that YAML's own types can't hold: a date in month 13, `!!int one`."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, AttributeError) as error:
            problem = f"a value can't be read; in quotes it is a text ({error})"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from error


def _parse(file: Path, content: bytes) -> tuple[yaml.Node | None, Any]:
    """The YAML of a file twice: as nodes, which know their lines, and as values."""
    try:
        _check_shape(file, content)
        return yaml.compose(content, Loader=_Loader), yaml.load(content, Loader=_Loader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ProtocolError(
            f"{file}:{line}: {error.problem}; check quotes, colons and indentation"
        ) from error
    except yaml.YAMLError as error:
        raise ProtocolError(f"{file}: is not readable YAML ({' '.join(str(error).split())})") from error


def _check_shape(file: Path, content: bytes) -> None:
    """Refuse what would make a small file endless or bottomless, before it is put together."""
    depth = 0
    for event in yaml.parse(content, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        place = f"{file}:{event.start_mark.line + 1 if event.start_mark else 1}"
        if isinstance(event, yaml.AliasEvent):
            raise ProtocolError(f"{place}: aliases (*name) don't work here; write the text out")
        if depth > MAX_DEPTH:
            raise ProtocolError(f"{place}: is nested more than {MAX_DEPTH} levels deep; close the brackets")


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise ProtocolError(f"{file}: is larger than {MAX_FILE_BYTES:,} bytes; split it")
        return file.read_bytes()
    except OSError as error:
        raise ProtocolError(
            f"{file}: can't be read ({error.strerror}); every protocol needs this file"
        ) from error
