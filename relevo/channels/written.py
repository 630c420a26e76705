"""A message as a network takes it; knows nothing of Rasa, so that what carries messages may use it, too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True)
class Written:
    """One message: its body, what it says, and the options for which it had no room."""

    body: Body
    text: str = field(repr=False)
    more: list[dict[str, str]] = field(default_factory=list)
