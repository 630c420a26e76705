"""The ledger of a simulated day: every promise that was made, and what became of it.

The simulated customers keep their own book of what they were promised; it is held against what the store's
history, agenda and bot say at the end. A promise that is neither kept, nor owned up to, nor still in sight of
the clock is lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import redis.asyncio as redis

from relevo.cases.case import Case
from relevo.cases.lines import Happening
from relevo.cases.queue import CaseQueue
from relevo.follow_ups.agenda import Agenda
from relevo.store import keys
from tests.builders import Bot


@dataclass
class Row:
    """One kind of promise."""

    promise: str
    made: int = 0
    kept: int = 0
    late: int = 0
    """Kept late or not at all so far, but people above were told, step by step."""
    withdrawn: int = 0
    ahead: int = 0
    """Its time has not come."""
    lost: int = 0
    twice: int = 0
    """Done more than once."""


@dataclass
class Book:
    """What customers were promised, by folio or message; times are UTC epoch seconds."""

    first_answers: dict[tuple[str, int], float] = field(default_factory=dict)
    """By case and how often it was opened again: by when a person answers."""
    next_answers: dict[tuple[str, float], float] = field(default_factory=dict)
    """By case and when the customer wrote again."""
    follow_ups: dict[str, float] = field(default_factory=dict)
    longest_pause: float = 0.0
    """Longest time in which no clock looked: an answer that is late by less may go unnoticed."""


@dataclass(frozen=True)
class World:
    """Where the day takes place."""

    client: redis.Redis
    queue: CaseQueue
    agenda: Agenda
    bot: Bot
    book: Book = field(default_factory=Book)


async def audit(world: World, now: float) -> list[Row]:
    """Hold the book against the store."""
    book, queue = world.book, world.queue
    folios = {folio for folio, _ in book.first_answers}
    cases = {folio: await queue.get(folio) for folio in folios}
    histories = {folio: await queue.history(folio) for folio in folios}
    rows = [Row("first answer by a person"), Row("answer to what was written next")]
    for (folio, level), by in book.first_answers.items():
        _enter(rows[0], _course(histories[folio], level), "first_response", by, cases[folio], book, now)
    for (folio, wrote_at), by in book.next_answers.items():
        course = [event for event in histories[folio] if event.at >= wrote_at]
        _enter(rows[1], course, "next_response", by, cases[folio], book, now)
    rows.append(await _follow_ups(world, now))
    rows.append(await _messages(world))
    rows.append(_steps(histories.values()))
    return rows


def _course(history: list[Happening], level: int) -> list[Happening]:
    """What happened in a case between two openings as a claim."""
    starts = [i for i, event in enumerate(history) if event.kind in ("case_opened", "case_reopened")]
    return history[starts[level] : starts[level + 1] if level + 1 < len(starts) else None]


def _enter(
    row: Row, course: list[Happening], target: str, by: float, case: Case, book: Book, now: float
) -> None:
    """Enter one promised answer in its row."""
    row.made += 1
    endings = ("case_answered", "case_closed", "case_resolved", "case_merged")
    end = next((event for event in course if event.kind in endings), None)
    late_by = (end.at if end else now) - by
    told = {
        event.details["late"]
        for event in course
        if event.kind == "case_escalated"
        and event.details["target"] == target
        and (end is None or event.at <= end.at)
    }
    if end and end.kind != "case_answered":
        row.withdrawn += 1
    elif late_by <= 0:
        row.kept += bool(end)
        row.ahead += not end
    elif "missed" in told or late_by <= book.longest_pause:
        row.late += 1
    else:
        row.lost += 1


async def _follow_ups(world: World, now: float) -> Row:
    row = Row("follow-up at a chosen time", made=len(world.book.follow_ups))
    called = Counter(
        fields["folio"]
        for _, fields in await world.client.xrange(keys.DESK_EVENTS)
        if fields["kind"] == "follow_up_due"
    )
    for folio, due_at in world.book.follow_ups.items():
        row.twice += called[folio] > 1
        kept = await world.agenda.get(folio)
        if kept is None:
            row.lost += 1
        elif kept.state == "cancelled":
            row.withdrawn += 1
        elif due_at > now:
            row.ahead += 1
        elif called[folio] == 0:
            row.lost += 1
        else:
            row.kept += kept.state == "done"
            row.late += kept.state == "due"
    return row


async def _messages(world: World) -> Row:
    """Messages to customers: the outbox and what could not be delivered must be empty at the end."""
    delivered = Counter(one.events[0]["metadata"]["outbox_id"] for one in world.bot.delivered)
    left = await world.client.xlen(keys.OUTBOX) + await world.client.xlen(keys.UNDELIVERED)
    twice = sum(times > 1 for times in delivered.values())
    return Row("message to a customer", len(delivered) + left, len(delivered), lost=left, twice=twice)


def _steps(histories: Iterable[list[Happening]]) -> Row:
    """Steps of escalations: each at most once for each wait, in the plan's order."""
    row = Row("step of an escalation")
    for history in histories:
        seen: Counter[str] = Counter()
        for event in history:
            if event.kind == "case_answered":
                seen["first_response"] = seen["next_response"] = 0
            if event.kind == "case_reopened":
                seen.clear()
            if event.kind == "case_escalated":
                row.made += 1
                late = ("at_risk", "missed", "missed")
                target = event.details["target"]
                is_next = seen[target] < len(late) and event.details["late"] == late[seen[target]]
                row.kept += is_next
                row.twice += not is_next
                seen[target] += 1
    return row
