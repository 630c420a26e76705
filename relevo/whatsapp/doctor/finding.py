"""What the doctor finds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One thing that was examined: what is so, and how to mend it if it should be otherwise."""

    about: str
    """What was examined: `token`, `number 1055…`, `template order_reminder (es_MX)`."""
    severity: Severity
    message: str
    advice: str = ""

    @property
    def text(self) -> str:
        return f"{self.message}; {self.advice}" if self.advice else self.message

    def to_json(self) -> dict[str, Any]:
        """For programs: a build, an alarm."""
        return asdict(self)


def ok(about: str, message: str) -> Finding:
    return Finding(about, "ok", message)


def warning(about: str, message: str, advice: str) -> Finding:
    return Finding(about, "warning", message, advice)


def error(about: str, message: str, advice: str) -> Finding:
    return Finding(about, "error", message, advice)
