"""A customer's other conversations and cases, as the desk shows them: certain ones, and possible ones.

Certain are those that a confirmed contact links (`relevo/store/confirmed_contacts.py`). Possible are those in
which the same contact was merely given, on either side: only people see them, who can find out. What talks to
customers can't even import this module.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import redis.asyncio as redis

from relevo.cases.case import Case
from relevo.cases.changes import read_cases
from relevo.follow_ups.follow_up import FollowUp
from relevo.privacy.records import noted_under
from relevo.store import keys
from relevo.store.confirmed_contacts import Confirmation, ConfirmedContacts, ContactKind, kind_of
from relevo.store.customers import Customers
from relevo.store.unreachable import UnreachableContacts

Tie = Literal["own", "confirmed", "claimed"]
"""The same conversation; the same customer for certain; whoever gave the same contact."""
TIES: tuple[Tie, ...] = ("own", "confirmed", "claimed")
MAX_RECORDS = 100
MAX_CONVERSATIONS = 20
"""Of a contact that very many give (a switchboard, a made-up number), the last ones are shown."""


@dataclass(frozen=True)
class Shared:
    """The contact by which a conversation belongs to another one, or may; `digest` stands for it."""

    tie: Tie
    kind: ContactKind | Literal[""] = ""
    digest: str = ""


@dataclass(frozen=True)
class Related:
    """Another conversation, or the case's own with its other cases.

    Attributes:
        channel: where it is held; empty if nothing is left that tells it.
        last_at: when something last happened in it, UTC epoch seconds; 0 if its transcript is gone.
        cases: the open ones first, then the latest.
    """

    conversation: str
    shared: Shared
    channel: str = ""
    last_at: float = 0.0
    cases: tuple[Case, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether a person has yet to see to a case of it."""
        return any(case.is_open for case in self.cases)


@dataclass(frozen=True)
class Known:
    """What is known of a case's customer: the contacts of its conversation by digest, and what is related."""

    confirmed: Mapping[str, Confirmation] = field(default_factory=dict)
    claimed: Mapping[str, ContactKind] = field(default_factory=dict)
    related: tuple[Related, ...] = ()
    unreachable: Collection[str] = ()
    """The digests of contacts from which letters came back."""

    @property
    def kinds(self) -> dict[str, ContactKind]:
        """What each contact of the conversation is, by its digest."""
        return {**self.claimed, **{digest: how.kind for digest, how in self.confirmed.items()}}

    def how(self, contact: str) -> Confirmation | None:
        """How a contact was confirmed; None if it was only given."""
        return self.confirmed.get(keys.digest_of(contact))

    def of(self, tie: Tie) -> list[Related]:
        return [one for one in self.related if one.shared.tie == tie]

    @property
    def names(self) -> set[str]:
        """What events of the desk's stream call all this: conversations, and digests of contacts."""
        return {one.conversation for one in self.related} | {*self.confirmed, *self.claimed}


async def known_of(client: redis.Redis, case: Case) -> Known:
    """What is known of a case's customer."""
    own_cases, promises, _ = await noted_under(client, [keys.digest_of(case.conversation)], MAX_RECORDS)
    contacts = ConfirmedContacts(client)
    confirmed = await contacts.of(case.conversation)
    given = _contacts_in(own_cases, promises)
    claimed = {digest: kind_of(contact) for digest, contact in given.items() if digest not in confirmed}
    kinds = {**claimed, **{digest: how.kind for digest, how in confirmed.items()}}
    shared: dict[str, Shared] = {}
    for digest, others in (await contacts.conversations_with(kinds)).items():
        tie: Tie = "confirmed" if digest in confirmed else "claimed"
        for conversation in others:
            _keep_surest(shared, conversation, Shared(tie, kinds[digest], digest))
    for digest, kind in kinds.items():
        for conversation in await _givers(client, digest):
            _keep_surest(shared, conversation, Shared("claimed", kind, digest))
    shared[case.conversation] = Shared("own")
    found = [await _related(client, conversation, how, case) for conversation, how in _surest(shared)]
    related = tuple(sorted(filter(_is_worth_showing, found), key=_order))
    return Known(confirmed, claimed, related, await UnreachableContacts(client).among(kinds))


async def open_elsewhere(client: redis.Redis, cases: Iterable[Case]) -> dict[str, list[tuple[Tie, Case]]]:
    """By folio, the other cases of each one's customer that are not closed: certain ones first, oldest first.

    Read for all at once, whatever their number.
    """
    wanted = list(cases)
    contacts = ConfirmedContacts(client)
    confirmed = await contacts.of_all(case.conversation for case in wanted)
    linked = await contacts.conversations_with(digest for known in confirmed.values() for digest in known)
    ties: dict[str, dict[str, Tie]] = {}
    for case in wanted:
        names: dict[str, Tie] = {keys.digest_of(case.contact): "claimed"} if case.contact else {}
        others = {other for digest in confirmed[case.conversation] for other in linked[digest]}
        names |= {keys.digest_of(other): "confirmed" for other in others}
        ties[case.folio] = {**names, keys.digest_of(case.conversation): "own"}
    folios = await _folios_of(client, {name for names in ties.values() for name in names})
    known = {case.folio: case for case in await read_cases(client, sorted(set().union(*folios.values())))}
    return {case.folio: _others(case, ties[case.folio], folios, known) for case in wanted}


def _others(
    case: Case, ties: Mapping[str, Tie], folios: Mapping[str, set[str]], known: Mapping[str, Case]
) -> list[tuple[Tie, Case]]:
    """The other cases of a case's customer; `ties` by the digests under which `folios` stand."""
    found: dict[str, Tie] = {}
    for name, tie in sorted(ties.items(), key=lambda pair: TIES.index(pair[1])):
        for folio in folios[name] - {case.folio}:
            found.setdefault(folio, tie)
    pairs = [(tie, known[folio]) for folio, tie in found.items() if folio in known]
    return sorted(pairs, key=lambda pair: (TIES.index(pair[0]), pair[1].opened_at, pair[1].folio))


async def _folios_of(client: redis.Redis, digests: set[str]) -> dict[str, set[str]]:
    """By digest, the folios of the cases of that conversation or contact that are not closed."""
    wanted = sorted(digests)
    async with client.pipeline(transaction=False) as pipeline:
        for digest in wanted:
            pipeline.smembers(keys.cases_of(digest))
        return dict(zip(wanted, await pipeline.execute(), strict=True))


async def _givers(client: redis.Redis, digest: str) -> set[str]:
    """The conversations whose customers gave the contact with this digest, for a case or a follow-up."""
    cases, promises, _ = await noted_under(client, [digest], MAX_RECORDS)
    by_case = {case.conversation for case in cases if keys.digest_of(case.contact) == digest}
    return by_case | {each.conversation for each in promises if keys.digest_of(each.contact) == digest}


async def _related(client: redis.Redis, conversation: str, shared: Shared, case: Case) -> Related:
    cases, promises, _ = await noted_under(client, [keys.digest_of(conversation)], MAX_RECORDS)
    others = [other for other in cases if other.folio != case.folio]
    others.sort(key=lambda other: (not other.is_open, -other.opened_at))
    customer = await Customers(client).get(conversation)
    told = [*(other.channel for other in others), *(promise.channel for promise in promises)]
    told += [customer.channel] if customer else []
    last_at = await client.zscore(keys.CONVERSATIONS, conversation) or 0.0
    return Related(conversation, shared, next(iter(told), ""), last_at, tuple(others))


def _contacts_in(cases: Iterable[Case], promises: Iterable[FollowUp]) -> dict[str, str]:
    """The contacts that were given for cases and follow-ups, by their digests."""
    given = [*(case.contact for case in cases), *(promise.contact for promise in promises)]
    return {keys.digest_of(contact): contact for contact in given if contact}


def _keep_surest(shared: dict[str, Shared], conversation: str, how: Shared) -> None:
    known = shared.get(conversation)
    if known is None or TIES.index(how.tie) < TIES.index(known.tie):
        shared[conversation] = how


def _surest(shared: Mapping[str, Shared]) -> list[tuple[str, Shared]]:
    """The conversations that are read at all, certain ones first."""
    ranked = sorted(shared.items(), key=lambda pair: TIES.index(pair[1].tie))
    return ranked[: MAX_CONVERSATIONS + 1]


def _is_worth_showing(related: Related) -> bool:
    """Whether there is anything left of it; the case's own conversation is on the page already."""
    return bool(related.cases) or (related.shared.tie != "own" and related.last_at > 0)


def _order(related: Related) -> tuple[int, bool, float]:
    return TIES.index(related.shared.tie), not related.is_open, -related.last_at
