"""Check a protocol folder: everything that is wrong or unwise in it, with file, line and how to mend it.

First the files must be readable, then each value must fit the schema, then the names must exist that parts
use of each other, then the rules of `lint` look at what it all means. All problems are told at once, as far
as one does not hide the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import validate_model

from relevo.protocol.explain import explain
from relevo.protocol.lint import lint
from relevo.protocol.problems import Problem
from relevo.protocol.references import find_dangling
from relevo.protocol.schema import Protocol
from relevo.protocol.source import Source


@dataclass(frozen=True)
class Report:
    """What a check found."""

    folder: Path
    problems: list[Problem]
    """By file and line."""
    protocol: Protocol | None
    """None if a file can't be read or a value does not fit the schema."""

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == "error"]

    @property
    def warnings(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == "warning"]


def check_protocol(folder: Path, today: date | None) -> Report:
    """Check the protocol in `folder`; nothing is raised, whatever the files hold.

    Args:
        today: the day on which notices are in force or past; None to leave out what time alone makes wrong,
            so that a system that ran yesterday also starts today.
    """
    source = Source(folder)
    parts, _, error = validate_model(Protocol, {**source.data, "hash": source.hash})
    findings = list(explain(source, error)) if error else []
    # A part whose file can't be read has been told already.
    findings = [finding for finding in findings if finding.at]
    findings += find_dangling(Protocol.construct(**parts), set(parts))
    protocol = None
    if not error:
        protocol = Protocol.construct(**parts)
        findings += lint(protocol, today)
    problems = {*source.problems, *map(source.locate, findings)}
    return Report(folder, sorted(problems), protocol)
