"""The record of a follow-up, and its form in Redis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Literal, cast

from relevo.protocol import Language

Method = Literal["call", "whatsapp", "email", "chat"]
State = Literal["booked", "due", "done", "cancelled", "unreached"]


@dataclass(frozen=True)
class FollowUp:
    """A promise to contact a customer at a time.

    Its life: booked, then due when its time has come, then done; or cancelled before it is done. If nobody
    answers, it is booked again for a later time, until the last attempt leaves it unreached.
    """

    folio: str
    conversation: str
    channel: str
    language: Language
    method: Method
    contact: str = field(repr=False)
    """Phone number (E.164) or e-mail address; empty for a chat."""
    topic: str
    """The intent name of what it is about."""
    due_at: float
    """UTC epoch seconds."""
    created_at: float
    """UTC epoch seconds."""
    cause: str
    """Id of what made it (a message, a tap on a button): the same cause books only once."""
    state: State = "booked"
    zone: str = ""
    """IANA name of the customer's time zone; empty if it isn't known."""
    attempts: int = 0
    """How often the customer was tried and did not answer."""
    missed_at: float = 0.0
    """When it was first seen that nobody had kept it; 0 if that never was."""
    escalations: int = 0
    """How many people were told, step by step, that this attempt is not kept."""
    told: str = ""
    """Who of the roster was told last."""
    cancelled_by: str = ""
    """Id of what cancelled it, as `cause`; empty where another follow-up took its place."""

    @property
    def is_pending(self) -> bool:
        """Whether the customer is still to be contacted."""
        return self.state in ("booked", "due")

    def with_folio(self, folio: str) -> FollowUp:
        """The same promise under another folio."""
        return replace(self, folio=folio)

    def to_hash(self) -> dict[str, str]:
        """Field names and values as text, for HSET."""
        return {
            name: value if isinstance(value, str) else repr(value) for name, value in asdict(self).items()
        }

    @classmethod
    def from_hash(cls, values: Mapping[str, str]) -> FollowUp:
        """The record from the fields of its hash.

        Raises:
            KeyError: a field is missing.
        """
        return cls(
            folio=values["folio"],
            conversation=values["conversation"],
            channel=values["channel"],
            language=cast(Language, values["language"]),
            method=cast(Method, values["method"]),
            contact=values["contact"],
            topic=values["topic"],
            due_at=float(values["due_at"]),
            created_at=float(values["created_at"]),
            cause=values["cause"],
            state=cast(State, values["state"]),
            # A follow-up of an earlier version has none of these.
            zone=values.get("zone", ""),
            attempts=int(values.get("attempts", 0)),
            missed_at=float(values.get("missed_at", 0.0)),
            escalations=int(values.get("escalations", 0)),
            told=values.get("told", ""),
            cancelled_by=values.get("cancelled_by", ""),
        )
