"""What Meta posts: envelopes, read without ever failing on what is new in them.

A body holds several entries, these several changes, these several messages or statuses. What is not as
documented is passed over one by one: a strange message must not hold up its neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, Extra, Field, ValidationError

MAX_BODY_BYTES = 3 * 1024 * 1024
"""Meta: a webhook has at most 3 MB."""
_EARLIEST, _LATEST = 1_000_000_000, 10_000_000_000


NOT_AS_DOCUMENTED = (ValidationError, TypeError, OverflowError, RecursionError)
"""What a record of another shape raises; pydantic makes a dict of a list of pairs, with any keys.

Lists within lists that JSON can just read are too deep for pydantic.
"""


class Malformed(Exception):
    """The body is no webhook."""


class Loose(BaseModel):
    """A record of Meta's, of which only what is named here matters."""

    class Config:
        extra = Extra.ignore
        allow_population_by_field_name = True


class Context(Loose):
    """What a message quotes."""

    id: str = Field(default="", max_length=256)


class Message(Loose):
    """A message as it came; `content` is the member that is named after its type."""

    sender: str = Field(alias="from", min_length=1, max_length=128)
    id: str = Field(min_length=1, max_length=256)
    timestamp: float = Field(gt=_EARLIEST, lt=_LATEST)
    type: str = Field(default="unknown", max_length=64)
    context: Context | None = None
    content: Any = None

    @property
    def quoted_id(self) -> str:
        """Id of the message that is quoted; empty if none is."""
        return self.context.id if self.context else ""


class Problem(Loose):
    """One of the errors of a status."""

    code: int = 0


class Status(Loose):
    """What became of a message that we sent."""

    id: str = Field(min_length=1, max_length=256)
    status: str = Field(max_length=32)
    timestamp: float = Field(gt=_EARLIEST, lt=_LATEST)
    recipient: str = Field(alias="recipient_id", min_length=1, max_length=128)
    errors: list[Problem] = Field(default_factory=list)

    @property
    def code(self) -> int | None:
        """Why it failed, if that is told; 0 stands for a bad token, with which nothing is taken at all."""
        return next((problem.code for problem in self.errors if problem.code), None)


@dataclass
class Received:
    """What one of our numbers got."""

    line: str
    """Id of the number."""
    names: dict[str, str] = field(default_factory=dict, repr=False)
    """Profile names by sender."""
    messages: list[Message] = field(default_factory=list, repr=False)
    """In the order in which they were written."""
    statuses: list[Status] = field(default_factory=list, repr=False)
    strange: int = 0
    """How many messages and statuses could not be read."""


Record = TypeVar("Record", bound=Loose)


def parse_webhook(body: bytes) -> list[Received]:
    """What a body holds for each of our numbers; changes of other fields than messages are passed over.

    Raises:
        Malformed: it is no JSON object.
    """
    try:
        record = _whole(json.loads(body.decode("utf-8")), body)
    except (ValueError, RecursionError) as error:  # ValueError: also a number of 5,000 digits
        raise Malformed("the body is no JSON") from error
    if not isinstance(record, dict):
        raise Malformed("the body is no JSON object")
    changes = [change for entry in _dicts(record.get("entry")) for change in _dicts(entry.get("changes"))]
    values = [change["value"] for change in changes if isinstance(change.get("value"), dict)]
    return [received for value in values if (received := _received(value))]


def _whole(record: Any, body: bytes) -> Any:
    """The record without halves of characters, which JSON can escape and no store can keep."""
    if rb"\ud" not in body.lower():
        return record
    return json.loads(json.dumps(record, ensure_ascii=False).encode("utf-8", "replace"))


def _received(value: dict[str, Any]) -> Received | None:
    metadata = value.get("metadata")
    line = metadata.get("phone_number_id") if isinstance(metadata, dict) else None
    if not isinstance(line, str):
        return None
    received = Received(line, names=dict(_names(value.get("contacts"))))
    messages = [_read(Message, _with_content(record)) for record in _dicts(value.get("messages"))]
    statuses = [_read(Status, record) for record in _dicts(value.get("statuses"))]
    received.messages = sorted(filter(None, messages), key=lambda message: message.timestamp)
    received.statuses = list(filter(None, statuses))
    received.strange = sum(record is None for record in (*messages, *statuses))
    return received


def _with_content(record: dict[str, Any]) -> dict[str, Any]:
    kind = record.get("type")
    return {**record, "content": record.get(kind) if isinstance(kind, str) else None}


def _names(contacts: Any) -> Iterator[tuple[str, str]]:
    for contact in _dicts(contacts):
        sender, profile = contact.get("wa_id"), contact.get("profile")
        name = profile.get("name") if isinstance(profile, dict) else None
        if isinstance(sender, str) and isinstance(name, str):
            yield sender, name


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [record for record in value if isinstance(record, dict)] if isinstance(value, list) else []


def _read(model: type[Record], record: dict[str, Any]) -> Record | None:
    try:
        return model.parse_obj(record)
    except NOT_AS_DOCUMENTED:
        return None
