"""The outbox: what must reach a customer, kept until it has.

Whoever has something to say to a customer from outside a turn (an agent's answer, the news that a person
takes over) puts it here in the same script that changes the case. The clock delivers it through the bot,
so that it passes the channel and lands in the transcript.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]


@dataclass(frozen=True)
class OutboxMessage:
    """Tracker events to append to a conversation, and to send through its channel.

    Attributes:
        id: makes a repeated delivery harmless; it travels in the events' metadata.
        events: tracker events as JSON objects; those of type `bot` are sent to the customer.
    """

    id: str
    conversation: str
    channel: str
    events: list[Event]

    def to_json(self) -> str:
        return json.dumps(
            {"conversation": self.conversation, "channel": self.channel, "events": self.events},
            ensure_ascii=False,
        )

    @classmethod
    def from_fields(cls, fields: dict[str, str]) -> OutboxMessage:
        """The message of an outbox entry."""
        return cls(id=fields["id"], **json.loads(fields["message"]))


class OutboxWriter:
    """Builds outbox messages for one conversation."""

    def __init__(self, conversation: str, channel: str) -> None:
        self._conversation = conversation
        self._channel = channel

    def message(self, events: list[Event], message_id: str | None = None, *, now: float) -> OutboxMessage:
        """A message of these events; `now` is UTC epoch seconds. Without `message_id` it gets a fresh one."""
        outbox_id = message_id or uuid.uuid4().hex
        stamped = [_stamped(event, outbox_id, step, now) for step, event in enumerate(events)]
        return OutboxMessage(outbox_id, self._conversation, self._channel, stamped)


def says(text: str, buttons: list[dict[str, str]] | None = None, **metadata: Any) -> Event:
    """The event of a text that is sent to the customer.

    Args:
        buttons: quick replies, each with `title` and `payload`.
        metadata: `agent` names the person who says it; `news` tells what of a case it is true of.
    """
    offered = {"data": {"buttons": buttons}} if buttons else {}
    return {"event": "bot", "text": text, **offered, "metadata": metadata}


def asks(text: str, buttons: list[dict[str, str]]) -> Event:
    """The event of a question with quick replies, each with its `title` and `payload`."""
    return {"event": "bot", "text": text, "data": {"buttons": buttons}, "metadata": {}}


def shows(kind: str, **details: Any) -> Event:
    """The event of an entry of the customer's page that is no text; `kind` is its type."""
    return {"event": "bot", "data": {"custom": {"type": kind, **details}}, "metadata": {}}


def shows_status(status: str, **details: Any) -> Event:
    """The event of a change that the customer's page shows: waiting, claimed or bot.

    Args:
        details: `folio`, `agent`, `place`; besides, `joined` or `left` name a person who comes or goes.
    """
    return shows("status", status=status, **details)


def _stamped(event: Event, outbox_id: str, step: int, now: float) -> Event:
    metadata = {**event.get("metadata", {}), "outbox_id": outbox_id, "key": f"{outbox_id}:{step}"}
    return {**event, "timestamp": now, "metadata": metadata}
