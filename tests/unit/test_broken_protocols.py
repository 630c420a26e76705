"""Whatever is wrong with a protocol is told with its file and line, in words by which it can be mended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from protocols import DEMO, demo_copy

from relevo.protocol import source
from relevo.protocol.check import check_protocol
from relevo.protocol.problems import Problem

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent.parent / "protocols" / "broken.yml").read_text(encoding="utf-8")
)
TODAY = date(2026, 11, 24)
"""A day on which the demo's notices are in force."""


def spoil(file: Path, case: dict[str, Any]) -> int:
    """Make a case's edit; the number of its line."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    if "find" in case:
        assert case["find"] in text, "the demo has changed: renew this case"
        line = text[: text.index(case["find"])].count("\n") + 1
        file.write_text(text.replace(case["find"], case["replace"], 1), encoding="utf-8")
        return line
    if "encoding" in case:
        file.write_bytes(text.encode(case["encoding"], errors="replace"))
    elif "delete" in case:
        file.unlink()
    else:
        appended = case.get("append", "") * case.get("repeat", 1)
        file.write_text(case.get("content") or text + appended, encoding="utf-8")
    return text.count("\n") + 1


def pattern(told: str, line: int, folder: Path) -> str:
    """What is told as a pattern: the places in braces become lines of the spoiled files."""
    name = told.partition(":")[0]

    def line_of(found: re.Match[str]) -> str:
        place = found[0][1:-1]
        if place == "any":
            return r"\d+"
        if place.startswith("^"):
            lines = (folder / name).read_text(encoding="utf-8").split("\n")
            return str(next(i for i, text in enumerate(lines, 1) if text.startswith(place[1:])))
        return str(line + int(place.removeprefix("line") or 0))

    parts = re.split(r"(\{(?:line(?:[+-]\d+)?|any|\^[^}]*)\})", told)
    return "".join(
        re.escape(part) if i % 2 == 0 else re.sub(r".+", line_of, part) for i, part in enumerate(parts)
    )


def essence(problem: Problem) -> tuple[str, str, str]:
    """What remains of a problem when other lines move."""
    return Path(problem.file).name, problem.at, problem.message


@pytest.fixture(scope="module", autouse=True)
def each_content_is_read_once() -> Iterator[None]:
    """Most files of most cases are the demo's own: reading them again and again takes most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "read_yaml", lru_cache(source.read_yaml))
        yield


@pytest.fixture(scope="module")
def told_of_the_demo() -> set[tuple[str, str, str]]:
    return {essence(problem) for problem in check_protocol(DEMO, TODAY).problems}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_mistake_is_told_with_file_line_and_advice(
    case: dict[str, Any], tmp_path: Path, told_of_the_demo: set[tuple[str, str, str]]
) -> None:
    folder = demo_copy(tmp_path)
    line = spoil(folder / case["file"], case)
    report = check_protocol(folder, TODAY)
    told = [
        str(problem).removeprefix(f"{folder}/")
        for problem in report.problems
        if essence(problem) not in told_of_the_demo
    ]
    expected = [pattern(text, line, folder) for text in case["tells"]]
    assert len(told) == len(expected), told
    for text, wanted in zip(told, expected, strict=True):
        assert re.fullmatch(wanted, text), f"\ntold:   {text}\nwanted: {wanted}"


def test_each_case_has_a_name_of_its_own() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES) >= 30
