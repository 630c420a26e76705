"""Promised contacts are kept: by the clock, by people, and by those above; nothing is lost or done twice."""

from __future__ import annotations

import itertools
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, a_case, after_each_command, client_of, local_time
from faults import Faults, everything

from relevo.cases import queue as queue_module
from relevo.cases.queue import CaseQueue
from relevo.follow_ups import agenda as agenda_module
from relevo.follow_ups.agenda import Agenda, NotDue
from relevo.follow_ups.follow_up import FollowUp
from relevo.follow_ups.keeping import Keeping
from relevo.follow_ups.rules import FollowUpRules
from relevo.protocol import Protocol
from relevo.store import keys
from relevo.store.outbox import says

HOUR = 3_600.0
GRACE = 900.0
FOLIO = "RV-1111-1111"
SCRIPTS = {file.stem for file in Path(agenda_module.__file__).parent.glob("*.lua")}


def promised(**values: Any) -> FollowUp:
    """A call about an order, due at noon."""
    plain = FollowUp(
        folio=FOLIO,
        conversation="c1",
        channel="webchat",
        language="es",
        method="call",
        contact="+525512345678",
        topic="track_order",
        due_at=NOON,
        created_at=NOON - HOUR,
        cause="c1:m1",
    )
    return replace(plain, **values)


@pytest.fixture
def agenda(redis_client: redis.Redis) -> Agenda:
    return Agenda(redis_client)


@pytest.fixture
def keeping(redis_client: redis.Redis, protocol: Protocol) -> Keeping:
    return Keeping(redis_client, protocol)


async def written(client: redis.Redis) -> list[str]:
    """What the outbox says to customers."""
    messages = [json.loads(fields["message"]) for _, fields in await client.xrange(keys.OUTBOX)]
    return [event["text"] for message in messages for event in message["events"] if event.get("text")]


async def told(client: redis.Redis) -> list[str]:
    """Who was told that a promise was not kept, in order."""
    events = [fields for _, fields in await client.xrange(keys.DESK_EVENTS)]
    return [fields["told"] for fields in events if fields["kind"] == "follow_up_missed"]


async def test_contact_in_the_chat_begins_by_itself_and_a_person_is_called(
    keeping: Keeping, agenda: Agenda, redis_client: redis.Redis, protocol: Protocol
) -> None:
    await agenda.book(promised(method="chat", contact=""))
    await keeping.see_to(NOON - 1)
    assert await written(redis_client) == []
    await keeping.see_to(NOON)
    (case,) = await CaseQueue(redis_client, protocol).open_cases()
    assert (case.conversation, case.area, case.trigger) == (
        "c1",
        protocol.area_of("track_order"),
        "nobody_available",
    )
    assert await written(redis_client) == [protocol.say("follow_up_begins", "es", folio=case.folio)]
    kept = await agenda.get(FOLIO)
    assert kept is not None and kept.state == "done"
    await keeping.see_to(NOON + 1)
    assert len(await written(redis_client)) == 1


async def test_customer_who_is_with_a_person_already_is_not_greeted(
    keeping: Keeping, agenda: Agenda, redis_client: redis.Redis, protocol: Protocol
) -> None:
    queue = CaseQueue(redis_client, protocol)
    case, _ = await queue.open(a_case(1), "c1:first")
    await queue.claim(case.folio, "Ana", NOON - 60)
    await redis_client.delete(keys.OUTBOX)
    await agenda.book(promised(method="chat", contact=""))
    await keeping.see_to(NOON)
    assert await written(redis_client) == []
    assert [one.folio for one in await queue.open_cases()] == [case.folio]


async def test_promise_that_nobody_keeps_climbs_step_by_step(
    keeping: Keeping, agenda: Agenda, redis_client: redis.Redis, protocol: Protocol
) -> None:
    await agenda.book(promised())
    roster, area = protocol.roster, protocol.area_of("track_order")
    head, above = roster.climb("", area, 1), roster.climb("", area, 2)
    assert head and above and head != above
    for seconds, expected in ((0, []), (GRACE - 1, []), (GRACE, [head]), (GRACE + HOUR, [head, above])):
        await keeping.see_to(NOON + seconds)
        assert await told(redis_client) == expected, seconds
    missed = await agenda.get(FOLIO)
    assert missed is not None
    assert (missed.state, missed.missed_at, missed.told) == ("due", NOON + GRACE, above)
    await keeping.see_to(NOON + 9 * HOUR)
    assert await told(redis_client) == [head, above]


@pytest.mark.parametrize("steps_left", [0, 1])
async def test_plan_that_has_fewer_steps_by_now_holds_nothing_up(
    redis_client: redis.Redis, agenda: Agenda, keeping: Keeping, protocol: Protocol, steps_left: int
) -> None:
    await agenda.book(promised())
    await keeping.see_to(NOON)
    await keeping.see_to(NOON + GRACE)
    missed = [step for step in protocol.contingency.escalation if step.when == "missed"]
    plan = protocol.contingency.copy(update={"escalation": missed[:steps_left]})
    shorter = Keeping(redis_client, protocol.copy(update={"contingency": plan}))
    head = protocol.roster.climb("", protocol.area_of("track_order"), 1)
    for _ in range(2):
        await shorter.see_to(NOON + GRACE + HOUR)
        assert await told(redis_client) == [head, head], "whom the plan has told last, once"


async def test_record_that_is_spoilt_keeps_no_other_promise_from_being_kept(
    redis_client: redis.Redis, agenda: Agenda, keeping: Keeping
) -> None:
    for number, method in enumerate(("chat", "chat", "call")):
        folio = f"RV-0000-000{number}"
        contact = "" if method == "chat" else "+525512345678"
        wanted = promised(folio=folio, conversation=f"c{number}", cause=folio, method=method, contact=contact)
        await agenda.book(wanted)
    spoilt = keys.follow_up("RV-0000-0000")
    await redis_client.hset(spoilt, "language", "fr")
    await keeping.see_to(NOON + GRACE)
    assert len(await written(redis_client)) == 1, "to the other one in the chat"
    assert len(await told(redis_client)) == 2, "neither the spoilt one nor the call was kept"
    await redis_client.hset(spoilt, "language", "es")
    await keeping.see_to(NOON + GRACE)
    assert len(await written(redis_client)) == 2


async def test_kept_promise_is_not_escalated(
    keeping: Keeping, agenda: Agenda, redis_client: redis.Redis
) -> None:
    await agenda.book(promised())
    await keeping.see_to(NOON)
    await agenda.complete(FOLIO, "Ana", NOON + 60)
    await keeping.see_to(NOON + 9 * HOUR)
    assert await told(redis_client) == []


async def test_grace_is_counted_in_opening_hours(
    keeping: Keeping, agenda: Agenda, redis_client: redis.Redis
) -> None:
    await agenda.book(promised(due_at=local_time("2025-12-02 19:55")))
    await keeping.see_to(local_time("2025-12-02 23:00"))
    await keeping.see_to(local_time("2025-12-03 09:09"))
    assert await told(redis_client) == []
    await keeping.see_to(local_time("2025-12-03 09:10"))
    assert len(await told(redis_client)) == 1


async def test_whoever_does_not_answer_is_tried_as_the_plan_says(
    agenda: Agenda, protocol: Protocol, redis_client: redis.Redis
) -> None:
    rules, now = FollowUpRules(protocol), NOON
    item = await agenda.book(promised())
    due_times = []
    for attempt in (1, 2, 3):
        await agenda.fall_due(now, rules.keep_by)
        next_at = rules.next_attempt_at(item, now + 60)
        note = rules.note_after_attempt(item, next_at)
        item = await agenda.retry(FOLIO, attempt, "Ana", now + 60, next_at=next_at, says=[says(note)])
        due_times.append(item.due_at)
        now = item.due_at
    assert due_times[:2] == [NOON + 60 + 2 * HOUR, NOON + 120 + 4 * HOUR]
    assert (item.state, item.attempts) == ("unreached", 3)
    first, second, last = await written(redis_client)
    assert "llamada" in first and "martes 2 de diciembre a las 14:01" in first
    assert "16:02" in second
    assert "3 veces" in last and FOLIO in last
    assert await agenda.booked_for("c1") is None
    assert await redis_client.ttl(keys.follow_up(FOLIO)) > 0


async def test_next_attempt_after_closing_time_is_the_next_opening(protocol: Protocol) -> None:
    late = local_time("2025-12-05 19:00")
    next_at = FollowUpRules(protocol).next_attempt_at(promised(), late)
    assert next_at == local_time("2025-12-06 10:00")


async def test_notes_are_on_the_customers_clock(protocol: Protocol) -> None:
    note = FollowUpRules(protocol).note_after_attempt(promised(zone="America/Tijuana"), NOON + 2 * HOUR)
    assert "12:00, hora de Tijuana" in note


async def test_attempt_is_noted_once_and_only_when_due(agenda: Agenda, redis_client: redis.Redis) -> None:
    await agenda.book(promised())
    with pytest.raises(NotDue):
        await agenda.retry(FOLIO, 1, "Ana", NOON - 60, next_at=NOON + HOUR)
    await agenda.fall_due(NOON)
    first = await agenda.retry(FOLIO, 1, "Ana", NOON, next_at=NOON + HOUR, says=[says("…")])
    again = await agenda.retry(FOLIO, 1, "Luis", NOON, next_at=NOON + 5 * HOUR, says=[says("…")])
    assert again == first
    assert await written(redis_client) == ["…"]


async def test_without_a_rule_people_go_on_trying_and_nothing_is_missed(
    redis_client: redis.Redis, agenda: Agenda, protocol: Protocol
) -> None:
    plan = protocol.contingency.copy(update={"follow_ups": None})
    without = protocol.copy(update={"contingency": plan})
    rules = FollowUpRules(without)
    await agenda.book(promised())
    await Keeping(redis_client, without).see_to(NOON + 9 * HOUR)
    assert await told(redis_client) == []
    assert rules.next_attempt_at(promised(attempts=9), NOON) == NOON
    assert rules.note_after_attempt(promised(), NOON) == ""


# --- cancelled while the clock begins it ---


@pytest.mark.parametrize("waits_already", [False, True])
async def test_contact_that_is_cancelled_at_any_moment_ends_its_own_case_alone(
    redis_client: redis.Redis, redis_url: str, protocol: Protocol, waits_already: bool
) -> None:
    queue, agenda, left = CaseQueue(redis_client, protocol), Agenda(redis_client), 0

    async def cancels_in_time() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            await agenda.cancel_for("c1", NOON)

    for moment in itertools.count(1):
        await redis_client.flushall()
        waiting = [(await queue.open(a_case(1), "c1:first"))[0].folio] if waits_already else []
        await agenda.book(promised(method="chat", contact=""))
        async with client_of(redis_url) as client:
            after_each_command(client, cancels_in_time)
            left = moment
            await Keeping(client, protocol).see_to(NOON)
        ended = await agenda.get(FOLIO)
        if ended and ended.state == "done":
            assert moment > 3, "the clock must have been disturbed"
            return
        assert [case.folio for case in await queue.open_cases()] == waiting, f"after command {moment}"


# --- after each lost answer ---

Work = Callable[[Agenda, Keeping], Awaitable[Any]]


async def _books(agenda: Agenda, keeping: Keeping) -> None:
    await agenda.book(promised(folio="RV-2222-2222", cause="c1:m2", due_at=NOON + HOUR))


async def _due(agenda: Agenda, keeping: Keeping) -> None:
    await agenda.fall_due(NOON, FollowUpRules(keeping._protocol).keep_by)


async def _ends(agenda: Agenda, keeping: Keeping) -> None:
    message = agenda.message(promised(), [says("…")], "the message", NOON)
    await agenda.complete(FOLIO, "Ana", NOON, message)


async def _cancels(agenda: Agenda, keeping: Keeping) -> None:
    cancelled = await agenda.cancel_for("c1", NOON, "c1:m2")
    assert cancelled and cancelled.folio == FOLIO


async def _retries(agenda: Agenda, keeping: Keeping) -> None:
    await agenda.retry(FOLIO, 1, "Ana", NOON, next_at=NOON + HOUR, says=[says("…")])


async def _misses(agenda: Agenda, keeping: Keeping) -> None:
    await keeping.see_to(NOON + GRACE)


async def _nothing(agenda: Agenda, keeping: Keeping) -> None:
    pass


WORKS: dict[str, tuple[Work, Work, str]] = {
    "book_follow_up": (_nothing, _books, "call"),
    "fall_due": (_nothing, _due, "call"),
    "end_follow_up": (_due, _ends, "call"),
    "end_follow_up, cancelled": (_due, _cancels, "call"),
    "retry_follow_up": (_due, _retries, "call"),
    "miss_follow_up": (_due, _misses, "call"),
    "the whole round of the clock": (_nothing, _misses, "chat"),
}


def test_every_script_is_here() -> None:
    assert set(WORKS) >= SCRIPTS


@pytest.mark.parametrize("name", WORKS)
async def test_what_is_repeated_after_any_lost_answer_happens_once(
    name: str, redis_client: redis.Redis, protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, work, method = WORKS[name]
    faults, agenda, keeping = Faults(redis_client), Agenda(redis_client), Keeping(redis_client, protocol)

    commands = 0

    async def worked() -> None:
        nonlocal commands
        await work(agenda, keeping)
        commands = faults.commands

    async def outcome(lost: int) -> dict[str, Any]:
        await redis_client.flushall()
        folios = itertools.count(1)
        monkeypatch.setattr(queue_module, "new_folio", lambda: f"RV-0000-{next(folios):04}")
        await agenda.book(promised(method=method))
        await before(agenda, keeping)
        await faults.repeated(lost, worked)
        return await everything(redis_client)

    undisturbed = await outcome(0)
    assert commands > 0
    for lost in range(1, commands + 1):
        assert await outcome(lost) == undisturbed, f"after command {lost}"
