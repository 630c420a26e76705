"""Changes to the text of a YAML file that leave its comments and layout as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable

from relevo.protocol.problems import At
from relevo.protocol.yaml_file import Mark, read_yaml

_PLAIN = re.compile(r"[^\W\d_][\w./]*(?:[ -][\w.]+)*")
"""What needs no quotes in any place: words with single spaces or hyphens between them."""
_FITS_PLAIN = re.compile(r"[^\W_][\w.&'’ -]*")
"""What may stand inside of a text without quotes."""
_WORDS_THAT_ARE_NO_TEXT = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")


class YamlText:
    """A file's text and the changes to it; `str()` gives the changed text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._file = read_yaml(text.encode())
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._changes: dict[tuple[int, int], str] = {}

    def set(self, at: At, value: str) -> None:
        """Write another value in place of a text."""
        for place, present, span in self._file.scalars:
            if place == at and present != value:
                self._change(span.start, span.end, quoted(value))

    def set_list(self, at: At, values: list[str]) -> None:
        """Write other entries into a list of texts in brackets that holds at least one."""
        spans = [span for place, _, span in self._file.scalars if place[:-1] == at]
        self._change(spans[0].start, spans[-1].end, ", ".join(map(quoted, values)))

    def rename(self, old: str, new: str) -> None:
        """Write another name wherever a key or a whole value is `old`."""
        spans = [span for _, value, span in self._file.scalars if value == old]
        spans += [span for at, span in self._file.keys if at[-1] == old]
        for span in spans:
            self._change(span.start, span.end, new)

    def replace(self, names: dict[str, str]) -> None:
        """Write other names in all texts that hold some as whole words, also over the end of a line."""
        changed = {old: new for old, new in names.items() if old != new}
        for _, value, span in self._file.scalars if changed else ():
            if _pattern(changed).search(value):
                start, end = self._offset(span.start), self._offset(span.end)
                self._changes[start, end] = _replaced(self._text[start:end], span.style, changed)

    def __str__(self) -> str:
        text = self._text
        for (start, end), new in sorted(self._changes.items(), reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def _change(self, start: Mark, end: Mark, new: str) -> None:
        self._changes[self._offset(start), self._offset(end)] = new

    def _offset(self, mark: Mark) -> int:
        return self._starts[mark.line - 1] + mark.column - 1


def quoted(value: str) -> str:
    """A text as YAML, in quotes unless it surely needs none."""
    is_plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS_THAT_ARE_NO_TEXT
    return value if is_plain else json.dumps(value, ensure_ascii=False)


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    alternatives = "|".join(r"\s+".join(map(re.escape, name.split())) for name in names)
    return re.compile(rf"(?<!\w)({alternatives})(?!\w)(\.?)")


def _replaced(raw: str, style: str, names: dict[str, str]) -> str:
    """The raw text of a scalar with names replaced, each written in the way of the scalar's quotes."""
    if not style and not all(map(_FITS_PLAIN.fullmatch, names.values())):
        raw, style = f'"{_in_double_quotes(raw)}"', '"'
    escapes: dict[str, Callable[[str], str]] = {'"': _in_double_quotes, "'": _in_single_quotes}
    escape = escapes.get(style, str)

    def renamed(found: re.Match[str]) -> str:
        new = names[" ".join(found[1].split())]
        # A name like "Roble, S.A." brings the full stop of its sentence along.
        return escape(new) + ("" if new.endswith(".") else found[2])

    return _pattern(names).sub(renamed, raw)


def _in_double_quotes(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _in_single_quotes(text: str) -> str:
    return text.replace("'", "''")
