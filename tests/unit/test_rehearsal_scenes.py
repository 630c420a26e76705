"""Files of conversations to rehearse: what is read, and what is told of lines that can't be."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from builders import ROOT, local_time

from relevo.protocol import Protocol
from relevo.protocol.opening_hours import WEEKDAYS, OpeningHours
from relevo.rehearsal.scenes import Scene, read_scenes, working_noon

GOOD = {"id": "late", "turns": ["where is my order?"], "expect": "answered"}


def written(folder: Path, *lines: dict[str, Any] | str | bytes) -> Path:
    """A file with these lines."""
    file = folder / "some.jsonl"
    encoded = [line if isinstance(line, bytes) else _text(line).encode() for line in lines]
    file.write_bytes(b"\n".join(encoded))
    return file


def _text(line: dict[str, Any] | str) -> str:
    return line if isinstance(line, str) else json.dumps(line)


def hours_of(weekly: dict[str, list[str]], holidays: tuple[str, ...] = ()) -> OpeningHours:
    return OpeningHours(time_zone="America/Mexico_City", holidays=list(holidays), weekly=weekly)


def test_scenes_are_read_in_their_order_with_their_places(tmp_path: Path) -> None:
    second = {**GOOD, "id": "2", "channel": "whatsapp", "lang": "en", "expect": "handoff", "trigger": "anger"}
    file = written(tmp_path, GOOD, "", second)
    found = read_scenes([file])
    assert found.problems == []
    assert [(scene.id, scene.channel, scene.lang) for scene in found.scenes] == [
        ("late", "webchat", None),
        ("2", "whatsapp", "en"),
    ]
    assert found.places == {"late": f"{file}:1", "2": f"{file}:3"}


def test_keys_that_no_one_knows_are_notes(tmp_path: Path) -> None:
    assert read_scenes([written(tmp_path, {**GOOD, "why": "asked for by Ana"})]).problems == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "not JSON: "),
        ("[]", "no JSON object"),
        ("[" * 100_000, "not JSON"),
        (b"\xff\xfe", "not UTF-8 at byte 1"),
        ({"turns": ["hi"], "expect": "answered"}, "id: field required"),
        ({**GOOD, "id": ""}, "id: ensure this value has at least 1 characters"),
        ({**GOOD, "id": ["x"]}, "id: must be a text"),
        ({**GOOD, "expect": "happy"}, "expect: unexpected value; permitted: 'handoff', "),
        ({**GOOD, "channel": "fax"}, "channel: unexpected value"),
        ({**GOOD, "lang": "fr"}, "lang: unexpected value"),
        ({**GOOD, "turns": []}, "turns: ensure this value has at least 1 items"),
        ({**GOOD, "turns": "hi"}, "turns: value is not a valid list"),
        ({**GOOD, "turns": ["hi", 5]}, "turns: each one must be a text"),
        ({**GOOD, "turns": ["hi", " \u200b \n"]}, "turns.2: empty; the chat refuses that"),
        ({**GOOD, "turns": ["///"]}, "turns.1: empty; the chat refuses that"),
        ({**GOOD, "turns": ["a" * 4_001]}, "turns.1: longer than 4,000 characters"),
        ({**GOOD, "now": "yesterday"}, "now: invalid datetime format"),
        ({**GOOD, "trigger": 3}, "trigger: must be a text"),
    ],
)
def test_bad_line_is_told_with_its_place_and_the_others_are_read(
    tmp_path: Path, line: dict[str, Any] | str | bytes, told: str
) -> None:
    file = written(tmp_path, {**GOOD, "id": "before"}, line, {**GOOD, "id": "after"})
    found = read_scenes([file])
    assert [scene.id for scene in found.scenes] == ["before", "after"]
    (problem,) = found.problems
    assert problem.startswith(f"{file}:2: {told}"), problem


def test_an_id_is_taken_once_in_all_files(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD)
    found = read_scenes([file, file])
    assert len(found.scenes) == 1
    assert found.problems == [f"{file}:1: the id late is taken by {file}:1"]


def test_file_that_is_missing_or_empty_is_told(tmp_path: Path) -> None:
    missing, empty = tmp_path / "missing.jsonl", written(tmp_path, "", "  ")
    problems = read_scenes([missing, empty]).problems
    assert problems[0] == f"{missing}:1: can't be read (No such file or directory)"
    assert problems[1].startswith(f"{empty}:1: holds no conversations")


def test_time_without_offset_is_the_companys(protocol: Protocol) -> None:
    hours, day = protocol.company.hours, date(2026, 11, 24)
    expected = local_time("2026-11-24 22:00")
    for now in ("2026-11-24T22:00:00", "2026-11-24T22:00:00-06:00", "2026-11-25T04:00:00Z"):
        assert Scene(**GOOD, now=now).begins_at(hours, day) == expected
    assert Scene(**GOOD).begins_at(hours, day) == local_time("2026-11-24 12:00")


@pytest.mark.parametrize(
    ("day", "noon"),
    [
        ("2026-11-24", "2026-11-24 12:00"),
        ("2026-11-26", "2026-11-27 12:00"),  # Thanksgiving
        ("2026-11-28", "2026-11-30 12:00"),  # a Saturday, on which the company works
        ("2026-12-25", "2026-12-28 12:00"),
    ],
)
def test_noon_is_one_of_a_working_weekday(protocol: Protocol, day: str, noon: str) -> None:
    assert working_noon(protocol.company.hours, date.fromisoformat(day)) == local_time(noon)


def test_company_without_working_noons_begins_when_it_opens() -> None:
    day = date(2026, 11, 24)
    lunch = hours_of({name: ["09:00-12:00", "13:00-18:00"] for name in WEEKDAYS})
    assert working_noon(lunch, day) == local_time("2026-11-24 13:00")
    weekend = hours_of({"saturday": ["10:00-18:00"]})
    assert working_noon(weekend, day) == local_time("2026-11-28 10:00")
    assert working_noon(hours_of({}), day) == local_time("2026-11-24 12:00")


def test_rehearsals_of_the_demo_company_are_sound_and_balanced(protocol: Protocol) -> None:
    found = read_scenes(sorted((ROOT / "tests" / "rehearsals").glob("*.jsonl")))
    assert found.problems == []
    triggers = {trigger.id for trigger in protocol.contingency.triggers}
    assert {scene.trigger for scene in found.scenes} - {None} <= triggers
    counts = Counter((scene.lang, scene.channel, scene.expect == "handoff") for scene in found.scenes)
    assert len(counts) == 8, "both languages, both channels, with a person and without"
    assert min(counts.values()) >= 10
