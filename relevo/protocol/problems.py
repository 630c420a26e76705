"""What is wrong with a protocol, told so that a person who knows no programming can mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

MAX_COMPARED = 80
"""Characters of a name that are compared with known ones."""
MAX_LISTED = 12
"""Known names that are listed when none is near."""

Severity = Literal["error", "warning"]
At = tuple[str | int, ...]
"""The way to a value: names in mappings, numbers in lists; first comes the part of the protocol."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong, and where. Lines and columns count from 1; they are 0 for a whole file."""

    file: str
    line: int
    column: int
    at: str
    """Dotted way inside the file, like `people.ana.area`; list entries by their id, else counted from 1."""
    severity: Severity
    message: str
    advice: str = ""

    def __str__(self) -> str:
        at = f"{self.at}: " if self.at else ""
        return f"{self.place}: {self.severity}: {at}{self.text}"

    @property
    def place(self) -> str:
        """File, line and column, as editors and terminals understand them."""
        return ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])

    @property
    def text(self) -> str:
        """What is wrong and how to mend it."""
        return f"{self.message}; {self.advice}" if self.advice else self.message

    def to_json(self) -> dict[str, Any]:
        """For programs: an editor, a build."""
        return asdict(self)


@dataclass(frozen=True)
class Finding:
    """What a rule found, before it is known in which file and line the value stands."""

    at: At
    message: str
    advice: str = ""
    severity: Severity = "error"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like another one; None if none is."""
    near = difflib.get_close_matches(name[:MAX_COMPARED], list(known), n=1, cutoff=0.6)
    return near[0] if near else None


def did_you_mean(name: str, known: Iterable[str], else_: str = "") -> str:
    """Advice that names the nearest of the known names; all of them if they are few and none is near.

    Example:
        >>> did_you_mean("custommer_care", ["customer_care", "safety"])
        'did you mean "customer_care"?'
    """
    names = sorted(known)
    if near := nearest(name, names):
        return f'did you mean "{near}"?'
    if else_ or not names:
        return else_
    return f"choose one of: {', '.join(names)}" if len(names) <= MAX_LISTED else "check its spelling"
