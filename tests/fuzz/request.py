"""One request of an assault, and which answers are right for it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """A request to the bot."""

    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    query: dict[str, str] = field(default_factory=dict)
    is_sound: bool = False
    """Whether it must be taken."""
    is_forged: bool = False
    """Whether a refusal is the only right answer."""
    is_stream: bool = False
    """Whether the answer may go on for ever: its beginning is read."""

    def accepts(self, status: int) -> bool:
        """Whether a status is right for it."""
        if self.is_forged:
            return 400 <= status < 500
        return 200 <= status < (300 if self.is_sound else 500)
