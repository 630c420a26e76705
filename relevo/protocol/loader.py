"""Read a protocol folder. Whatever is wrong is told with file, line and how to mend it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from relevo.errors import RelevoError
from relevo.protocol.schema import BadReference, Protocol

PARTS = ("company", "roster", "channels", "contingency", "complaints", "words")
TOPICS_FOLDER = "topics"
MAX_FILE_BYTES = 1_000_000

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
        try:
            node = yaml.compose(content, Loader=yaml.CSafeLoader)
            value = yaml.load(content, Loader=yaml.CSafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise ProtocolError(
                f"{file}:{line}: {error.problem}; check quotes, colons and indentation"
            ) from error
        except yaml.YAMLError as error:
            raise ProtocolError(f"{file}: is not readable YAML ({error})") from error
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
    lines = []
    for wrapper, problem in zip(error.raw_errors, error.errors(), strict=False):
        at = problem["loc"]
        cause = getattr(wrapper, "exc", None)
        if isinstance(cause, BadReference):
            at = tuple(int(step) if step.isdecimal() else step for step in cause.at.split("."))
        where = ".".join(str(step) for step in at)
        lines.append(f"{source.place(at)}: {where}: {problem['msg']}")
    return lines


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise ProtocolError(f"{file}: is larger than {MAX_FILE_BYTES:,} bytes; split it")
        return file.read_bytes()
    except OSError as error:
        raise ProtocolError(
            f"{file}: can't be read ({error.strerror}); every protocol needs this file"
        ) from error
