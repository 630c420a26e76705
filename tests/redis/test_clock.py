"""Clocks: one works, the others stand by and take over when it dies."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, ROOT, SECRET, Bot, a_case, another_process, eventually, settings_for_tests

from relevo import bot_api
from relevo.bot_api import BotApi
from relevo.cases.queue import CaseQueue, UnknownCase
from relevo.clock import clock as clock_module
from relevo.clock.clock import Clock
from relevo.follow_ups.agenda import Agenda
from relevo.follow_ups.follow_up import FollowUp
from relevo.protocol import load_protocol
from relevo.store import keys
from relevo.store.outbox import OutboxWriter, says

LONG = 30.0
"""Seconds within which what must come at all has come, on a busy machine too."""
CLOCK_PROCESS = """
from relevo.clock import clock
clock.LEASE_SECONDS = 1.0
clock.main()
"""


@pytest.fixture
async def bot(redis_client: redis.Redis) -> AsyncIterator[Bot]:
    async with Bot(redis_client).up() as bot:
        yield bot


def a_clock(client: redis.Redis, api: BotApi, **values: Any) -> Clock:
    return Clock(client, api, load_protocol(ROOT / "protocol"), **values)


def api_of(bot: Bot) -> BotApi:
    return BotApi(settings_for_tests(bot_url=bot.url))


@pytest.fixture
async def api(bot: Bot) -> AsyncIterator[BotApi]:
    async with api_of(bot) as api:
        yield api


@asynccontextmanager
async def running(*clocks: Clock) -> AsyncIterator[list[asyncio.Task[None]]]:
    """The clocks run for the length of the block."""
    tasks = [asyncio.create_task(clock.run()) for clock in clocks]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def agent_says(client: redis.Redis, text: str, conversation: str = "c1") -> None:
    message = OutboxWriter(conversation, "webchat").message([says(text)], now=NOON)
    await client.xadd(keys.OUTBOX, {"id": message.id, "message": message.to_json()})


async def book(client: redis.Redis, due_at: float) -> FollowUp:
    return await Agenda(client).book(
        FollowUp(
            folio="RV-0000-0001",
            conversation="c1",
            channel="webchat",
            language="es",
            method="call",
            contact="+525512345678",
            topic="track_order",
            due_at=due_at,
            created_at=NOON,
            cause="m1",
        )
    )


async def due(client: redis.Redis) -> list[str]:
    return await client.zrange(keys.FOLLOW_UPS_DUE, 0, -1)


async def times_called(client: redis.Redis) -> int:
    """How often it was told that a follow-up is due."""
    return sum(entry["kind"] == "follow_up_due" for _, entry in await client.xrange(keys.DESK_EVENTS))


async def test_follow_up_falls_due_at_its_time_and_not_before(
    redis_client: redis.Redis, api: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_module, "TICK_SECONDS", 0.01)
    await book(redis_client, due_at=NOON)
    moment = NOON - 0.001
    clock = a_clock(redis_client, api, now=lambda: moment)
    await clock.tick()
    assert await due(redis_client) == []
    moment = NOON
    await clock.tick()
    assert await due(redis_client) == ["RV-0000-0001"]


async def test_clock_sees_to_silent_people_and_quiet_cases(
    redis_client: redis.Redis, api: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_module, "TICK_SECONDS", 0.01)
    queue = CaseQueue(redis_client, load_protocol(ROOT / "protocol"))
    silent, _ = await queue.open(a_case(1), "c1:first")
    solved, _ = await queue.open(a_case(2), "c2:first")
    for case in (silent, solved):
        await queue.claim(case.folio, "Ana", NOON)
    await queue.resolve(solved.folio, "Ana", NOON, "solved")
    moment = NOON
    clock = a_clock(redis_client, api, now=lambda: moment)
    for _ in range(12):
        await clock.tick()
        moment += 60
    assert (await queue.get(silent.folio)).state == "waiting"
    assert (await queue.get(solved.folio)).state == "resolved"
    moment = NOON + 86_400
    await clock.tick()
    assert (await queue.get(solved.folio)).state == "closed"


async def test_answer_is_delivered_as_soon_as_it_is_in_the_outbox(
    redis_client: redis.Redis, api: BotApi, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_module, "TICK_SECONDS", 20.0)
    async with running(a_clock(redis_client, api)):
        await eventually(lambda: redis_client.exists(keys.CLOCK))
        for number in range(3):
            await agent_says(redis_client, str(number))
            await eventually(lambda: len(bot.texts) == number + 1)  # noqa: B023 - awaited here


async def test_two_clocks_deliver_and_call_once(redis_client: redis.Redis, api: BotApi, bot: Bot) -> None:
    await book(redis_client, due_at=NOON)
    async with running(*(a_clock(redis_client, api, now=lambda: NOON) for _ in range(2))):
        for number in range(20):
            await agent_says(redis_client, str(number), f"c{number % 4}")
        await eventually(lambda: len(bot.texts) >= 20)
    for conversation in range(4):
        assert bot.texts_in(f"c{conversation}") == [str(n) for n in range(20) if n % 4 == conversation]
    assert await times_called(redis_client) == 1


async def test_standing_clock_takes_over_when_the_working_one_is_killed(
    redis_client: redis.Redis, redis_url: str, api: BotApi, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_module, "LEASE_SECONDS", 1.0)
    environment = {"REDIS_URL": redis_url, "RELEVO_SECRET": SECRET, "RELEVO_BOT_URL": bot.url}
    async with another_process(CLOCK_PROCESS, **environment) as working:
        await agent_says(redis_client, "of the first clock")
        await eventually(lambda: bot.texts == ["of the first clock"], seconds=LONG)
        holder = await eventually(lambda: redis_client.get(keys.CLOCK))
        async with running(a_clock(redis_client, api)):
            await working.kill()
            await agent_says(redis_client, "of the second clock")
            await eventually(lambda: len(bot.texts) == 2, seconds=LONG)
            assert await redis_client.get(keys.CLOCK) != holder
    assert bot.texts == ["of the first clock", "of the second clock"]


async def test_clock_that_is_killed_is_replaced_within_seconds_and_nothing_is_done_twice(
    redis_client: redis.Redis, redis_url: str, api: BotApi, bot: Bot
) -> None:
    """With the lease as it is in service: its heir waits for what is left of it, and looks with each tick."""
    queue = CaseQueue(redis_client, load_protocol(ROOT / "protocol"))
    late, later = [(await queue.open(a_case(number), f"c{number}:first"))[0] for number in (1, 2)]
    await redis_client.zadd(keys.TARGETS, {later.folio: time.time() + 10**6})
    environment = {"REDIS_URL": redis_url, "RELEVO_SECRET": SECRET, "RELEVO_BOT_URL": bot.url}
    async with another_process("from relevo.clock import clock; clock.main()", **environment) as working:
        await eventually(lambda: len(bot.texts_in("c1")) == 1, seconds=LONG)
        async with running(a_clock(redis_client, api)):
            await working.kill()
            left = await redis_client.pttl(keys.CLOCK)
            await redis_client.zadd(keys.TARGETS, {later.folio: 0})
            await eventually(lambda: bot.texts_in("c2"), seconds=LONG)
    assert left != -1, "the lease would never run out"
    assert left <= 5_000
    for case in (late, later):
        kinds = [event.kind for event in await queue.history(case.folio)]
        assert kinds == ["case_opened", *["case_escalated"] * 3]
        assert len(bot.texts_in(case.conversation)) == 1


async def test_clock_that_stands_by_looks_again_after_a_tick(
    redis_client: redis.Redis, api: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_module, "TICK_SECONDS", 0.01)
    await redis_client.set(keys.CLOCK, "another")
    await book(redis_client, due_at=NOON)
    clock = a_clock(redis_client, api, now=lambda: NOON)
    await asyncio.wait_for(clock.tick(), LONG)
    assert await due(redis_client) == []
    await redis_client.delete(keys.CLOCK)
    await clock.tick()
    assert await due(redis_client) == ["RV-0000-0001"]


async def test_duty_that_fails_keeps_no_other_from_its_turn_and_is_tried_again(
    redis_client: redis.Redis,
    api: BotApi,
    bot: Bot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(clock_module, "TICK_SECONDS", 0.01)
    queue = CaseQueue(redis_client, load_protocol(ROOT / "protocol"))
    await queue.open(a_case(1), "c1:first")
    await book(redis_client, due_at=NOON)
    faults: list[Exception] = [ValueError("secreto"), UnknownCase("no such case"), redis.ConnectionError()]

    async def fails(self: Any, now: float) -> Any:
        if faults:
            raise faults.pop(0)
        return await see_to_targets(self, now)

    see_to_targets = CaseQueue.see_to_targets
    monkeypatch.setattr(CaseQueue, "see_to_targets", fails)
    clock = a_clock(redis_client, api, now=lambda: NOON + 300)
    await clock.tick()
    assert await due(redis_client) == ["RV-0000-0001"]
    assert bot.texts == []
    for _ in range(4):
        await clock.tick()
    assert len(bot.texts) == 1
    assert "secreto" not in caplog.text
    for told in ("A fault in targets: ValueError", "no such case", "Redis is away: ConnectionError"):
        assert told in caplog.text


async def test_stopped_clock_gives_its_place_to_another_at_once(
    redis_client: redis.Redis, api: BotApi
) -> None:
    async with running(a_clock(redis_client, api)):
        await eventually(lambda: redis_client.exists(keys.CLOCK))
    assert not await redis_client.exists(keys.CLOCK)


async def test_clock_goes_on_while_the_bot_is_away_and_delivers_when_it_is_back(
    redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_module, "RETRY_SECONDS", 0.02)
    bot = Bot(redis_client)
    async with api_of(bot) as api, running(a_clock(redis_client, api, now=lambda: NOON)):
        await agent_says(redis_client, "a1")
        await book(redis_client, due_at=NOON)
        await eventually(lambda: due(redis_client))
        async with bot.up():
            await eventually(lambda: bot.texts == ["a1"])


async def test_clock_goes_on_when_the_bot_hangs(
    redis_client: redis.Redis, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot_api, "TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr(clock_module, "RETRY_SECONDS", 0.02)
    bot.may_reply.clear()
    async with api_of(bot) as api, running(a_clock(redis_client, api, now=lambda: NOON)) as [task]:
        await agent_says(redis_client, "a1")
        await bot.has_worked.wait()
        await book(redis_client, due_at=NOON)
        await eventually(lambda: due(redis_client))
        assert not task.done()


async def test_clock_goes_on_when_the_store_has_failed(
    redis_client: redis.Redis,
    api: BotApi,
    bot: Bot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(clock_module, "TICK_SECONDS", 0.02)
    await redis_client.set(keys.OUTBOX, "of a wrong type: each command on it fails")
    async with running(a_clock(redis_client, api)):
        await eventually(lambda: "Redis is away" in caplog.text)
        await redis_client.delete(keys.OUTBOX)
        await agent_says(redis_client, "a1")
        await eventually(lambda: bot.texts == ["a1"])


async def test_process_ends_with_an_error_when_one_of_its_workers_fails(
    redis_client: redis.Redis, redis_url: str, bot: Bot
) -> None:
    entry = {"conversation": "c1", "channel": "webchat", "events": [], "of a later version": "secreto"}
    await redis_client.xadd(keys.OUTBOX, {"id": "o1", "message": json.dumps(entry)})
    async with another_process(CLOCK_PROCESS, **sending_environment(redis_url, bot)) as other:
        assert await asyncio.wait_for(other.process.wait(), 60) == 1
    assert await redis_client.exists(keys.CLOCK, keys.SENDER) == 0


async def test_process_that_is_told_to_stop_ends_well_and_leaves_its_work_to_another(
    redis_client: redis.Redis, redis_url: str, bot: Bot
) -> None:
    async with another_process(CLOCK_PROCESS, **sending_environment(redis_url, bot)) as other:
        for lease in (keys.CLOCK, keys.SENDER):
            await eventually(partial(redis_client.exists, lease), seconds=60.0)
        other.process.terminate()
        assert await asyncio.wait_for(other.process.wait(), 60) == 0
    assert await redis_client.exists(keys.CLOCK, keys.SENDER) == 0


def sending_environment(redis_url: str, bot: Bot) -> dict[str, str]:
    """That of a clock whose process sends to WhatsApp, too."""
    names = ("TOKEN", "APP_SECRET", "VERIFY_TOKEN", "PHONE_NUMBER_IDS")
    return {
        **{"REDIS_URL": redis_url, "RELEVO_SECRET": SECRET, "RELEVO_BOT_URL": bot.url},
        **{f"WHATSAPP_{name}": "1055" for name in names},
    }
