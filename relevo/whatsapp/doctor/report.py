"""The doctor's report as text for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import typer

from relevo.whatsapp.doctor.finding import Finding

_COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}


def as_text(findings: Sequence[Finding]) -> Iterator[str]:
    """A line for each finding, and the whole in one line."""
    for finding in findings:
        severity = typer.style(finding.severity, fg=_COLOURS[finding.severity], bold=True)
        yield f"{typer.style(finding.about, bold=True)}: {severity}: {finding.text}"
    yield ""
    yield _summary(findings)


def as_json(findings: Sequence[Finding]) -> str:
    """The counts and all findings."""
    counts = {f"{severity}s": _count(findings, severity) for severity in ("error", "warning")}
    told = {**counts, "findings": [finding.to_json() for finding in findings]}
    return json.dumps(told, ensure_ascii=False, indent=2)


def _summary(findings: Sequence[Finding]) -> str:
    errors, warnings = _count(findings, "error"), _count(findings, "warning")
    warned = f"; {warnings} should be looked at" if warnings else ""
    if errors:
        return typer.style(f"WhatsApp can't work: {errors} must be mended{warned}.", fg="red", bold=True)
    return typer.style(f"WhatsApp is in order{warned}.", fg="green")


def _count(findings: Sequence[Finding], severity: str) -> int:
    return sum(finding.severity == severity for finding in findings)
