"""The customers' side: who they are, and their chats with a number of the business."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any, Literal

WINDOW_SECONDS = 24 * 3600.0
MEXICO = re.compile(r"52(1?)(\d{10})")
TYPING_SECONDS = 25.0
MAX_CHAT = 500
Direction = Literal["to_business", "to_customer"]
Progress = Literal["pending", "sent", "delivered", "read", "failed"]
_ORDER: tuple[Progress, ...] = ("pending", "sent", "delivered", "read")


@dataclass
class Customer:
    """Someone with WhatsApp."""

    wa_id: str
    name: str
    is_reachable: bool = True
    """Whether messages get as far as the phone."""
    reads_at_once: bool = False
    accepts_marketing: bool = True
    has_whatsapp: bool = True


@dataclass
class ChatMessage:
    """One message of a chat, in either direction; `content` as the API writes it under its type's name."""

    id: str
    direction: Direction
    type: str
    content: Any
    at: float
    """UTC epoch seconds."""
    progress: Progress = "pending"
    quotes: str = ""
    """The id of the message that it answers."""
    error: int = 0
    reactions: dict[Direction, str] = field(default_factory=dict)

    def advance(self, progress: Progress) -> bool:
        """Move forward; False if it is there already, or failed."""
        if self.progress == "failed":
            return False
        if progress != "failed" and _ORDER.index(progress) <= _ORDER.index(self.progress):
            return False
        self.progress = progress
        return True


@dataclass
class Chat:
    """What one customer and one number wrote to each other."""

    customer: Customer
    number: str
    """The business number's id."""
    messages: dict[str, ChatMessage] = field(default_factory=dict)
    last_from_customer: float | None = None
    typing_until: float = 0.0

    def add(self, message: ChatMessage) -> None:
        """Append a message; the oldest go when there are too many."""
        self.messages[message.id] = message
        while len(self.messages) > MAX_CHAT:
            del self.messages[next(iter(self.messages))]

    def window_closes_at(self) -> float | None:
        """Until when the business may write freely; None if the customer has never written."""
        return None if self.last_from_customer is None else self.last_from_customer + WINDOW_SECONDS

    def window_is_open(self, now: float) -> bool:
        closes_at = self.window_closes_at()
        return closes_at is not None and now < closes_at


def wa_id_of(to: str, known: Container[str]) -> str | None:
    """The wa_id, among the known ones, that a number reaches: in Mexico, with or without the 1 after 52."""
    digits = to.lstrip("+")
    mexican = MEXICO.fullmatch(digits)
    forms = (digits, *((f"52{mexican[2]}", f"521{mexican[2]}") if mexican else ()))
    return next((form for form in forms if form in known), None)
