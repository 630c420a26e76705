"""The shipped rehearsal: customers as they write, through the trained model, the plan and the actions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from builders import ROOT, childrens_seconds

from relevo.rehearsal.scenes import Scene, read_scenes

pytestmark = pytest.mark.system

FILES = sorted((ROOT / "tests" / "rehearsals").glob("*.jsonl"))
DAY = "2026-11-24"
LEAST_HAND_OFFS = 0.97
"""Share of the hand-offs that should happen."""
MOST_NEEDLESS = 0.03
"""Share of the other conversations that a person gets all the same."""
LEAST_AS_EXPECTED = 0.95
MOST_SECONDS = 120
"""Processor time of the whole command."""
MOST_SECONDS_WITHOUT_MODEL = 5
"""Processor time: what reads no model takes one, and what does takes more than ten."""
BAD_LINE = '{"id": "bad", "turns": [], "expect": "answered"}'
TRIGGERS_THAT_CUSTOMERS_SET_OFF = {
    *("self_harm", "safety", "threat", "abuse", "anger", "frustration", "press_or_authority"),
    *("asks_for_person", "privacy", "not_understood", "out_of_scope_again", "same_topic_again"),
}


@dataclass(frozen=True)
class Rehearsal:
    """What the command printed."""

    scenes: dict[str, Scene]
    results: dict[str, dict[str, Any]]
    errors: str
    code: int
    seconds: float

    def failures(self) -> list[str]:
        return [
            f"{one['id']}: {one['outcome']} by {one['trigger']}" for one in self._results() if not one["pass"]
        ]

    def share_handed_over(self, *, expected: bool) -> float:
        """Of the conversations that expect a person (or none), how many one got."""
        found = [one for one in self._results() if (self.scenes[one["id"]].expect == "handoff") is expected]
        return sum(one["outcome"] == "handoff" for one in found) / len(found)

    def _results(self) -> list[dict[str, Any]]:
        return list(self.results.values())


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    """All files and a bad line, rehearsed in one go."""
    bad = tmp_path_factory.mktemp("rehearsal") / "bad.jsonl"
    bad.write_text(BAD_LINE, encoding="utf-8")
    before = childrens_seconds()
    done = _rehearse(*map(str, FILES), str(bad), "--json", "--on", DAY)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    return Rehearsal(
        {scene.id: scene for scene in read_scenes(FILES).scenes},
        {one["id"]: one for one in results},
        done.stderr,
        done.returncode,
        childrens_seconds() - before,
    )


def _rehearse(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "relevo", "rehearse", *arguments]
    # An address that nothing answers at: a rehearsal never uses the Redis of the environment.
    environment = {**os.environ, "REDIS_URL": "redis://127.0.0.1:1/0"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False
    )


def test_bad_line_is_told_and_the_others_are_played(rehearsal: Rehearsal) -> None:
    assert rehearsal.code == 1
    assert "bad.jsonl:1: turns: " in rehearsal.errors
    assert list(rehearsal.results) == list(rehearsal.scenes)


def test_every_result_tells_all_there_is_to_know(rehearsal: Rehearsal) -> None:
    for name, told in rehearsal.results.items():
        assert {"id", "outcome", "trigger", "language", "replies", "pass"} <= set(told), told
        assert len(told["replies"]) == len(rehearsal.scenes[name].turns)
        assert told["replies"][0], "the first message is never met with silence"


def test_nothing_fails_in_the_bot(rehearsal: Rehearsal) -> None:
    assert [told["faults"] for told in rehearsal.results.values() if "faults" in told] == []


def test_who_should_get_a_person_gets_one(rehearsal: Rehearsal) -> None:
    assert rehearsal.share_handed_over(expected=True) >= LEAST_HAND_OFFS, rehearsal.failures()


def test_nobody_is_handed_over_needlessly(rehearsal: Rehearsal) -> None:
    assert rehearsal.share_handed_over(expected=False) <= MOST_NEEDLESS, rehearsal.failures()


def test_conversations_come_to_what_is_expected(rehearsal: Rehearsal) -> None:
    passed = 1 - len(rehearsal.failures()) / len(rehearsal.results)
    assert passed >= LEAST_AS_EXPECTED, rehearsal.failures()


def test_every_trigger_that_customers_can_set_off_fires(rehearsal: Rehearsal) -> None:
    fired = {told["trigger"] for told in rehearsal.results.values()}
    assert fired >= TRIGGERS_THAT_CUSTOMERS_SET_OFF


def test_rehearsal_is_quick_enough_for_every_change(rehearsal: Rehearsal) -> None:
    assert rehearsal.seconds < MOST_SECONDS, f"{len(rehearsal.results)} conversations"


def test_language_is_the_customers_in_the_end(rehearsal: Rehearsal) -> None:
    assert rehearsal.results["en-changes-language"]["language"] == "es"
    assert rehearsal.results["es-changes-language"]["language"] == "en"


def test_rehearsal_without_a_good_line_needs_no_model(tmp_path: Path) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_text("\n", encoding="utf-8")
    before = childrens_seconds()
    done = _rehearse(str(file))
    assert done.returncode == 1
    assert "empty.jsonl:1: holds no conversations" in done.stderr
    assert childrens_seconds() - before < MOST_SECONDS_WITHOUT_MODEL
