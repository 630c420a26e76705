"""How a case is changed: one Lua script for each verb, beside this module; atomic, made once, and told.

Each script stands behind `change.lua`, which holds what they share. A change has an id: a repeat (a lost
reply, a form that was sent twice) finds it in the case's set of changes and does nothing more. Its keys
depend on the area and the person that have the case, so the case is read first; the script refuses if these
have changed meanwhile, and it is read again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import redis.asyncio as redis

from relevo.cases.case import Case
from relevo.cases.errors import CaseBusy, UnknownCase, raise_for
from relevo.store import keys
from relevo.store.connection import Script
from relevo.store.outbox import Event, OutboxWriter

RANK_STEP = 10**11
"""A rank outweighs any target time in epoch seconds; their sum is exact in a double."""
MAX_TRIES = 20
READ_AT_ONCE = 200
"""Cases read by one script: a long one would hold up every other client."""
CUSTOMER = "customer"
CLOCK = "clock"
BOT = "bot"

Write = Callable[[list[Event]], str]
"""Makes the outbox message of some events, as JSON; "" if there are none."""


def _file(name: str) -> Path:
    return Path(__file__).with_name(f"{name}.lua")


def script(name: str) -> Script:
    """A script of this package that stands alone."""
    return Script(_file(name))


def verb(name: str, *before: Path) -> Script:
    """The script of a verb, behind what all changes share, and behind other files that it uses."""
    return Script(*before, _file("change"), _file(name))


def score_of(case: Case) -> float:
    """Where a case stands in a line: by priority, then by the time of its target."""
    return case.rank * RANK_STEP + case.target_at


class Change(NamedTuple):
    """One change of a case: which, by whom (a display name or one of the constants above), when."""

    folio: str
    by: str
    now: float
    id: str | None = None
    """Names the change, and the message that it sends; a fresh one if None."""


_read = script("read")


@dataclass(frozen=True)
class Step:
    """What a verb adds to the shared keys and arguments, for the case as it was read."""

    keys: list[str] = field(default_factory=list)
    args: list[Any] = field(default_factory=list)
    message: str = ""


async def read_case(client: redis.Redis, folio: str) -> Case:
    """The case with this folio.

    Raises:
        UnknownCase: there is none.
    """
    found = await read_cases(client, [folio])
    if not found:
        raise UnknownCase("there is no case with this folio")
    return found[0]


async def read_cases(client: redis.Redis, folios: Iterable[str]) -> list[Case]:
    """The cases with these folios, in this order; those that don't exist are left out."""
    wanted, found = [keys.case(folio) for folio in folios], []
    for start in range(0, len(wanted), READ_AT_ONCE):
        found += await _read(client, wanted[start : start + READ_AT_ONCE], [])
    return [Case.from_json(text) for text in found if text]


async def make_change(
    client: redis.Redis, run: Script, change: Change, plan: Callable[[Case, Write], Step]
) -> tuple[Case, str]:
    """Change a case.

    Args:
        plan: what the verb needs, for the case as it is.
    Returns:
        the case afterwards, and the script's outcome.
    Raises:
        CaseError: by the outcome.
    """
    folio, change_id = change.folio, change.id or uuid.uuid4().hex
    for _ in range(MAX_TRIES):
        case = await read_case(client, folio)
        step = plan(case, _writer(case, change_id, change.now))
        shared = [keys.case(folio), keys.changes(folio), keys.history(folio), keys.DESK_EVENTS, keys.OUTBOX]
        told = [folio, change_id, change.by, change.now, case.area, case.claimed_by, step.message]
        limits = [keys.MAX_DESK_EVENTS, keys.DEDUPLICATION_SECONDS]
        names = [*shared, *step.keys, keys.TARGETS]
        outcome, fields = await run(client, names, [*told, *limits, *step.args])
        if outcome != "stale":
            raise_for(outcome)
            return Case.from_json(fields), outcome
    raise CaseBusy("this case is being changed by others; try again")


def _writer(case: Case, message_id: str, now: float) -> Write:
    def write(events: list[Event]) -> str:
        writer = OutboxWriter(case.conversation, case.channel)
        return writer.message(events, message_id, now=now).to_json() if events else ""

    return write
