"""Customers who wait are told again when their wait has changed much: by half or double, and by minutes."""

from __future__ import annotations

from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, a_case, local_time

from relevo.cases.case import Case
from relevo.cases.queue import CaseQueue, Place
from relevo.protocol import Protocol
from relevo.store import keys
from relevo.store.outbox import OutboxMessage

MINUTE = 60.0


@pytest.fixture
def queue(redis_client: redis.Redis, protocol: Protocol) -> CaseQueue:
    return CaseQueue(redis_client, protocol)


async def waits(queue: CaseQueue, told_minutes: float | None, **values: Any) -> Case:
    """A customer who waits since noon and was told so many minutes; None: that it isn't known."""
    case, _ = await queue.open(a_case(1, **values), "c1:first")
    seconds = None if told_minutes is None else told_minutes * MINUTE
    await queue.note_place_told(case, Place(1, seconds), case.opened_at)
    return case


async def pace(queue: CaseQueue, minutes: float, area: str = "customer_care") -> None:
    """The area's line goes forward by one place in so many minutes."""
    for number in range(30):
        case, _ = await queue.open(a_case(100 + number, area=area, rank=0), f"{number}:{minutes}:{area}")
        await queue.claim(case.folio, f"Agent {number}", NOON + minutes * MINUTE)
        await queue.close(case.folio, f"Agent {number}", NOON + minutes * MINUTE)


async def told(client: redis.Redis) -> list[str]:
    messages = [OutboxMessage.from_fields(fields) for _, fields in await client.xrange(keys.OUTBOX)]
    return [
        event["text"]
        for message in messages
        for event in message.events
        if message.conversation == "c1" and "text" in event
    ]


@pytest.mark.parametrize(("before", "now"), [(4, 8), (5, 20), (10, 5), (30, 12)])
async def test_wait_that_is_half_or_double_is_told(
    queue: CaseQueue, redis_client: redis.Redis, before: float, now: float
) -> None:
    case = await waits(queue, before)
    await pace(queue, now)
    assert [one.folio for one in await queue.tell_waits(NOON + 3 * MINUTE)] == [case.folio]
    assert await told(redis_client) == [
        f"Novedades de tu caso {case.folio}: ahora eres el número 1 en la fila y la espera es de unos "
        f"{now} min."
    ]
    assert (await queue.history(case.folio))[-1].kind == "case_wait_told"


async def test_nobody_gets_an_email_for_another_place_in_line(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    await waits(queue, 4, channel="email")
    await pace(queue, 8)
    await queue.tell_waits(NOON + 3 * MINUTE)
    assert await told(redis_client) == []


@pytest.mark.parametrize(("before", "now"), [(10, 12), (10, 19), (10, 6), (2, 4), (4, 1.5), (1, 3.5)])
async def test_smaller_changes_are_not(
    queue: CaseQueue, redis_client: redis.Redis, before: float, now: float
) -> None:
    await waits(queue, before)
    await pace(queue, now)
    assert await queue.tell_waits(NOON + 3 * MINUTE) == []
    assert await told(redis_client) == []


async def test_nothing_is_said_before_three_minutes_and_then_at_most_once_in_three(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    await waits(queue, 4)
    await pace(queue, 40)
    assert await queue.tell_waits(NOON + 3 * MINUTE - 1) == []
    assert len(await queue.tell_waits(NOON + 3 * MINUTE)) == 1
    await redis_client.delete(keys.waits("customer_care"))
    await pace(queue, 10)
    assert await queue.tell_waits(NOON + 6 * MINUTE - 1) == []
    assert len(await queue.tell_waits(NOON + 6 * MINUTE)) == 1
    assert len(await told(redis_client)) == 2


async def test_who_was_told_the_target_for_want_of_a_measure_hears_the_wait_once_it_is_known(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    await waits(queue, None, target_at=NOON + 5 * MINUTE)
    assert await queue.tell_waits(NOON + 3 * MINUTE) == [], "nothing is known yet"
    await pace(queue, 15)
    assert len(await queue.tell_waits(NOON + 6 * MINUTE)) == 1
    assert "15 min" in (await told(redis_client))[0]


async def test_two_clocks_say_it_once(queue: CaseQueue, redis_client: redis.Redis) -> None:
    case = await waits(queue, 4)
    await pace(queue, 40)
    due_at = await redis_client.zscore(keys.TOLD_WAITS, case.folio)
    await queue.tell_waits(NOON + 3 * MINUTE)
    # The other clock has read the case before the first one spoke.
    await redis_client.zadd(keys.TOLD_WAITS, {case.folio: due_at})
    await redis_client.hset(keys.case(case.folio), "told_wait", "240.0")
    await queue.tell_waits(NOON + 3 * MINUTE)
    assert len(await told(redis_client)) == 1


async def test_nobody_is_told_while_the_company_is_closed(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    night = local_time("2025-12-02 21:00")
    await waits(queue, 4, opened_at=night)
    await pace(queue, 40)
    assert await queue.tell_waits(night + 10 * MINUTE) == []
    assert await told(redis_client) == []


async def test_who_is_no_longer_waiting_and_who_complained_hears_nothing(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await waits(queue, 4)
    await queue.open(a_case(2, kind="complaint"), "c2:first")
    await pace(queue, 40)
    await queue.cancel(case.folio, NOON)
    assert await queue.tell_waits(NOON + 3_600) == []
    assert await redis_client.zcard(keys.TOLD_WAITS) == 0


async def test_case_that_came_back_does_not_slow_down_the_lines_pace(queue: CaseQueue) -> None:
    await pace(queue, 10)
    case, _ = await queue.open(a_case(7), "c7:first")
    await queue.claim(case.folio, "Ana", NOON + 10 * MINUTE)
    for _ in range(20):
        await queue.release(case.folio, "Ana", NOON + 3_600)
        await queue.claim(case.folio, "Ana", NOON + 90 * 3_600)
    other, _ = await queue.open(a_case(8), "c8:first")
    assert await queue.place(other) == Place(1, 10 * MINUTE)


async def test_who_comes_back_in_line_while_the_clock_looks_is_told_of_changes_again(
    queue: CaseQueue, redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await waits(queue, 4)
    await queue.claim(case.folio, "Ana", NOON + MINUTE)
    find_place = queue.place

    async def place_before_the_release(case: Case) -> Place | None:
        place = await find_place(case)
        await queue.release(case.folio, "Ana", NOON + 3 * MINUTE)
        return place

    monkeypatch.setattr(queue, "place", place_before_the_release)
    assert await queue.tell_waits(NOON + 3 * MINUTE) == []
    monkeypatch.undo()
    await pace(queue, 40)
    assert [one.folio for one in await queue.tell_waits(NOON + 6 * MINUTE)] == [case.folio]
