"""How often two things in one message, and follow-ups, are understood by the trained model.

On messages that were invented for this alone; the model has not seen them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from builders import ROOT

from relevo.dialogue.context import Before, Knowledge, Message, read
from relevo.parsing.command import parsed
from relevo.protocol import LANGUAGES, load_protocol
from relevo.protocol.importer import CONTEXT_READER, compiled_configuration
from relevo.settings import Settings

pytestmark = pytest.mark.system

FOUND_BOTH = 0.85
"""Share of messages that ask for two things of which both are found."""
FOUND_TWO_IN_ONE = 0.025
"""Share of messages, long stories among them, that ask for one thing and are taken to ask for two."""
FOLLOWED_UP = 0.85
LEFT_ALONE = 0.9
"""Shares that are understood of follow-ups, and of messages that look like one and ask for something else."""

Record = dict[str, Any]


def records(*names: str) -> list[Record]:
    files = [ROOT / "tests" / "data" / f"{name}.jsonl" for name in names]
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def understood() -> dict[str, Record]:
    """By text: what the present model makes of every message that is looked at here."""
    texts = {r["text"] for r in records("two_topics", "follow_ups", "validation.en", "validation.es")}
    return {record["text"]: record for record in parsed(sorted(texts), Settings.from_environment())}


def shares(messages: list[Record], is_so: Callable[[Record], bool]) -> Iterator[tuple[str, float]]:
    """For each language the share of messages of which something is so."""
    verdicts: dict[str, list[bool]] = defaultdict(list)
    for message in messages:
        verdicts[message["lang"]].append(is_so(message))
    assert set(verdicts) == set(LANGUAGES)
    return ((language, sum(found) / len(found)) for language, found in verdicts.items())


def test_both_things_of_a_message_are_found(understood: dict[str, Record]) -> None:
    def has_both(message: Record) -> bool:
        found = understood[message["text"]]
        return {found["intent"], found.get("also_asked")} == set(message["topics"])

    for language, share in shares(records("two_topics"), has_both):
        assert share >= FOUND_BOTH, language


def test_one_thing_is_seldom_taken_for_two(understood: dict[str, Record]) -> None:
    messages = records("validation.en", "validation.es")
    for language, share in shares(messages, lambda message: "also_asked" in understood[message["text"]]):
        assert share <= FOUND_TWO_IN_ONE, language


@pytest.mark.parametrize(("goes_on", "floor"), [(True, FOLLOWED_UP), (False, LEFT_ALONE)])
def test_follow_ups_are_told_from_other_questions(
    understood: dict[str, Record], goes_on: bool, floor: float
) -> None:
    compiled = compiled_configuration(load_protocol(ROOT / "protocol"))[CONTEXT_READER]
    knowledge = Knowledge(handed_over=frozenset(compiled["handed_over"]))

    def is_understood(message: Record) -> bool:
        alone = understood[message["text"]]
        by_itself = Message(message["text"], alone["intent"], alone["confidence"])
        reading = read(by_itself, Before(message["before"]), knowledge)
        return (reading.topic if reading else alone["intent"]) in message["topics"]

    messages = [m for m in records("follow_ups") if (m["before"] in m["topics"]) is goes_on]
    for language, share in shares(messages, is_understood):
        assert share >= floor, language
