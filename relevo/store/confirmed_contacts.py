"""By which confirmed contacts conversations are one customer's, whatever the channel.

A contact is *confirmed* in a conversation if the channel itself vouches for it (WhatsApp its number, e-mail
its sender), or if a person at the desk has made sure of it. One that a customer types is only *claimed*: it
may be mistyped, somebody else's, or a trap, and a yes when it is read back proves nothing. So claims are
shown to the desk alone (`relevo/desk/related.py`), and never link anything by themselves.

Two conversations are one customer's if the same contact is confirmed in both. There are no chains: who shares
a phone with one person and an address with another does not make these two one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import redis.asyncio as redis

from relevo.store import keys
from relevo.store.connection import Script

CONVERSATION = "conversation:"
"""How a conversation stands among the records of a contact."""

ContactKind = Literal["phone", "email"]
Source = Literal["channel", "desk"]

_vouch = Script(Path(__file__).with_name("vouch_contact.lua"))
_unlink = Script(Path(__file__).with_name("unlink_contact.lua"))


@dataclass(frozen=True)
class Confirmation:
    """How a contact was confirmed. It doesn't hold the contact, which lives no longer than its conversation.

    Attributes:
        source: the channel itself, or a person at the desk.
        by: the channel's name, or the person's display name.
        at: UTC epoch seconds.
    """

    kind: ContactKind
    source: Source
    by: str
    at: float

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


class ConfirmedContacts:
    """The confirmed contacts of all conversations."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    async def vouch(self, conversation: str, contact: str, channel: str, now: float) -> bool:
        """A channel vouches for the contact (E.164 or e-mail address) of a conversation's customer.

        A person at the desk does so by `CaseQueue.confirm_contact`. `now`: UTC epoch seconds.

        Returns:
            False if it did so before.
        """
        digest = keys.digest_of(contact)
        confirmation = Confirmation(kind_of(contact), "channel", channel, now)
        names = [keys.contacts_of(conversation), keys.records_of(digest)]
        told = [digest, conversation, confirmation.to_json(), repr(now), keys.RECORDS_SECONDS]
        return bool(await _vouch(self._redis, names, told))

    async def of(self, conversation: str) -> dict[str, Confirmation]:
        """The confirmed contacts of a conversation, by their digests."""
        return (await self.of_all([conversation]))[conversation]

    async def of_all(self, conversations: Iterable[str]) -> dict[str, dict[str, Confirmation]]:
        """The same for several conversations at once."""
        wanted = list(dict.fromkeys(conversations))
        async with self._redis.pipeline(transaction=False) as pipeline:
            for conversation in wanted:
                pipeline.hgetall(keys.contacts_of(conversation))
            found = await pipeline.execute()
        return {
            conversation: {digest: Confirmation(**json.loads(text)) for digest, text in kept.items()}
            for conversation, kept in zip(wanted, found, strict=True)
        }

    async def conversations_with(self, digests: Iterable[str]) -> dict[str, list[str]]:
        """By the digest of a contact, the conversations in which it is confirmed, the last ones first."""
        wanted = list(dict.fromkeys(digests))
        async with self._redis.pipeline(transaction=False) as pipeline:
            for digest in wanted:
                pipeline.zrevrange(keys.records_of(digest), 0, -1)
            found = await pipeline.execute()
        return {
            digest: [name.removeprefix(CONVERSATION) for name in names if name.startswith(CONVERSATION)]
            for digest, names in zip(wanted, found, strict=True)
        }

    async def linked(self, conversation: str, *, by_channel: bool = False) -> list[str]:
        """The other conversations of a conversation's customer, sorted.

        Args:
            by_channel: only by contacts that this conversation's own channel vouches for; whatever of another
                conversation is told to a customer must rest on that.
        """
        known = await self.of(conversation)
        digests = [d for d, confirmed in known.items() if confirmed.source == "channel" or not by_channel]
        found = await self.conversations_with(digests)
        return sorted({other for others in found.values() for other in others} - {conversation})

    async def forget(self, conversation: str) -> None:
        """Unlink a conversation from all its contacts."""
        for digest in await self.of(conversation):
            await self.forget_one(conversation, digest)

    async def forget_one(self, conversation: str, digest: str) -> None:
        """Unlink a conversation from the contact with this digest."""
        names = [keys.contacts_of(conversation), keys.records_of(digest)]
        await _unlink(self._redis, names, [digest, conversation])


def kind_of(contact: str) -> ContactKind:
    """Whether a contact, as it is kept, is a phone number or an e-mail address."""
    return "email" if "@" in contact else "phone"
