"""Where the labelled lines of a training file stand, so that one more can be put below the last of a label.

Utterances are in Rasa's format, `- intent: NAME` with `examples: |`; a tone has a list of lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import yaml

from relevo.errors import RelevoError
from relevo.nlu.examples import plain_text

Kind = Literal["topic", "tone"]

_DASH = re.compile(r" *- ?")
_NO_ANNOTATION = str.maketrans("[]\\", "()/")
"""Brackets could be read as an annotation, and in plain ASCII Rasa takes `\\u` for a character."""


class UnexpectedForm(RelevoError):
    """The lines of a label are not in a form that can be appended to; says which and in which line."""


@dataclass(frozen=True)
class Line:
    """One line as plain text, and its number in the file, from 1."""

    number: int
    text: str


@dataclass(frozen=True)
class Block:
    """The lines of one label. A new one goes behind the offset `end` and begins with `lead`."""

    label: str
    lines: tuple[Line, ...]
    end: int
    lead: str

    def append(self, content: str, kind: Kind, text: str) -> str:
        """The file's content with one more line; all that was there stays as it is."""
        line_break = "\r\n" if "\r\n" in content else "\n"
        return content[: self.end] + line_break + self.lead + _FORMS[kind](text) + content[self.end :]


@lru_cache(maxsize=64)
def blocks(content: str, kind: Kind) -> tuple[Block, ...]:
    """The blocks of a file's content, in its order.

    Raises:
        UnexpectedForm: it is YAML of another form.
        yaml.YAMLError: it is no YAML.
    """
    root = yaml.compose(content, Loader=yaml.CSafeLoader)
    read = _topics if kind == "topic" else _tones
    return tuple(read(content, root))


def _topics(content: str, root: Any) -> Iterator[Block]:
    for group in _entries(root).get("nlu", yaml.SequenceNode("", [])).value:
        entries = _entries(group)
        if "intent" in entries and "examples" in entries:
            yield _topic(content, entries["intent"].value, entries["examples"])


def _topic(content: str, topic: str, examples: Any) -> Block:
    number = examples.start_mark.line + 1
    if getattr(examples, "style", None) != "|" or not examples.value.strip():
        raise UnexpectedForm(f"line {number}: the examples of {topic} are not lines below a bar, `|`")
    texts = examples.value.rstrip("\n").split("\n")
    start = end = content.index("\n", examples.start_mark.index)
    for _ in texts:
        start, end = end + 1, _line_end(content, end + 1)
    lines = (Line(number + i, plain_text(text.removeprefix("-").strip())) for i, text in enumerate(texts, 1))
    lead = _DASH.match(content, start)
    return Block(
        topic,
        tuple(line for line in lines if line.text),
        _before_return(content, end),
        lead[0] if lead else "",
    )


def _tones(content: str, root: Any) -> Iterator[Block]:
    for tone, node in _entries(root).items():
        number = node.start_mark.line + 1
        if not isinstance(node, yaml.SequenceNode) or node.flow_style or not node.value:
            raise UnexpectedForm(f"line {number}: the lines of {tone} are not a list with dashes")
        lines = tuple(Line(item.start_mark.line + 1, str(item.value)) for item in node.value)
        last = node.value[-1]
        lead = _DASH.match(content, content.rfind("\n", 0, last.start_mark.index) + 1)
        end = _before_return(content, _line_end(content, last.end_mark.index))
        yield Block(tone, lines, end, lead[0] if lead else "  - ")


def _entries(node: Any) -> dict[str, Any]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: value for key, value in node.value}


def _line_end(content: str, start: int) -> int:
    end = content.find("\n", start)
    return len(content) if end < 0 else end


def _before_return(content: str, end: int) -> int:
    return end - 1 if content[end - 1 : end] == "\r" else end


def _as_utterance(text: str) -> str:
    """A line of a block of text: nothing needs quotes there."""
    return text.translate(_NO_ANNOTATION)


def _as_item(text: str) -> str:
    """An entry of a YAML list, in quotes unless it says the same without."""
    try:
        is_plain = yaml.load(f"- {text}\n", Loader=yaml.CSafeLoader) == [text]
    except yaml.YAMLError:
        is_plain = False
    return text if is_plain else json.dumps(text, ensure_ascii=False)


_FORMS: dict[Kind, Callable[[str], str]] = {"topic": _as_utterance, "tone": _as_item}


def as_kept(text: str, kind: Kind) -> str:
    """The text as it can be read again from a file."""
    return _as_utterance(text) if kind == "topic" else text
