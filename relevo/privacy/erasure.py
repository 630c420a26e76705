"""Erase what is kept of one customer, in every store.

Each step may be repeated: what was cut off is found again by the cases and promises, which go last. In the
audit stream the customer's events make room for one that says how much was erased, and by whom.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import redis.asyncio as redis

from relevo.cases.case import Case
from relevo.cases.changes import MAX_TRIES, read_cases
from relevo.cases.handling import CASE, customer_records, customer_sets
from relevo.errors import RelevoError
from relevo.follow_ups.agenda import FOLLOW_UP, promise_records
from relevo.follow_ups.follow_up import FollowUp
from relevo.learning.suggestions import SuggestionBox, message_name
from relevo.privacy.export import is_about
from relevo.privacy.records import CustomerRecords, stream_entries
from relevo.store import keys
from relevo.store.attachment_book import AttachmentBook
from relevo.store.confirmed_contacts import ConfirmedContacts
from relevo.store.connection import Script
from relevo.store.conversation_lock import hold_conversation
from relevo.store.customers import Customers
from relevo.store.marks import Marks
from relevo.store.unreachable import UnreachableContacts

DELETE_AT_ONCE = 500
BUSY_SECONDS = 10.0
CASE_SETS = (keys.OPEN_CASES,)
CASE_TIMES = (keys.CLAIMED_CASES, keys.LAPSES, keys.RESOLVED_CASES, keys.TOLD_WAITS, keys.TARGETS)
"""Sorted sets in which folios of cases stand, whatever their area and holder."""
FOLLOW_UP_TIMES = (
    *(keys.FOLLOW_UPS_BOOKED, keys.FOLLOW_UPS_DUE),
    *(keys.FOLLOW_UPS_KEEP_BY, keys.FOLLOW_UPS_TO_WRITE),
)

MARKS = (keys.INBOXES, keys.OUTGOING, keys.REMOTE_FILES, keys.CONVERSATIONS)
"""Sorted sets in which conversations stand; the last leads to one whose erasure broke off."""

_erase = Script(Path(__file__).with_name("erase_record.lua"))


class HasOpenCases(RelevoError):
    """A person has yet to see to cases of this customer."""

    def __init__(self, folios: Iterable[str], advice: str = "resolve them first") -> None:
        self.folios = list(folios)
        super().__init__(f"Cases of this customer are still open: {', '.join(self.folios)}; {advice}.")


class BeingChanged(RelevoError):
    """A case was changed by others again and again while it was to be erased."""


async def erase_customer(
    client: redis.Redis, records: CustomerRecords, by: str, now: float, *, with_open_cases: bool = False
) -> None:
    """Erase all of a customer's records; a repeat erases what is left.

    Args:
        by: who does it, for the audit stream: a display name.
        now: UTC epoch seconds.
    Raises:
        HasOpenCases: nothing is erased, unless `with_open_cases`.
        BeingChanged, ConversationBusy: not all is erased; try again.
    """
    cases = await read_cases(client, (case.folio for case in records.cases))  # as they are by now
    still_open = [case.folio for case in cases if case.is_open]
    if still_open and not with_open_cases:
        raise HasOpenCases(still_open)
    for conversation in records.conversations:
        await erase_conversation(client, conversation)
    await _forget_events(client, records)
    await _note(client, records, by, now)
    # Last, as they lead to the conversations; and the very last those by which the others are found.
    left: list[Case | FollowUp] = [*cases, *records.follow_ups]
    for record in sorted(left, key=records.leads):
        if isinstance(record, Case):
            await _erase_case(client, record, with_open_cases=with_open_cases)
        else:
            await _erase_follow_up(client, record)
    for conversation in records.conversations:
        await _unlink(client, conversation, records.found_by)


async def erase_conversation(
    client: redis.Redis, conversation: str, *, quiet_since: float | None = None
) -> bool:
    """Erase a transcript with all that belongs to it; cases and follow-ups stay.

    Args:
        quiet_since: only if nothing happened after this (UTC epoch seconds), and nothing is waiting.
    Returns:
        whether it was erased.
    Raises:
        ConversationBusy: a turn goes on and on; nothing is erased.
    """
    async with hold_conversation(client, conversation, timeout_seconds=BUSY_SECONDS):
        if quiet_since is not None and not await _is_quiet(client, conversation, quiet_since):
            return False
        await _forget_corrections(client, conversation)
        await AttachmentBook.let_go(client, conversation)
        if customer := await Customers(client).get(conversation):
            await UnreachableContacts(client).forget(customer.address)
        before = {key: await Marks(client, key).of(conversation) for key in MARKS}
        await client.delete(*keys.ConversationKeys(conversation).all)
        for key, mark in before.items():
            # What came in meanwhile marked the conversation anew, and is found.
            await Marks(client, key).forget(conversation, mark)
    for stream in (keys.OUTBOX, keys.UNDELIVERED):
        entries = stream_entries(client, stream)
        to_it = [at async for at, fields in entries if _conversation_of(fields) == conversation]
        await _delete(client, stream, to_it)
    return True


async def _is_quiet(client: redis.Redis, conversation: str, since: float) -> bool:
    last = await client.zscore(keys.CONVERSATIONS, conversation)
    names = keys.ConversationKeys(conversation)
    waits = await client.exists(names.inbox, names.outgoing)
    return not waits and (last is None or last <= since)


async def _forget_corrections(client: redis.Redis, conversation: str) -> None:
    """How messages should have been understood: kept elsewhere, with the customer's words."""
    box = SuggestionBox(client)
    positions = [at async for at, _ in stream_entries(client, keys.ConversationKeys(conversation).log)]
    corrections = await box.of(message_name(conversation, position) for position in positions)
    for correction in corrections.values():
        await box.drop(correction)


def _conversation_of(fields: dict[str, str]) -> str:
    """To whom a message goes that waits in the outbox, or that could not be delivered."""
    return str(json.loads(fields["message"])["conversation"])


async def _erase_case(client: redis.Redis, case: Case, *, with_open_cases: bool) -> None:
    for _ in range(MAX_TRIES):
        plain = [*CASE_SETS, keys.in_hand(case.claimed_by), *customer_sets(case)]
        own = [keys.case(case.folio), keys.history(case.folio), keys.changes(case.folio)]
        talk, cause = case.conversation, case.opened_by
        names = [keys.hand_off_of(talk), keys.case_of(cause), keys.rated_of(talk)]
        outcome = await _erase(
            client,
            [*own, *names, *customer_records(case), *plain, keys.waiting(case.area), *CASE_TIMES],
            [case.folio, case.area, case.claimed_by, int(with_open_cases), len(plain), f"{CASE}{case.folio}"],
        )
        if outcome == "open":
            raise HasOpenCases([case.folio])
        if outcome != "stale":
            return
        case = next(iter(await read_cases(client, [case.folio])), case)
    raise BeingChanged("a case of this customer is being changed by others; try again")


async def _unlink(client: redis.Redis, conversation: str, found_by: Iterable[str]) -> None:
    """Forget by which contacts a conversation is found: first by others than those that led here."""
    contacts = ConfirmedContacts(client)
    found_last = frozenset(found_by)
    for digest in sorted({*await contacts.of(conversation), *found_last}, key=found_last.__contains__):
        await contacts.forget_one(conversation, digest)


async def _erase_follow_up(client: redis.Redis, follow_up: FollowUp) -> None:
    own = [keys.follow_up(follow_up.folio), keys.history(follow_up.folio), keys.changes(follow_up.folio)]
    pending = keys.follow_up_of(follow_up.conversation)
    names = [pending, keys.follow_up_by(follow_up.cause), pending]
    noted = [*own, *names, *promise_records(follow_up)]
    name = f"{FOLLOW_UP}{follow_up.folio}"
    await _erase(client, [*noted, *FOLLOW_UP_TIMES], [follow_up.folio, "", "", 1, 0, name])


async def _forget_events(client: redis.Redis, records: CustomerRecords) -> None:
    entries = stream_entries(client, keys.DESK_EVENTS)
    await _delete(client, keys.DESK_EVENTS, [at async for at, event in entries if is_about(event, records)])


async def _note(client: redis.Redis, records: CustomerRecords, by: str, now: float) -> None:
    """The event of the erasure: it tells how much, and nothing of whom."""
    counted = {
        "conversations": len(records.conversations),
        "cases": len(records.cases),
        "follow_ups": len(records.follow_ups),
    }
    event = {"kind": "customer_erased", "at": now, "by": by, **counted}
    await client.xadd(keys.DESK_EVENTS, event, maxlen=keys.MAX_DESK_EVENTS, approximate=True)


async def _delete(client: redis.Redis, stream: str, positions: list[str]) -> None:
    for start in range(0, len(positions), DELETE_AT_ONCE):
        await client.xdel(stream, *positions[start : start + DELETE_AT_ONCE])
