"""What webhooks tell: a customer's message, or how far one of the business's own has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from relevo.whatsapp.stand_in.account import PhoneNumber
from relevo.whatsapp.stand_in.customers import ChatMessage, Customer, Progress
from relevo.whatsapp.stand_in.errors import UNSUPPORTED_TYPE, GraphError

Kind = Literal["messages", "statuses"]


@dataclass(frozen=True)
class Change:
    """One thing to tell: a customer's message, or the status of one of ours."""

    kind: Kind
    number: str
    """The business number's id."""
    display_number: str
    body: dict[str, Any]
    contact: dict[str, Any] | None = None

    def value(self) -> dict[str, Any]:
        """The `value` of a change in a webhook's body."""
        told: dict[str, Any] = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": self.display_number, "phone_number_id": self.number},
        }
        if self.contact:
            told["contacts"] = [self.contact]
        return {**told, self.kind: [self.body]}


def message_change(number: PhoneNumber, customer: Customer, message: ChatMessage) -> Change:
    """A customer's message."""
    body: dict[str, Any] = {
        "from": customer.wa_id,
        "id": message.id,
        "timestamp": str(int(message.at)),
        "type": message.type,
    }
    if message.quotes:
        body["context"] = {"from": number.digits, "id": message.quotes}
    if message.type == "unsupported":
        body["errors"] = [GraphError(UNSUPPORTED_TYPE, "message type is not supported").in_status()]
    else:
        body[message.type] = message.content
    contact = {"profile": {"name": customer.name}, "wa_id": customer.wa_id}
    return Change("messages", number.id, number.digits, body, contact)


def status_change(
    number: PhoneNumber,
    wa_id: str,
    message: ChatMessage,
    status: Progress,
    at: float,
    *,
    error: GraphError | None = None,
) -> Change:
    """How far a message of the business has come; `at`: UTC epoch seconds."""
    body: dict[str, Any] = {
        "id": message.id,
        "status": status,
        "timestamp": str(int(at)),
        "recipient_id": wa_id,
    }
    if status in ("sent", "delivered"):
        category = "utility" if message.type == "template" else "service"
        body["conversation"] = {"id": f"{number.id}:{wa_id}", "origin": {"type": category}}
        body["pricing"] = {"billable": category != "service", "pricing_model": "PMP", "category": category}
    if error:
        body["errors"] = [error.in_status()]
    return Change("statuses", number.id, number.digits, body)
