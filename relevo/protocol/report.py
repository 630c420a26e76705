"""A check's report as text for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby

import typer

from relevo.protocol.check import Report
from relevo.protocol.problems import Problem

_COLOURS = {"error": "red", "warning": "yellow"}


def as_text(report: Report) -> Iterator[str]:
    """Lines grouped by file, with colours (which `typer.echo` leaves out unless a terminal reads them)."""
    for _, problems in groupby(report.problems, key=lambda problem: problem.file):
        yield from map(_line, problems)
        yield ""
    yield summary(report)


def as_json(report: Report) -> str:
    """The counts and all problems."""
    return json.dumps(
        {
            "folder": str(report.folder),
            "errors": len(report.errors),
            "warnings": len(report.warnings),
            "problems": [problem.to_json() for problem in report.problems],
        },
        ensure_ascii=False,
        indent=2,
    )


def summary(report: Report) -> str:
    """The report in one line."""
    counts = [
        _count(len(problems), name)
        for problems, name in ((report.errors, "error"), (report.warnings, "warning"))
        if problems
    ]
    if report.errors or report.protocol is None:
        files = len({problem.file for problem in report.problems})
        return typer.style(f"{' and '.join(counts)} in {_count(files, 'file')}.", fg="red", bold=True)
    protocol = report.protocol
    parts = ", ".join(
        (
            _count(len(protocol.topics), "topic"),
            _count(len(protocol.contingency.triggers), "contingency trigger"),
            _count(len(protocol.complaints.causes), "cause", "of complaint"),
            _count(len(protocol.roster.areas), "area"),
            _count(len(protocol.roster.people), "person", plural="people"),
        )
    )
    warned = f"; {counts[0]}" if counts else ""
    return typer.style(f"The protocol of {protocol.company.name} is sound: {parts}{warned}.", fg="green")


def _line(problem: Problem) -> str:
    place, at = problem.place, typer.style(problem.at, bold=True) + ": " if problem.at else ""
    severity = typer.style(problem.severity, fg=_COLOURS[problem.severity], bold=True)
    return f"{place}: {severity}: {at}{problem.text}"


def _count(number: int, noun: str, behind: str = "", plural: str = "") -> str:
    counted = noun if number == 1 else plural or f"{noun}s"
    return f"{number} {counted} {behind}".rstrip()
