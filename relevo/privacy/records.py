"""Find what is kept of one customer: by the id of a conversation, or by a phone number or e-mail address.

Whatever opens a case or books a follow-up notes it, in the same script, under the digests of its
conversation and of its contact (`records_of`); the conversations in which a contact is confirmed stand there,
too. A contact leads to all conversations in which it was given or used, and these to all that came of them; a
conversation leads to its own only, since a household may share a phone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

import redis.asyncio as redis

from relevo.cases.case import Case
from relevo.cases.changes import read_cases
from relevo.cases.handling import CASE
from relevo.follow_ups.agenda import FOLLOW_UP, Agenda
from relevo.follow_ups.contact import Contact, parse_contact
from relevo.follow_ups.follow_up import FollowUp
from relevo.store import keys
from relevo.store.confirmed_contacts import CONVERSATION

READ_AT_ONCE = 1_000


@dataclass(frozen=True)
class CustomerRecords:
    """All that is kept of a customer, the oldest first."""

    conversations: tuple[str, ...]
    cases: tuple[Case, ...]
    follow_ups: tuple[FollowUp, ...]
    found_by: frozenset[str] = field(repr=False)
    """The digests by which they were looked for."""

    def __bool__(self) -> bool:
        return bool(self.conversations or self.cases or self.follow_ups)

    @property
    def open_cases(self) -> list[str]:
        """Folios of cases that a person has yet to see to."""
        return [case.folio for case in self.cases if case.is_open]

    def leads(self, record: Case | FollowUp) -> bool:
        """Whether the customer is found by this one: it must be erased after those that it leads to."""
        return not self.found_by.isdisjoint(
            {keys.digest_of(record.conversation), keys.digest_of(record.contact)}
        )

    @property
    def folios(self) -> set[str]:
        """Of cases and follow-ups."""
        return {case.folio for case in self.cases} | {follow_up.folio for follow_up in self.follow_ups}


async def find_customer(client: redis.Redis, who: str) -> CustomerRecords:
    """What is kept of a customer; all empty if nothing is.

    Args:
        who: the id of a conversation, a phone number (with its country, if it isn't the company's) or an
            e-mail address.
    """
    contact = parse_contact(who)
    digests = {keys.digest_of(who)} | ({keys.digest_of(contact.value)} if contact else set())
    cases, follow_ups, conversations = await noted_under(client, digests)
    conversations |= {case.conversation for case in cases} | {promise.conversation for promise in follow_ups}
    if await _has_traces(client, who):
        conversations.add(who)
    if contact and contact.kind == "email":
        conversations |= await _written_from(client, contact)
    of_conversations = {keys.digest_of(conversation) for conversation in conversations}
    cases, follow_ups, _ = await noted_under(client, digests | of_conversations)
    return CustomerRecords(
        tuple(sorted(conversations)),
        tuple(sorted(cases, key=lambda case: (case.opened_at, case.folio))),
        tuple(sorted(follow_ups, key=lambda promise: (promise.created_at, promise.folio))),
        frozenset(digests),
    )


async def noted_under(
    client: redis.Redis, digests: Iterable[str], limit: int = 0
) -> tuple[list[Case], list[FollowUp], set[str]]:
    """The cases and follow-ups that are noted under some digests and still kept, and the conversations.

    Args:
        limit: so many of each digest, the last ones; 0 for all.
    """
    names: set[str] = set()
    for digest in digests:
        names.update(await client.zrevrange(keys.records_of(digest), 0, limit - 1))
    agenda = Agenda(client)
    folios = [name.removeprefix(FOLLOW_UP) for name in names if name.startswith(FOLLOW_UP)]
    follow_ups = [await agenda.get(folio) for folio in folios]
    cases = await read_cases(client, (name.removeprefix(CASE) for name in names if name.startswith(CASE)))
    conversations = {name.removeprefix(CONVERSATION) for name in names if name.startswith(CONVERSATION)}
    return cases, [follow_up for follow_up in follow_ups if follow_up], conversations


async def stream_entries(client: redis.Redis, key: str) -> AsyncIterator[tuple[str, dict[str, str]]]:
    """All entries of a stream with their positions, the oldest first, read in batches."""
    after = "-"
    while entries := await client.xrange(key, min=after, count=READ_AT_ONCE):
        for position, fields in entries:
            yield position, fields
        after = f"({entries[-1][0]}"


async def _written_from(client: redis.Redis, address: Contact) -> set[str]:
    """The conversations whose customer writes from an address, whether or not it is proved theirs.

    All are looked at: an address that nobody has proved links nothing, and is sought so seldom.
    """
    found: set[str] = set()
    known = await client.zrange(keys.CONVERSATIONS, 0, -1)
    for first in range(0, len(known), READ_AT_ONCE):
        some = known[first : first + READ_AT_ONCE]
        async with client.pipeline(transaction=False) as pipeline:
            for conversation in some:
                pipeline.hget(keys.ConversationKeys(conversation).customer, "address")
            addresses = await pipeline.execute()
        found |= {one for one, it in zip(some, addresses, strict=True) if it and address.matches(it)}
    return found


async def _has_traces(client: redis.Redis, conversation: str) -> bool:
    """Whether anything is kept of a conversation."""
    if await client.zscore(keys.CONVERSATIONS, conversation) is not None:
        return True
    return bool(await client.exists(*keys.ConversationKeys(conversation).all))
