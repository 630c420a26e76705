"""What the YAML parser says, in words for a person who only wants to write down a company's protocol."""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml


class Explanation(NamedTuple):
    """A mistake of syntax; line and column count from 1."""

    line: int
    column: int
    message: str
    advice: str


QUOTE_IT = "put the whole text in quotes"
CLOSE_IT = "close it, and check that each quote behind it has its partner"
_UNKNOWN = ("this can't be read", "check quotes, colons and indentation")
SAME_INDENTATION = "lines that belong together begin in the same column; check the spaces here and above"

_PROBLEMS: dict[str, tuple[str, str]] = {
    "mapping values are not allowed in this context": (
        "a colon stands where none can be",
        f"if it belongs to a text, {QUOTE_IT}; else check the spaces before this line",
    ),
    "found unexpected ':'": (
        "a colon stands where none can be",
        QUOTE_IT,
    ),
    "did not find expected key": ("this is not in line with what stands above", SAME_INDENTATION),
    "did not find expected '-' indicator": (
        "a list stands above, but this line does not begin with a dash",
        "begin it with `- `, or check its indentation",
    ),
    "did not find expected <document start>": (
        "this line begins further to the left than the first one",
        SAME_INDENTATION,
    ),
    "found character that cannot start any token": (
        "a text can't begin with this character",
        QUOTE_IT,
    ),
    "found unknown escape character": (
        "a backslash stands in a text with double quotes",
        "write it twice, or leave it out",
    ),
    "did not find expected comment or line break": (
        "something stands behind > or |",
        "begin the text in the next line, indented",
    ),
    "block sequence entries are not allowed in this context": (
        "a list begins in the middle of a line",
        f"write each `- ` in a line of its own, or {QUOTE_IT}",
    ),
    "did not find expected alphabetic or numeric character": (
        "a text can't begin with * or &",
        QUOTE_IT,
    ),
    "did not find expected node content": (
        "something is missing before this",
        f"check brackets and commas, or {QUOTE_IT}",
    ),
    "found unknown directive name": ("a line begins with %", QUOTE_IT),
}
_OPENED: dict[str, str] = {
    "while parsing a flow mapping": "{",
    "while parsing a flow sequence": "[",
}


def explain_syntax(error: yaml.MarkedYAMLError, text: str) -> Explanation:
    """Where a file stops being readable, why, and how to mend it."""
    here = error.problem_mark or error.context_mark
    if here is None:
        return Explanation(1, 1, *_UNKNOWN)
    began = error.context_mark or here
    if error.problem == "found unexpected end of stream":
        return _at(
            began, "a quote that is opened here is never closed", "write the same quote behind the text"
        )
    if error.context == "while scanning a simple key":
        advice = "write `name: text`, or indent it if it goes on a text"
        return _at(began, "there is no colon in this line", advice)
    if (bracket := _OPENED.get(error.context or "")) and began.line < here.line:
        return _at(began, f"the {bracket} that is opened here is not closed", CLOSE_IT)
    if bracket:
        advice = f"a text with a comma or a colon in it needs quotes after {bracket}"
        return _at(here, "a comma is missing before this", advice)
    if quote := _quote_before(text, here.line, here.column):
        advice = (
            "inside '…' write '' for an apostrophe" if quote == "'" else 'inside "…" write \\" for a quote'
        )
        return _at(here, f"the text in quotes ends before this with {quote}", advice)
    unknown = f"this can't be read ({error.problem})", _UNKNOWN[1]
    return _at(here, *_PROBLEMS.get(error.problem or "", unknown))


def _at(mark: Any, message: str, advice: str) -> Explanation:
    return Explanation(mark.line + 1, mark.column + 1, message, advice)


def _quote_before(text: str, line: int, column: int) -> str:
    """The quote that closes right before a place, where a text went on; both count from 0."""
    lines = text.split("\n")
    before = lines[line][:column].rstrip() if line < len(lines) else ""
    return before[-1:] if before[-1:] in ("'", '"') else ""
