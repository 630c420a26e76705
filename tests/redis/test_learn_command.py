"""`relevo learn`: suggestions as a diff, asked for and written, told and dropped."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
import redis
from builders import ROOT
from click.testing import Result
from typer.testing import CliRunner

from relevo.cli import app
from relevo.learning.suggestions import Suggestion, SuggestionBox, message_name
from relevo.store.connection import connect

Found = TypeVar("Found")

UTTERANCES = """\
version: "3.1"
nlu:
  - intent: track_order
    examples: |
      - ¿dónde está mi pedido?
  - intent: warranty
    examples: |
      - ¿tiene garantía?
"""
TONES = "calm:\n  - gracias\nangry:\n  - ya basta\n"
FIRST = Suggestion(
    message=message_name("c1", "1-0"),
    text="¿ya viene: mi silla?",
    language="es",
    topic="track_order",
    tone="angry",
    understood_topic="warranty",
    understood_tone="calm",
    by="Ana",
    at=1_764_000_000.0,
)
SECOND = replace(
    FIRST, message=message_name("c1", "2-0"), text="se rompió", topic="warranty", tone="", at=1_764_000_060.0
)


class Learner:
    """Runs the command on a folder and a Redis of a test."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url

    def run(self, *arguments: str, answers: str = "") -> Result:
        command = ["learn", "--data", str(self.folder), *arguments]
        return CliRunner().invoke(app, command, input=answers, env={"REDIS_URL": self.url})

    def suggest(self, *suggestions: Suggestion) -> None:
        async def keep(box: SuggestionBox) -> None:
            for suggestion in suggestions:
                await box.keep(suggestion, folio="RV-0000-0001", conversation="c1")

        self._with_box(keep)

    def waiting(self) -> list[Suggestion]:
        return self._with_box(lambda box: box.all())

    def utterances(self) -> str:
        return (self.folder / "nlu/es/order.yml").read_text()

    def tones(self) -> str:
        return (self.folder / "tone/es.yml").read_text()

    def _with_box(self, work: Callable[[SuggestionBox], Awaitable[Found]]) -> Found:
        async def run() -> Found:
            client = connect(self.url)
            try:
                return await work(SuggestionBox(client))
            finally:
                await client.close()

        return asyncio.run(run())


@pytest.fixture
def learner(tmp_path: Path, redis_url: str) -> Learner:
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    for name, content in (("nlu/es/order.yml", UTTERANCES), ("tone/es.yml", TONES)):
        (tmp_path / "data" / name).parent.mkdir(parents=True)
        (tmp_path / "data" / name).write_text(content)
    return Learner(tmp_path / "data", redis_url)


def test_without_suggestions_it_says_where_they_come_from(learner: Learner) -> None:
    result = learner.run()
    assert result.exit_code == 0
    assert "There are no suggestions. Supervisors make them at the desk" in result.output
    assert learner.run("--apply").output == result.output


def test_suggestions_are_shown_as_one_diff_and_nothing_is_written(learner: Learner) -> None:
    learner.suggest(FIRST, SECOND)
    result = learner.run()
    assert result.output.splitlines() == [
        "--- a/data/nlu/es/order.yml",
        "+++ b/data/nlu/es/order.yml",
        "@@ -4,5 +4,7 @@",
        "     examples: |",
        "       - ¿dónde está mi pedido?",
        "+      - ¿ya viene: mi silla?",
        "   - intent: warranty",
        "     examples: |",
        "       - ¿tiene garantía?",
        "+      - se rompió",
        "--- a/data/tone/es.yml",
        "+++ b/data/tone/es.yml",
        "@@ -3,2 +3,3 @@",
        " angry:",
        "   - ya basta",
        '+  - "¿ya viene: mi silla?"',
        "2 suggestions. `relevo learn --apply` asks for each whether it is to be written.",
    ]
    assert (learner.utterances(), learner.tones()) == (UTTERANCES, TONES)
    assert learner.waiting() == [FIRST, SECOND]


def test_a_long_line_of_a_diff_is_not_broken(learner: Learner) -> None:
    text = " ".join(["palabra"] * 60)
    learner.suggest(replace(SECOND, text=text))
    assert f"+      - {text}" in learner.run().output.splitlines()


def test_accepted_suggestions_are_written_refused_ones_forgotten_and_others_left(learner: Learner) -> None:
    third = replace(SECOND, message=message_name("c1", "3-0"), text="otra cosa", at=SECOND.at + 1)
    learner.suggest(FIRST, SECOND, third)
    result = learner.run("--apply", answers="y\nn\nskip\n")
    assert result.exit_code == 0, result.output
    assert "1/3  warranty → track_order, calm → angry (es; Ana, 2025-11-24)" in result.output
    assert learner.utterances() == UTTERANCES.replace("pedido?\n", "pedido?\n      - ¿ya viene: mi silla?\n")
    assert learner.tones() == TONES + '  - "¿ya viene: mi silla?"\n'
    assert learner.waiting() == [third]
    assert "Run `make train`, for nothing is trained by itself." in result.output
    assert "1 suggestion left." in result.output


def test_all_are_written_without_asking_if_wanted(learner: Learner) -> None:
    learner.suggest(FIRST, SECOND)
    result = learner.run("--apply", "--yes")
    assert result.exit_code == 0, result.output
    assert "- se rompió" in learner.utterances()
    assert learner.waiting() == []


def test_whoever_breaks_off_keeps_what_was_decided_before(learner: Learner) -> None:
    learner.suggest(FIRST, SECOND)
    # A process of its own: click's runner goes on answering after the end of its input.
    done = subprocess.run(
        [sys.executable, "-m", "relevo", "learn", "--data", learner.folder, "--apply"],
        cwd=ROOT,
        env={**os.environ, "REDIS_URL": learner.url},
        input="y\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Aborted" in done.stdout + done.stderr
    assert "mi silla" in learner.utterances()
    assert learner.waiting() == [SECOND]


def test_lines_that_are_there_are_told_and_dropped(learner: Learner) -> None:
    known = replace(SECOND, text="¿DONDE ESTA MI PEDIDO?")
    learner.suggest(known)
    told = "data/nlu/es/order.yml:5 has it under track_order"
    assert told in learner.run().output
    assert learner.waiting() == [known]
    result = learner.run("--apply", "--yes")
    assert told in result.output and "the suggestion is dropped" in result.output
    assert learner.waiting() == []
    assert learner.utterances() == UTTERANCES


def test_of_a_suggestion_that_is_half_known_the_other_half_is_written(learner: Learner) -> None:
    learner.suggest(replace(FIRST, text="Ya bastá"))
    learner.run("--apply", "--yes")
    assert "- Ya bastá" in learner.utterances()
    assert (learner.tones(), learner.waiting()) == (TONES, [])


def test_the_same_message_twice_is_written_once(learner: Learner) -> None:
    learner.suggest(SECOND, replace(SECOND, message=message_name("c2", "1-0"), at=SECOND.at + 1))
    assert "order.yml:9 has it under warranty" in learner.run().output
    learner.run("--apply", "--yes")
    assert learner.utterances().count("se rompió") == 1
    assert learner.waiting() == []


def test_a_suggestion_without_a_place_is_told_and_waits(learner: Learner) -> None:
    homeless = replace(FIRST, topic="greet")
    learner.suggest(homeless)
    result = learner.run("--apply", "--yes")
    assert "no file of data has lines of greet in es" in result.output
    assert "Nothing was written." in result.output
    assert learner.waiting() == [homeless]
    assert learner.tones() == TONES


def test_programs_get_a_list(learner: Learner) -> None:
    learner.suggest(FIRST)
    (listed,) = json.loads(learner.run("--format", "json").stdout)
    assert listed == {
        "message": FIRST.message,
        "text": "¿ya viene: mi silla?",
        "language": "es",
        "topic": "track_order",
        "tone": "angry",
        "understood_topic": "warranty",
        "understood_tone": "calm",
        "by": "Ana",
        "at": 1_764_000_000.0,
    }


def test_the_list_is_empty_without_suggestions(learner: Learner) -> None:
    assert json.loads(learner.run("--format", "json").stdout) == []


@pytest.mark.parametrize("options", [["--yes"], ["--apply", "--format", "json"]])
def test_options_that_do_not_go_together_are_told(learner: Learner, options: list[str]) -> None:
    assert learner.run(*options).exit_code == 2


def test_a_store_that_is_away_is_told_plainly(learner: Learner) -> None:
    learner.url = "redis://127.0.0.1:1/0"
    result = learner.run()
    assert result.exit_code == 1
    assert "Redis can't be reached" in result.output
