"""Customers as a messenger knows them: where their answers go, and the number or address they write from.

A conversation's id doesn't tell its customer's number; this does, and nothing else. It is kept as long as
the transcript, of which it is a part.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import redis.asyncio as redis

from relevo.store import keys
from relevo.store.confirmed_contacts import ConfirmedContacts
from relevo.store.connection import Script

_DIGEST_CHARACTERS = 32

_note = Script(Path(__file__).with_name("note_customer.lua"))
_note_more = Script(Path(__file__).with_name("note_more_of_customer.lua"))


@dataclass(frozen=True)
class Customer:
    """Who writes in a conversation. Personal data are left out of `repr`, so they reach no log."""

    channel: str
    line: str
    """Which of our numbers or mailboxes they write to."""
    address: str = field(repr=False)
    """Where answers go, as the messenger wrote it."""
    wrote_at: float
    """When they last wrote, UTC epoch seconds."""
    contact: str = field(default="", repr=False)
    """Phone (E.164) or e-mail address that the channel itself vouches for, and so confirmed; never one that
    the customer has typed. Empty if the channel tells none."""
    name: str = field(default="", repr=False)
    last_message: str = ""
    """The messenger's id of their last message."""
    language: str = ""
    """The language that they speak, or that their number lets one expect."""
    template_for: float = 0.0
    """`wrote_at` of the silence into which a template was sent: one is enough."""
    subject: str = field(default="", repr=False)
    """Of their last message, where messages have one."""
    references: str = field(default="", repr=False)
    """Ids of the messages that led to their last one and of that, as e-mails name them."""
    closed_for: float = 0.0
    """`wrote_at` of the silence in which the messenger no longer takes other messages, by its own clock."""


_PARSERS: dict[str, Callable[[str], Any]] = {
    entry.name: float if entry.type == "float" else str for entry in fields(Customer)
}


def conversation_id(prefix: str, key: str, told: str) -> str:
    """The id of a conversation with a customer of whom the channel tells a number or an address.

    A keyed digest: who sees it in a log or an address can't find the number by trying them all.
    """
    return prefix + hmac.new(key.encode(), told.encode(), hashlib.sha256).hexdigest()[:_DIGEST_CHARACTERS]


class Customers:
    """The customers of all conversations."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    async def note(self, conversation: str, customer: Customer) -> bool:
        """Note a customer who has just written; False if a later message of theirs is known.

        Every channel that knows who writes calls this, and nothing else, for each message: the contact links
        the conversation with all others in which the same one is confirmed.
        """
        if customer.contact:
            # First, so that no contact is kept that doesn't lead to its conversation.
            contacts = ConfirmedContacts(self._redis)
            await contacts.vouch(conversation, customer.contact, customer.channel, customer.wrote_at)
        kept = asdict(customer)
        del kept["wrote_at"], kept["template_for"], kept["closed_for"]
        pairs = [text for pair in kept.items() for text in pair]
        names = keys.ConversationKeys(conversation)
        arguments = [repr(customer.wrote_at), keys.TRANSCRIPT_SECONDS, *pairs]
        return bool(await _note(self._redis, [names.customer], arguments))

    async def get(self, conversation: str) -> Customer | None:
        """The customer of a conversation; None if no messenger knows one."""
        kept = await self._redis.hgetall(keys.ConversationKeys(conversation).customer)
        if not kept:
            return None
        known = {name: text for name, text in kept.items() if name in _PARSERS}
        return Customer(**{name: _PARSERS[name](text) for name, text in known.items()})

    async def contact_of(self, conversation: str) -> str:
        """The phone or e-mail that a customer writes from; empty if it isn't known."""
        return await self._redis.hget(keys.ConversationKeys(conversation).customer, "contact") or ""

    async def note_language(self, conversation: str, language: str) -> None:
        """Note the language that a customer speaks now."""
        await self._note_more(conversation, "language", language)

    async def note_template(self, conversation: str, wrote_at: float) -> None:
        """Note that a template was sent into the silence since `wrote_at`."""
        await self._note_more(conversation, "template_for", repr(wrote_at))

    async def note_closed(self, conversation: str, wrote_at: float) -> None:
        """Note that nothing but templates may be sent into the silence since `wrote_at`."""
        await self._note_more(conversation, "closed_for", repr(wrote_at))

    async def _note_more(self, conversation: str, name: str, value: str) -> None:
        """Whoever notes it may have read the customer before they were erased."""
        await _note_more(self._redis, [keys.ConversationKeys(conversation).customer], [name, value])
