"""The agenda of follow-ups against a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, TypeVar

import pytest
import redis.asyncio as redis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from relevo.follow_ups.agenda import BATCH, Agenda, FolioTaken, FollowUpCancelled, NotDue, UnknownFollowUp
from relevo.follow_ups.calendar import to_icalendar
from relevo.follow_ups.follow_up import FollowUp
from relevo.store import keys
from relevo.store.connection import connect

NOON = 1_764_698_400.0
HOUR = 3_600.0
GRACE = 900.0
MAY_COME_AGAIN = ("follow_up_due", "follow_up_retried", "follow_up_missed")
"""A follow-up that is tried again falls due again."""
Result = TypeVar("Result")


def a_follow_up(number: int = 1, **changes: Any) -> FollowUp:
    """A follow-up in a conversation of its own, due an hour after noon."""
    follow_up = FollowUp(
        folio=f"RV-0000-{number:04d}",
        conversation=f"conversation-{number}",
        channel="web",
        language="es",
        method="call",
        contact="+525512345678",
        topic="track_order",
        due_at=NOON + HOUR,
        created_at=NOON,
        cause=f"message-{number}",
    )
    return replace(follow_up, **changes)


@pytest.fixture
def agenda(redis_client: redis.Redis) -> Agenda:
    return Agenda(redis_client)


async def events(client: redis.Redis) -> list[tuple[str, str]]:
    """Kind and folio of every event that was told, in order."""
    return [(entry["kind"], entry["folio"]) for _, entry in await client.xrange(keys.DESK_EVENTS)]


async def test_booked_follow_up_is_kept_as_it_was_given(agenda: Agenda) -> None:
    given = a_follow_up(contact="ñandú@example.mx", due_at=NOON + 0.25)
    assert await agenda.book(given) == given
    assert await agenda.get(given.folio) == given
    assert await agenda.booked_for(given.conversation) == given
    assert await agenda.upcoming() == [given]


async def test_each_change_tells_the_desk_who_made_it_and_when(
    agenda: Agenda, redis_client: redis.Redis
) -> None:
    await agenda.book(a_follow_up())
    await agenda.fall_due(NOON + HOUR)
    await agenda.complete("RV-0000-0001", "Ana", NOON + 2 * HOUR)
    told = [entry for _, entry in await redis_client.xrange(keys.DESK_EVENTS)]
    assert [(entry["kind"], float(entry["at"]), entry["by"]) for entry in told] == [
        ("follow_up_booked", NOON, "customer"),
        ("follow_up_due", NOON + HOUR, "clock"),
        ("follow_up_done", NOON + 2 * HOUR, "Ana"),
    ]
    assert {(entry["folio"], entry["conversation"]) for entry in told} == {("RV-0000-0001", "conversation-1")}


async def test_same_cause_books_once_even_with_another_folio(
    agenda: Agenda, redis_client: redis.Redis
) -> None:
    first = await agenda.book(a_follow_up())
    assert await agenda.book(first) == first
    assert await agenda.book(first.with_folio("RV-9999-9999")) == first
    assert await events(redis_client) == [("follow_up_booked", first.folio)]
    assert await agenda.get("RV-9999-9999") is None


async def test_taken_folio_is_refused_and_nothing_changes(agenda: Agenda) -> None:
    first = await agenda.book(a_follow_up())
    with pytest.raises(FolioTaken):
        await agenda.book(a_follow_up(2, folio=first.folio))
    assert await agenda.get(first.folio) == first
    assert await agenda.booked_for("conversation-2") is None
    assert await agenda.book(a_follow_up(2)) == a_follow_up(2)


async def test_new_booking_takes_the_place_of_the_conversations_earlier_one(
    agenda: Agenda, redis_client: redis.Redis
) -> None:
    first = await agenda.book(a_follow_up())
    second = await agenda.book(a_follow_up(2, conversation=first.conversation))
    assert await agenda.booked_for(first.conversation) == second
    assert await agenda.get(first.folio) == replace(first, state="cancelled")
    assert await agenda.upcoming() == [second]
    assert await events(redis_client) == [
        ("follow_up_booked", first.folio),
        ("follow_up_cancelled", first.folio),
        ("follow_up_booked", second.folio),
    ]


async def test_due_follow_up_is_replaced_too_so_that_nobody_calls_twice(agenda: Agenda) -> None:
    first = await agenda.book(a_follow_up())
    await agenda.fall_due(NOON + HOUR)
    second = await agenda.book(a_follow_up(2, conversation=first.conversation, due_at=NOON + 9 * HOUR))
    assert await agenda.due() == []
    assert await agenda.upcoming() == [second]


async def test_bookings_at_the_same_time_leave_one_pending(agenda: Agenda, redis_client: redis.Redis) -> None:
    wanted = [a_follow_up(number, conversation="conversation") for number in range(20)]
    await asyncio.gather(*map(agenda.book, wanted))
    pending = await agenda.booked_for("conversation")
    assert await agenda.upcoming() == [pending]
    kinds = [kind for kind, _ in await events(redis_client)]
    assert (kinds.count("follow_up_booked"), kinds.count("follow_up_cancelled")) == (20, 19)


async def test_cancelled_follow_up_never_falls_due(agenda: Agenda) -> None:
    booked = await agenda.book(a_follow_up())
    cancelled = await agenda.cancel_for(booked.conversation, NOON)
    assert cancelled == replace(booked, state="cancelled")
    assert await agenda.cancel_for(booked.conversation, NOON) is None
    assert await agenda.booked_for(booked.conversation) is None
    assert await agenda.fall_due(NOON + 9 * HOUR) == []


async def test_due_follow_up_can_still_be_cancelled(agenda: Agenda) -> None:
    booked = await agenda.book(a_follow_up())
    await agenda.fall_due(NOON + HOUR)
    assert await agenda.booked_for(booked.conversation) == replace(booked, state="due")
    assert await agenda.cancel_for(booked.conversation, NOON + HOUR) == replace(booked, state="cancelled")
    assert await agenda.due() == []


async def test_follow_up_falls_due_at_its_time_and_not_before(agenda: Agenda) -> None:
    booked = await agenda.book(a_follow_up())
    assert await agenda.fall_due(booked.due_at - 0.001) == []
    assert await agenda.fall_due(booked.due_at) == [replace(booked, state="due")]
    assert await agenda.due() == [replace(booked, state="due")]
    assert await agenda.upcoming() == []


async def test_two_clocks_together_let_each_fall_due_once(
    agenda: Agenda, redis_client: redis.Redis, redis_url: str
) -> None:
    count = 2 * BATCH + 50
    for number in range(count):
        await agenda.book(a_follow_up(number, due_at=NOON + number))
    other = connect(redis_url)
    try:
        both = await asyncio.gather(agenda.fall_due(NOON + HOUR), Agenda(other).fall_due(NOON + HOUR))
    finally:
        await other.close()
        await other.connection_pool.disconnect()
    folios = [follow_up.folio for fell_due in both for follow_up in fell_due]
    assert sorted(folios) == [f"RV-0000-{number:04d}" for number in range(count)]
    assert [kind for kind, _ in await events(redis_client)].count("follow_up_due") == count


async def test_looking_for_what_is_due_does_not_touch_what_is_not(
    agenda: Agenda, redis_client: redis.Redis
) -> None:
    for number in range(50):
        await agenda.book(a_follow_up(number))
    await redis_client.config_resetstat()
    assert await agenda.fall_due(NOON) == []
    commands = await redis_client.info("commandstats")
    assert commands["cmdstat_zrangebyscore"]["calls"] == 1
    assert not {"cmdstat_hgetall", "cmdstat_evalsha", "cmdstat_zrange"} & set(commands)


async def test_lists_are_in_order_of_time_and_limited(agenda: Agenda) -> None:
    for number, hour in enumerate((3, 1, 2, 5, 4)):
        await agenda.book(a_follow_up(number, due_at=NOON + hour * HOUR))
    assert [item.due_at for item in await agenda.upcoming(2)] == [NOON + HOUR, NOON + 2 * HOUR]
    assert await agenda.upcoming(0) == []
    fell_due = await agenda.fall_due(NOON + 3 * HOUR)
    assert [item.due_at for item in fell_due] == [NOON + hour * HOUR for hour in (1, 2, 3)]
    assert await agenda.due() == fell_due


async def test_done_follow_up_stays_done_and_is_told_once(agenda: Agenda, redis_client: redis.Redis) -> None:
    booked = await agenda.book(a_follow_up())
    await agenda.fall_due(NOON + HOUR)
    done = await agenda.complete(booked.folio, "Ana", NOON + HOUR)
    assert done == replace(booked, state="done")
    assert await agenda.complete(booked.folio, "Luis", NOON + 2 * HOUR) == done
    assert [kind for kind, _ in await events(redis_client)].count("follow_up_done") == 1
    assert await agenda.due() == []
    assert await agenda.cancel_for(booked.conversation, NOON + 2 * HOUR) is None


async def test_follow_up_may_be_done_before_its_time(agenda: Agenda) -> None:
    booked = await agenda.book(a_follow_up())
    await agenda.complete(booked.folio, "Ana", NOON)
    assert await agenda.fall_due(NOON + HOUR) == []


async def test_what_is_cancelled_or_unknown_cannot_be_done(agenda: Agenda) -> None:
    booked = await agenda.book(a_follow_up())
    await agenda.cancel_for(booked.conversation, NOON)
    with pytest.raises(FollowUpCancelled):
        await agenda.complete(booked.folio, "Ana", NOON)
    with pytest.raises(UnknownFollowUp):
        await agenda.complete("RV-9999-9999", "Ana", NOON)


async def test_only_ended_follow_ups_expire(agenda: Agenda, redis_client: redis.Redis) -> None:
    booked = await agenda.book(a_follow_up())
    await agenda.fall_due(NOON + HOUR)
    assert await redis_client.ttl(keys.follow_up(booked.folio)) == -1
    await agenda.complete(booked.folio, "Ana", NOON + HOUR)
    assert 0 < await redis_client.ttl(keys.follow_up(booked.folio)) <= keys.CLOSED_CASE_SECONDS
    assert await redis_client.exists(keys.follow_up_of(booked.conversation)) == 0


async def test_lost_record_does_not_stop_the_clock(agenda: Agenda, redis_client: redis.Redis) -> None:
    await agenda.book(a_follow_up(1))
    await agenda.book(a_follow_up(2))
    await redis_client.delete(keys.follow_up("RV-0000-0001"))
    assert [item.folio for item in await agenda.fall_due(NOON + HOUR)] == ["RV-0000-0002"]
    assert await agenda.fall_due(NOON + HOUR) == []


def test_contact_is_not_shown_by_repr() -> None:
    assert "5678" not in repr(a_follow_up())


def test_calendar_entry_has_the_time_in_utc_and_no_contact() -> None:
    entry = to_icalendar(a_follow_up(), "Llamada de Casa Jacaranda").decode()
    assert "DTSTART:20251202T190000Z\r\n" in entry
    assert "SUMMARY:Llamada de Casa Jacaranda\r\n" in entry
    assert "STATUS:CONFIRMED\r\n" in entry
    assert "5678" not in entry
    assert b"STATUS:CANCELLED\r\n" in to_icalendar(a_follow_up(state="cancelled"), "Llamada")


def test_calendar_entry_is_escaped_and_folded() -> None:
    summary = "A, B; C\\D\nBEGIN:VALARM\r\nX:\x07" + "ñ🙏" * 40
    lines = to_icalendar(a_follow_up(), summary).decode().split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-2:] == ["END:VCALENDAR", ""]
    assert all(len(line.encode()) <= 75 for line in lines)
    assert not any("\n" in line or line.startswith(("BEGIN:VALARM", "X:")) for line in lines)
    unfolded = "\r\n".join(lines).replace("\r\n ", "")
    assert "SUMMARY:A\\, B\\; C\\\\D\\nBEGIN:VALARM\\nX: " + "ñ🙏" * 40 + "\r\n" in unfolded


class AgendaMachine(RuleBasedStateMachine):
    """The agenda and a plain dictionary go through the same changes and must agree after each."""

    conversations = st.sampled_from(["c1", "c2", "c3"])
    minutes = st.integers(0, 120)

    def __init__(self, redis_url: str) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.client = connect(redis_url)
        self.agenda = Agenda(self.client)
        self.model: dict[str, FollowUp] = {}
        self.now = NOON
        self.wait(self.client.flushall())

    def wait(self, step: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(step)

    def pending_in(self, conversation: str) -> FollowUp | None:
        found = [
            item for item in self.model.values() if item.conversation == conversation and item.is_pending
        ]
        assert len(found) <= 1
        return found[0] if found else None

    def end(self, follow_up: FollowUp, state: Any) -> None:
        self.model[follow_up.folio] = replace(follow_up, state=state)

    @rule(conversation=conversations, cause=st.integers(0, 12), minutes=minutes)
    def book(self, conversation: str, cause: int, minutes: int) -> None:
        wanted = a_follow_up(
            len(self.model),
            conversation=conversation,
            cause=f"cause-{cause}",
            due_at=self.now + 60.0 * minutes,
            created_at=self.now,
        )
        repeated = [item for item in self.model.values() if item.cause == wanted.cause]
        booked = self.wait(self.agenda.book(wanted))
        if repeated:
            assert booked == repeated[0]
            return
        assert booked == wanted
        earlier = self.pending_in(conversation)
        if earlier:
            self.end(earlier, "cancelled")
        self.model[wanted.folio] = wanted

    @rule(conversation=conversations)
    def cancel(self, conversation: str) -> None:
        pending = self.pending_in(conversation)
        if pending:
            self.end(pending, "cancelled")
        expected = self.model[pending.folio] if pending else None
        assert self.wait(self.agenda.cancel_for(conversation, self.now)) == expected

    @rule(minutes=minutes)
    def time_passes(self, minutes: int) -> None:
        self.now += 60.0 * minutes
        ripe = [item for item in self.model.values() if item.state == "booked" and item.due_at <= self.now]
        for item in ripe:
            self.model[item.folio] = replace(item, state="due", escalations=0)
        fell_due = self.wait(self.agenda.fall_due(self.now, lambda due_at: due_at + GRACE))
        assert {item.folio for item in fell_due} == {item.folio for item in ripe}

    @rule(number=st.integers(0, 15), attempt=st.integers(1, 3), minutes=st.none() | st.integers(1, 120))
    def nobody_answers(self, number: int, attempt: int, minutes: int | None) -> None:
        folio = f"RV-0000-{number:04d}"
        known = self.model.get(folio)
        next_at = None if minutes is None else self.now + 60.0 * minutes
        if known is None or (
            attempt > known.attempts and (known.state != "due" or attempt != known.attempts + 1)
        ):
            with pytest.raises(NotDue if known else UnknownFollowUp):
                self.wait(self.agenda.retry(folio, attempt, "Ana", self.now, next_at=next_at))
            return
        if attempt > known.attempts:
            tried = replace(known, attempts=attempt, state="unreached" if next_at is None else "booked")
            self.model[folio] = tried if next_at is None else replace(tried, due_at=next_at)
        tried = self.wait(self.agenda.retry(folio, attempt, "Ana", self.now, next_at=next_at))
        assert tried == self.model[folio]

    @rule()
    def nobody_keeps_it(self) -> None:
        for item in self.wait(self.agenda.unkept(self.now)):
            assert self.wait(self.agenda.miss(item, "ana", None, self.now))
            assert not self.wait(self.agenda.miss(item, "ana", None, self.now)), "told twice"
            missed_at = item.missed_at or self.now
            self.model[item.folio] = replace(item, escalations=1, told="ana", missed_at=missed_at)

    @rule(number=st.integers(0, 15))
    def complete(self, number: int) -> None:
        folio = f"RV-0000-{number:04d}"
        known = self.model.get(folio)
        if known is None or known.state == "cancelled":
            with pytest.raises(FollowUpCancelled if known else UnknownFollowUp):
                self.wait(self.agenda.complete(folio, "Ana", self.now))
            return
        if known.is_pending:
            self.end(known, "done")
        assert self.wait(self.agenda.complete(folio, "Ana", self.now)) == self.model[folio]

    @invariant()
    def lists_agree(self) -> None:
        for state, actual in (
            ("booked", self.wait(self.agenda.upcoming())),
            ("due", self.wait(self.agenda.due())),
        ):
            expected = [item for item in self.model.values() if item.state == state]
            assert actual == sorted(expected, key=lambda item: (item.due_at, item.folio))
        waiting_to_be_kept = self.wait(self.client.zrange(keys.FOLLOW_UPS_KEEP_BY, 0, -1))
        due = {item.folio for item in self.model.values() if item.state == "due"}
        assert set(waiting_to_be_kept) == {folio for folio in due if not self.model[folio].escalations}
        for conversation in ("c1", "c2", "c3"):
            assert self.wait(self.agenda.booked_for(conversation)) == self.pending_in(conversation)

    def teardown(self) -> None:
        told = self.wait(events(self.client))
        once = [event for event in told if event[0] not in MAY_COME_AGAIN]
        assert len(set(once)) == len(once), "a change was told twice"
        ended = {(f"follow_up_{item.state}", item.folio) for item in self.model.values()}
        assert ended <= set(told)
        self.wait(self.client.close())
        self.wait(self.client.connection_pool.disconnect())
        self.loop.close()


def test_agenda_behaves_like_a_simple_model(redis_url: str) -> None:
    run_state_machine_as_test(
        lambda: AgendaMachine(redis_url),
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
