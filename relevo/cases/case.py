"""The case: one matter of one customer that a person must see to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal

from relevo.protocol.schema import Language

Kind = Literal["hand_off", "complaint", "privacy"]
"""Only in a hand-off the customer waits in the chat; a complaint or a request for data is answered later."""
State = Literal["waiting", "claimed", "waiting_for_customer", "resolved", "closed"]
OPEN: tuple[State, ...] = ("waiting", "claimed", "waiting_for_customer")


@dataclass(frozen=True)
class Case:
    """A case as it is kept in Redis. Times are UTC epoch seconds; an empty text or 0 means not set.

    Its life: waiting in its area's line, claimed by a person (and waiting for the customer, when the person
    has asked something), resolved with a reason, closed. A customer who rejects the resolution opens it again
    as a claim; whoever lets go of it puts it back in line.
    """

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
    """When the customer was handed over: the wait is counted from here, whatever happens in between."""
    target_at: float
    """By when a person must have answered."""
    resolution_by: float = 0.0
    """By when it must be resolved."""
    state: State = "waiting"
    topic: str = ""
    tone: str = ""
    trigger: str = ""
    explanation: str = ""
    """Why the trigger fired, on which messages: JSON of the contingency plan's decision."""
    cause: str = ""
    """A complaint's cause, as the protocol calls it."""
    description: str = ""
    order_number: str = ""
    opened_by: str = ""
    """The cause that opened it: conversation and message."""
    rights: str = ""
    """What a customer asks of their data, by the names of the law; several with spaces between them."""
    customer_name: str = ""
    contact: str = ""
    claimed_by: str = ""
    """Display name of who has it."""
    claimed_person: str = ""
    """Who that is in the roster."""
    claimed_at: float = 0.0
    for_person: str = ""
    """Whom of the roster it is meant for; anyone who is not barred may take it."""
    first_response_at: float = 0.0
    last_answer_at: float = 0.0
    customer_wrote_at: float = 0.0
    """When the customer last wrote to the people at the desk."""
    unanswered_since: float = 0.0
    """Since when what the customer wrote after the first answer is unanswered."""
    next_response_by: float = 0.0
    """By when a person must answer that."""
    paused_at: float = 0.0
    """Since when the person waits for the customer: the time for the resolution stands still."""
    first_response_steps: int = 0
    next_response_steps: int = 0
    resolution_steps: int = 0
    """Steps of the plan's escalation that were taken for each target."""
    told_late: str = ""
    """What the customer was told last of a late answer: at_risk or missed."""
    told_person: str = ""
    """Who of the roster was told last that the case is late."""
    level: int = 0
    """How often it was opened again as a claim: each time one level higher."""
    reopened_at: float = 0.0
    resolved_at: float = 0.0
    resolved_by: str = ""
    resolved_person: str = ""
    closing_reason: str = ""
    closed_at: float = 0.0
    merged_into: str = ""
    """Folio of the case that goes on with this one's matter."""
    merged: str = ""
    """Folios of the cases that were merged into this one, with spaces between them."""
    rating: int = 0
    """What the customer thought of it once it was closed, 1 to 5."""
    rating_comment: str = ""
    told_place: int = 0
    told_wait: float = 0.0
    """Place and wait in seconds that the customer was told last."""

    def to_mapping(self) -> dict[str, str]:
        """The case as a Redis hash; what is not set is left out, but for the state."""
        values = vars(self).items()
        given = {name: str(value) for name, value in values if value != _DEFAULTS.get(name)}
        return {**given, "state": self.state}

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, str]) -> Case:
        """The case of a Redis hash; fields that this version doesn't know are passed over."""
        return cls(**{name: _PARSERS[name](text) for name, text in mapping.items() if name in _PARSERS})

    @classmethod
    def from_json(cls, text: str) -> Case:
        """The case of a Redis hash as scripts return it."""
        return cls.from_mapping(json.loads(text))

    @property
    def is_open(self) -> bool:
        """Whether a person has yet to see to it."""
        return self.state in OPEN

    @property
    def is_in_hand(self) -> bool:
        """Whether a person has it."""
        return self.state in ("claimed", "waiting_for_customer")

    @property
    def is_claim(self) -> bool:
        """Whether the customer has rejected a resolution."""
        return self.level > 0

    @property
    def answer_by(self) -> float:
        """By when the customer must hear from a person next; 0 if they have their answer."""
        return self.next_response_by if self.first_response_at else self.target_at

    @property
    def wrote_at(self) -> float:
        """When its customer last wrote, as far as the case knows it."""
        return max(self.opened_at, self.reopened_at, self.customer_wrote_at)

    @property
    def waiting_since(self) -> float:
        """Since when the customer needs a person."""
        return self.reopened_at or self.opened_at


_PARSERS: dict[str, Callable[[str], Any]] = {
    field.name: {"float": float, "int": int}.get(str(field.type), str) for field in fields(Case)
}

_DEFAULTS = {field.name: field.default for field in fields(Case) if field.default is not MISSING}
