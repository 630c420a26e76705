"""The heart of the stand-in: what happens when a business or a customer does something.

It knows no HTTP: `app.py` turns requests into calls of it, and `courier.py` takes its webhooks away.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from typing import Any, Final

from relevo.whatsapp.stand_in import templates
from relevo.whatsapp.stand_in.account import Account, PhoneNumber
from relevo.whatsapp.stand_in.changes import Change, message_change, status_change
from relevo.whatsapp.stand_in.customers import TYPING_SECONDS, Chat, ChatMessage, Customer, Progress, wa_id_of
from relevo.whatsapp.stand_in.errors import (
    INVALID_PARAMETER,
    INVALID_VALUE,
    MARKETING_STOPPED,
    NO_OBJECT_SUBCODE,
    PAIR_RATE,
    SAME_NUMBER,
    THROUGHPUT,
    UNDELIVERABLE,
    WINDOW_CLOSED,
    GraphError,
)
from relevo.whatsapp.stand_in.faults import Fault, Faults
from relevo.whatsapp.stand_in.media import MediaStore
from relevo.whatsapp.stand_in.rates import pairs, throughput
from relevo.whatsapp.stand_in.schema import MediaContent, Message, ReadMark
from relevo.whatsapp.stand_in.webhooks import WebhookQueue

TOLD_LATER: Final = frozenset({UNDELIVERABLE, WINDOW_CLOSED, MARKETING_STOPPED})
"""Errors after which the request has been answered with 200: a `failed` status tells them."""


class GraphApi:
    """One account, its customers and their chats."""

    def __init__(
        self,
        account: Account,
        *,
        now: Callable[[], float],
        seed: int = 0,
        told_later: frozenset[int] = TOLD_LATER,
        changed: Callable[[str], None] = lambda wa_id: None,
    ) -> None:
        """`now`: UTC epoch seconds. `changed(wa_id)` is called when a chat of a customer has changed."""
        self.account = account
        self.now = now
        self.customers: dict[str, Customer] = {}
        self.chats: dict[tuple[str, str], Chat] = {}
        self.faults = Faults()
        self.media_faults = Faults()
        self.media = MediaStore()
        self.webhooks = WebhookQueue(account.id, account.app_secret)
        self.throughput = throughput()
        self.pairs = pairs()
        self._told_later = told_later
        self._changed = changed
        self._random = random.Random(seed)  # noqa: S311 - ids that can be repeated

    # --- the business ---

    def number(self, number_id: str) -> PhoneNumber:
        """Raises GraphError if the account has no such number."""
        if number_id not in self.account.numbers:
            told = f"object with ID {number_id!r} does not exist, or lacks permissions"
            raise GraphError(INVALID_PARAMETER, told, NO_OBJECT_SUBCODE)
        return self.account.numbers[number_id]

    def send(self, number_id: str, message: Message, fault: Fault | None = None) -> dict[str, Any]:
        """Take a message; the answer of the API.

        Raises:
            GraphError: it is refused. What goes wrong later is told by a webhook.
        """
        number, now = self.number(number_id), self.now()
        if fault and fault.kind == "error":
            raise GraphError(fault.code, "scripted")
        wa_id = wa_id_of(message.to, self.customers) or message.to.lstrip("+")
        self._require_rate(number, wa_id)
        sent = ChatMessage(self._new_id(), "to_customer", message.type, None, now)
        sent.quotes = message.context.message_id if message.context else ""
        try:
            if fault and fault.kind == "late_error":
                raise GraphError(fault.code, "scripted")
            chat = self._chat_of(number, message.to)
            sent.content = self._content(chat, message)
        except GraphError as error:
            if error.code not in self._told_later and not fault:
                raise
            sent.error = error.code
            self.webhooks.add([status_change(number, wa_id, sent, "failed", now, error=error)])
        else:
            self._hand_over(number, chat, sent)
        contacts = [{"input": message.to, "wa_id": wa_id}]
        return {"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": sent.id}]}

    def mark_read(self, number_id: str, mark: ReadMark) -> dict[str, Any]:
        """The business has read a customer's message and those before it, and is perhaps typing.

        Raises:
            GraphError: there is no such message.
        """
        self.number(number_id)
        for (number, wa_id), chat in self.chats.items():
            message = chat.messages.get(mark.message_id)
            if number == number_id and message and message.direction == "to_business":
                for earlier in chat.messages.values():
                    if earlier.direction == "to_business" and earlier.at <= message.at:
                        earlier.advance("read")
                chat.typing_until = self.now() + TYPING_SECONDS if mark.typing_indicator else 0.0
                self._changed(wa_id)
                return {"success": True}
        raise GraphError(INVALID_PARAMETER, "message_id: there is no such message")

    def _require_rate(self, number: PhoneNumber, wa_id: str) -> None:
        if not self.throughput.take(number.id, self.now()):
            raise GraphError(THROUGHPUT, "message failed to send because there were too many messages sent")
        if not self.pairs.take((number.id, wa_id), self.now()):
            raise GraphError(
                PAIR_RATE, "too many messages sent from the same phone number to the same customer"
            )

    def _chat_of(self, number: PhoneNumber, to: str) -> Chat:
        if to.lstrip("+") == number.digits:
            raise GraphError(SAME_NUMBER, "the recipient is the sender")
        customer = self.customers.get(wa_id_of(to, self.customers) or "")
        if customer is None or not customer.has_whatsapp:
            raise GraphError(UNDELIVERABLE, "the recipient can't be reached on WhatsApp")
        return self.chat(customer.wa_id, number.id)

    def _content(self, chat: Chat, message: Message) -> Any:
        """What the customer gets.

        Raises:
            GraphError: the template can't be sent, the window is closed, or an id is unknown.
        """
        if message.template:
            template = templates.find(self.account.templates, message.template)
            filled = templates.fill(template, message.template.components)
            if template.category == "MARKETING" and not chat.customer.accepts_marketing:
                raise GraphError(MARKETING_STOPPED)
            return {
                "text": filled.text,
                "header": filled.header,
                "buttons": [list(one) for one in filled.buttons],
            }
        if not chat.window_is_open(self.now()):
            told = "more than 24 hours have passed since the customer last replied to this number"
            raise GraphError(WINDOW_CLOSED, f"message failed to send because {told}")
        if message.context and message.context.message_id not in chat.messages:
            raise GraphError(INVALID_VALUE, "context.message_id: there is no such message in this chat")
        if isinstance(message.content, MediaContent):
            self._require_media(message.type, message.content)
        return message.content if message.type == "contacts" else message.content.dict(exclude_none=True)

    def _require_media(self, kind: str, content: MediaContent) -> None:
        if content.id is not None and self.media.get(content.id).kind != kind:
            raise GraphError(INVALID_VALUE, f"{kind}.id: the media is of another type")

    def _hand_over(self, number: PhoneNumber, chat: Chat, sent: ChatMessage) -> None:
        chat.typing_until = 0.0
        if sent.type == "reaction":
            target = chat.messages.get(sent.content["message_id"])
            if target:
                target.reactions["to_customer"] = sent.content["emoji"]
        else:
            chat.add(sent)
        customer = chat.customer
        reached = ("delivered",) if customer.is_reachable else ()
        read = ("read",) if customer.is_reachable and customer.reads_at_once else ()
        self._progress(number, chat, sent, ("sent", *reached, *read))

    # --- the customers ---

    def add_customer(self, customer: Customer) -> Customer:
        """Someone whom messages reach, even before they have written."""
        self.customers[customer.wa_id] = customer
        return customer

    def chat(self, wa_id: str, number_id: str) -> Chat:
        """The chat of a customer with a number, an empty one if they have not written to each other."""
        key = (number_id, wa_id)
        if key not in self.chats:
            self.chats[key] = Chat(self.customers[wa_id], number_id)
        return self.chats[key]

    def say(self, wa_id: str, number_id: str, type_: str, content: Any, quotes: str = "") -> ChatMessage:
        """A customer sends a message; `content` is what stands under the type's name in the webhook."""
        number, chat, now = self.number(number_id), self.chat(wa_id, number_id), self.now()
        message = ChatMessage(self._new_id(), "to_business", type_, content, now, "sent", quotes)
        chat.last_from_customer = now
        if type_ == "reaction":
            self._react(chat, content)
        else:
            chat.add(message)
        self.webhooks.add([message_change(number, chat.customer, message)])
        self._changed(wa_id)
        return message

    def read(self, wa_id: str, number_id: str) -> None:
        """The customer looks at the chat: all that reached the phone is read."""
        number, chat = self.number(number_id), self.chat(wa_id, number_id)
        for message in chat.messages.values():
            if message.direction == "to_customer" and chat.customer.is_reachable:
                self._progress(number, chat, message, ("delivered", "read"))

    def reach(self, wa_id: str, is_reachable: bool) -> None:
        """The customer's phone is switched on or off; what waited arrives when it is on again."""
        self.customers[wa_id].is_reachable = is_reachable
        for (number_id, customer), chat in self.chats.items():
            if customer != wa_id or not is_reachable:
                continue
            for message in chat.messages.values():
                if message.direction == "to_customer":
                    self._progress(self.number(number_id), chat, message, ("delivered",))

    def note_arrival(self, change: Change) -> None:
        """The business's webhook has taken a change: the customer sees two ticks."""
        wa_id = str(change.body.get("from", ""))
        chat = self.chats.get((change.number, wa_id))
        message = chat.messages.get(str(change.body.get("id"))) if chat else None
        if change.kind == "messages" and message and message.advance("delivered"):
            self._changed(wa_id)

    def _react(self, chat: Chat, content: dict[str, Any]) -> None:
        target = chat.messages.get(content["message_id"])
        if target:
            target.reactions["to_business"] = content.get("emoji", "")

    def _progress(
        self, number: PhoneNumber, chat: Chat, message: ChatMessage, steps: tuple[Progress, ...]
    ) -> None:
        wa_id = chat.customer.wa_id
        for step in steps:
            if message.advance(step):
                self.webhooks.add([status_change(number, wa_id, message, step, self.now())])
        self._changed(wa_id)

    def _new_id(self) -> str:
        return "wamid." + base64.b64encode(self._random.randbytes(27)).decode()
