"""Reads the utterances of `data/nlu/<language>/*.yml`: Rasa's format, without Rasa.

What is annotated there, as in `[CJ-483920](order_number)`, is plain text here. Everything of ours that reads
these files does so by this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from relevo.protocol.schema import LANGUAGES, Language

_ANNOTATION = re.compile(r"\[(?P<text>[^\]]+)\](?:\([^)]+\)|\{[^}]+\})")


class Example(NamedTuple):
    """One line that customers might type."""

    text: str
    language: Language
    topic: str


def read_examples(folder: Path) -> Iterator[Example]:
    """All utterances of a folder in the files' order; lookup tables hold none."""
    for language in LANGUAGES:
        for file in sorted((folder / language).glob("*.yml")):
            for group in yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
                if "intent" in group:
                    for line in group["examples"].splitlines():
                        yield Example(plain_text(line.removeprefix("- ")), language, group["intent"])


def plain_text(example: str) -> str:
    """An example without its annotations.

    Example:
        >>> plain_text("where is [CJ-483920](order_number)")
        'where is CJ-483920'
    """
    return _ANNOTATION.sub(lambda annotation: annotation["text"], example)
