"""The case: one matter of one customer that a person must see to."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Literal

from relevo.protocol.schema import Language

Kind = Literal["hand_off", "complaint"]
State = Literal["waiting", "claimed", "closed"]


@dataclass(frozen=True)
class Case:
    """A case as it is kept in Redis. Times are UTC epoch seconds; an empty text or 0 means not set."""

    folio: str
    kind: Kind
    conversation: str
    channel: str
    language: Language
    area: str
    priority: str
    rank: int
    """Order of the priority: 0 comes first."""
    opened_at: float
    target_at: float
    """By when a person must have answered."""
    state: State = "waiting"
    topic: str = ""
    tone: str = ""
    trigger: str = ""
    description: str = ""
    order_number: str = ""
    contact: str = ""
    claimed_by: str = ""
    claimed_at: float = 0.0
    first_response_at: float = 0.0
    closed_at: float = 0.0

    def to_mapping(self) -> dict[str, str]:
        """The case as a Redis hash."""
        return {name: str(value) for name, value in asdict(self).items()}

    @classmethod
    def from_mapping(cls, mapping: dict[str, str]) -> Case:
        """The case of a Redis hash; fields that this version doesn't know are passed over."""
        kinds = {"float": float, "int": int}
        values = {
            field.name: kinds.get(str(field.type), str)(mapping[field.name])
            for field in fields(cls)
            if field.name in mapping
        }
        return cls(**values)  # type: ignore[arg-type]

    @property
    def is_open(self) -> bool:
        return self.state != "closed"
