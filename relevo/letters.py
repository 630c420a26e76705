"""Letters: what the company writes by e-mail of its own accord, to customers of any channel.

A letter lies in the conversation that the company has with its address, where the answer to it will lie, too.
It goes through the outbox, so that it passes the channel and stands in the transcript.
"""

from __future__ import annotations

import re

import redis.asyncio as redis

from relevo.cases.case import Case
from relevo.cases.changes import read_cases
from relevo.contained import contained
from relevo.follow_ups.contact import parse_contact
from relevo.follow_ups.moments import say_moment
from relevo.protocol.parts.channels import EMAIL
from relevo.protocol.parts.letters import Letter, Letters
from relevo.protocol.schema import Protocol
from relevo.settings import Settings
from relevo.store import keys
from relevo.store.confirmed_contacts import ConfirmedContacts
from relevo.store.customers import Customer, Customers, conversation_id
from relevo.store.outbox import Event, OutboxMessage, OutboxWriter, says
from relevo.store.rate_limit import RateLimit
from relevo.store.unreachable import UnreachableContacts

PREFIX = "mail-"
BATCH = 100
MAX_NOTED_CHARACTERS = 1_000
TO_ADDRESS = RateLimit("letters", 5, keys.DAY_SECONDS)
"""Nobody has proved that an address is theirs: it must not be flooded in our name."""
_LINK = re.compile(r"(?:\w+://|www\.)\S+", re.IGNORECASE)


class LetterWriter:
    """Writes for one company from its address."""

    def __init__(
        self, client: redis.Redis, protocol: Protocol, letters: Letters, address: str, key: str
    ) -> None:
        """`key` hides addresses in the names of conversations."""
        self._redis = client
        self._protocol = protocol
        self._letters = letters
        self._address = address
        self._key = key

    @classmethod
    def of(cls, client: redis.Redis, protocol: Protocol, settings: Settings) -> LetterWriter | None:
        """None where e-mail isn't set up, or the protocol has no letters."""
        rules = protocol.channels.get(EMAIL)
        if not settings.email_address or rules is None or rules.letters is None:
            return None
        return cls(client, protocol, rules.letters, settings.email_address, settings.key_for(EMAIL))

    def conversation_with(self, address: str) -> str:
        """The conversation with an address, which its name doesn't tell."""
        return conversation_with(self._key, address)

    async def confirm_all(self, now: float) -> None:
        """Confirm in writing all complaints for which that was asked; a repeat is harmless."""
        for folio in await self._redis.zrange(keys.TO_CONFIRM, 0, BATCH - 1):
            with contained(f"the confirmation of {folio}"):
                for case in await read_cases(self._redis, [folio]):
                    await self._confirm(case, now)
                await self._redis.zrem(keys.TO_CONFIRM, folio)

    async def _confirm(self, case: Case, now: float) -> None:
        words = {"noted": _noted(case), **self._words(case)}
        events = [language_slot(case), says_letter(self._letters.acknowledgement, case, **words)]
        message = await self.prepare(case.contact, case, events, f"confirmation:{case.folio}", now)
        await self._redis.xadd(keys.OUTBOX, {"id": message.id, "message": message.to_json()})

    def begin(self, case: Case) -> Event:
        """The letter that keeps a promised contact, whose case in e-mail's conversation a person takes up."""
        known = self._protocol.topics.get(case.topic)
        topic = known.title.in_language(case.language) if known else self._protocol.company.name
        return says_letter(self._letters.follow_up, case, topic=topic, **self._words(case))

    async def prepare(
        self, address: str, case: Case, events: list[Event], message_id: str, now: float
    ) -> OutboxMessage:
        """The outbox message of some events to an address, whose customer is known from here on."""
        conversation = self.conversation_with(address)
        await ConfirmedContacts(self._redis).vouch(conversation, address, EMAIL, now)
        # What is known of a customer who has written by e-mail stays: their last message is a later one.
        customer = Customer(EMAIL, self._address, address, 0.0, contact=address, language=case.language)
        await Customers(self._redis).note(conversation, customer)
        return OutboxWriter(conversation, EMAIL).message(events, message_id, now=now)

    def _words(self, case: Case) -> dict[str, str]:
        areas = self._protocol.roster.areas
        # An area that the protocol no longer has: its cases go to the people of the first one.
        area = areas.get(case.area) or next(iter(areas.values()))
        moment = say_moment(case.target_at, case.language, self._protocol.company.hours)
        return {"folio": case.folio, "area": area.title.in_language(case.language), "answered_by": moment}


async def ask_to_confirm(client: redis.Redis, case: Case, now: float) -> bool:
    """Have a complaint confirmed by e-mail; whether its contact is an address to which that is done.

    Who complains by e-mail has the confirmation in the answer.
    """
    contact = parse_contact(case.contact)
    if contact is None or contact.kind != "email" or case.channel == EMAIL:
        return False
    if await UnreachableContacts(client).holds(contact.value):
        return False
    if not await TO_ADDRESS.allows(client, keys.digest_of(contact.value)):
        return False
    await client.zadd(keys.TO_CONFIRM, {case.folio: now})
    return True


def conversation_with(key: str, address: str) -> str:
    """The conversation with an e-mail address; `key` hides it."""
    return conversation_id(PREFIX, key, address.casefold())


def language_slot(case: Case) -> Event:
    """The event by which a conversation goes on in the case's language."""
    return {"event": "slot", "name": "language", "value": case.language}


def says_letter(letter: Letter, case: Case, **words: str) -> Event:
    """The event of a letter, with its subject."""
    subject = letter.subject.in_language(case.language).format(**words)
    return says(letter.text.in_language(case.language).format(**words), subject=subject)


def _noted(case: Case) -> str:
    """What a customer complained of. Whoever wrote it need not be who gets it: it leads nowhere."""
    text = _LINK.sub("[…]", case.description)
    shown = text if len(text) <= MAX_NOTED_CHARACTERS else f"{text[:MAX_NOTED_CHARACTERS].rstrip()}…"
    return "\n".join(filter(None, [shown, case.order_number]))
