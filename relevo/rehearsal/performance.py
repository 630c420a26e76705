"""What came of a scene when it was played, as one line of JSON between the processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from relevo.rehearsal.scenes import Outcome, Scene


@dataclass(frozen=True)
class Turn:
    """A message of the customer, what it was understood as, and what the bot answered."""

    said: str
    topic: str
    tone: str
    reply: str
    """Texts and buttons, a line each; empty if the bot was silent because a person has the conversation."""


@dataclass(frozen=True)
class Performance:
    """How a conversation went."""

    id: str
    outcome: Outcome
    trigger: str | None
    """Id of the contingency plan's trigger by which a person got the conversation; None if nobody did."""
    language: str
    turns: Sequence[Turn]
    faults: Sequence[str] = ()
    """What failed in the bot, as a developer reads it."""
    events: Sequence[dict[str, Any]] = field(default_factory=list, repr=False)
    """The conversation's log, in the conversation's own time."""

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Performance:
        return cls(**{**record, "turns": [Turn(**turn) for turn in record["turns"]]})

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def replies(self) -> list[str]:
        """What the bot answered to each turn."""
        return [turn.reply for turn in self.turns]

    def passes(self, scene: Scene) -> bool:
        """Whether all went as the scene expects, without faults."""
        is_by_trigger = scene.trigger in (None, self.trigger)
        return self.outcome == scene.expect and is_by_trigger and not self.faults
