"""Files that say what should be understood.

JSON lines such as `{"text": "where is my order", "lang": "en", "intent": "track_order", "tone": "calm"}`;
of `lang`, `intent` and `tone` any that are known. Other keys are notes, blank lines are skipped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from relevo.errors import RelevoError
from relevo.evaluation.outcome import Expected
from relevo.protocol import LANGUAGES, Protocol
from relevo.protocol.parts.contingency import Tone
from relevo.protocol.required import NOTICE_PREFIX, PRODUCT_INTENTS

SHOWN_PROBLEMS = 10
FORM = '{"text": "where is my order", "lang": "en", "intent": "track_order"}'
KnownLabels = Mapping[str, frozenset[str]]
"""What a message can be understood as, by the key under which a file says it."""


class UnusableExamples(RelevoError):
    """Files or lines can't be used; the message names each."""


class _Unusable(Exception):
    """What is wrong with one line."""


def known_labels(protocol: Protocol) -> KnownLabels:
    """The labels of a company: its topics and notices are those of its protocol."""
    notices = (f"{NOTICE_PREFIX}{name}" for name in protocol.notices)
    return {
        "intent": frozenset((*protocol.topics, *notices, *PRODUCT_INTENTS)),
        "lang": frozenset(LANGUAGES),
        "tone": frozenset(get_args(Tone)),
    }


def read_expected(files: Iterable[Path], known: KnownLabels) -> list[Expected]:
    """The examples of all files, in their order.

    Raises:
        UnusableExamples: a file can't be read or holds nothing, or lines of it are not as they must be.
    """
    examples: list[Expected] = []
    problems: list[str] = []
    for file in files:
        lines = list(_lines(file))
        if not lines:
            problems.append(f"{file}:1: holds no examples; a line is like {FORM}")
        for number, line in lines:
            try:
                examples.append(_expected(line, known))
            except _Unusable as unusable:
                problems.append(f"{file}:{number}: {unusable}")
    if problems:
        more = len(problems) - SHOWN_PROBLEMS
        shown = problems[:SHOWN_PROBLEMS] + ([f"and {more} more"] if more > 0 else [])
        raise UnusableExamples("\n".join(shown))
    return examples


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """The lines that hold something, with their numbers. JSON has only one line break."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UnusableExamples(f"{file}: can't be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise UnusableExamples(f"{file}: not UTF-8 at byte {error.start + 1}") from error
    yield from ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _expected(line: str, known: KnownLabels) -> Expected:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _Unusable(f"not JSON; a line is like {FORM}") from error
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise _Unusable(f"no text; a line is like {FORM}")
    labels = {key: record[key] for key in known if record.get(key) is not None}
    if not labels:
        raise _Unusable(f"expects nothing; give at least one of {', '.join(known)}")
    for key, label in labels.items():
        _require_known(key, label, known[key])
    return Expected(record["text"], labels.get("lang"), labels.get("intent"), labels.get("tone"))


def _require_known(key: str, label: Any, names: frozenset[str]) -> None:
    if isinstance(label, str) and label in names:
        return
    near = get_close_matches(str(label), sorted(names), n=1)
    advice = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(sorted(names))}"
    raise _Unusable(f"unknown {key} {json.dumps(label, ensure_ascii=False)}{advice}")
