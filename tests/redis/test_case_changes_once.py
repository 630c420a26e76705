"""Whatever is repeated after a lost answer or a crash happens once: each script, after each command."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, a_case
from faults import Faults, everything

from relevo.cases import queue as queue_module
from relevo.cases.case import Case
from relevo.cases.changes import BOT
from relevo.cases.queue import CaseQueue, Place
from relevo.protocol import Protocol
from relevo.store import connection, keys
from relevo.store.confirmed_contacts import Confirmation
from relevo.store.connection import Script

SCRIPTS = {file.stem for file in Path(queue_module.__file__).parent.glob("*.lua")} - {"change", "read"}
LATER = NOON + 700.0
DIGEST = keys.digest_of("+525512345678")
BY_ANA = Confirmation("phone", "desk", "Ana", NOON)
Work = Callable[[CaseQueue], Awaitable[Any]]


@pytest.fixture
def queue(redis_client: redis.Redis, protocol: Protocol, monkeypatch: pytest.MonkeyPatch) -> CaseQueue:
    folios = itertools.count(1)
    monkeypatch.setattr(queue_module, "new_folio", lambda: f"RV-0000-{next(folios):04}")
    return CaseQueue(redis_client, protocol)


# --- a case is set up, and then something happens ---


async def opened(queue: CaseQueue, number: int = 1, **values: Any) -> Case:
    return (await queue.open(a_case(number, **values), f"c{number}:first"))[0]


async def claimed(queue: CaseQueue) -> Case:
    case = await opened(queue)
    return await queue.claim(case.folio, "Ana", NOON, person="daniel_olvera")


async def waits_for_customer(queue: CaseQueue) -> Case:
    return await queue.wait_for_customer((await claimed(queue)).folio, "Ana", NOON)


async def resolved(queue: CaseQueue) -> Case:
    return await queue.resolve((await claimed(queue)).folio, "Ana", NOON, "solved")


async def closed(queue: CaseQueue) -> Case:
    return await queue.accept_resolution((await resolved(queue)).folio, NOON + 5)


async def two_of_one_customer(queue: CaseQueue) -> Case:
    case = await claimed(queue)
    await queue.open(a_case(1, kind="complaint", rank=1, contact="+525512345678"), "c1:complaint")
    return case


async def two_that_wait(queue: CaseQueue) -> Case:
    case = await opened(queue)
    await queue.open(a_case(1, kind="complaint", rank=1, target_at=NOON + 9), "c1:complaint")
    return case


async def confirmed(queue: CaseQueue) -> Case:
    case = await claimed(queue)
    return await queue.confirm_contact(case.folio, DIGEST, BY_ANA)


async def told_of_the_wait(queue: CaseQueue) -> Case:
    """A customer who was told of a short wait, in an area that takes its time."""
    slow = await opened(queue, 7)
    case = await opened(queue, 8)
    await queue.note_place_told(case, Place(2, 60.0), NOON)
    await queue.claim(slow.folio, "Ana", NOON + 600)
    return case


async def watched(queue: CaseQueue, case: Case) -> Case:
    """The clock has been watching for long; the person's last sign was at noon."""
    for minute in range(-11, 12):
        await queue.presence.watched_since(NOON + 60 * minute)
    return case


async def then_watched(queue: CaseQueue) -> Case:
    return await watched(queue, await claimed(queue))


async def nothing(queue: CaseQueue) -> Case:
    return a_case()


FOLIO = "RV-0000-0001"
HAPPENINGS: dict[str, tuple[Work, Work]] = {
    "open": (nothing, lambda queue: queue.open(a_case(), "c1:m1")),
    "raise_case": (
        opened,
        lambda queue: queue.open(a_case(rank=0, priority="urgent", area="safety"), "c1:m2"),
    ),
    "claim": (opened, lambda queue: queue.claim(FOLIO, "Ana", NOON, person="daniel_olvera", capacity=1)),
    "release": (claimed, lambda queue: queue.release(FOLIO, "Ana", NOON, "x")),
    "answer": (claimed, lambda queue: queue.answer(FOLIO, "Ana", "Hola.", NOON, "x")),
    "note": (claimed, lambda queue: queue.note(FOLIO, "Ana", "Ojo.", NOON + 5, "x")),
    "transfer": (
        claimed,
        lambda queue: queue.transfer(FOLIO, "Ana", "safety", NOON, note="Ojo.", change_id="x"),
    ),
    "wait": (claimed, lambda queue: queue.wait_for_customer(FOLIO, "Ana", NOON, "x")),
    "supplement": (
        opened,
        lambda queue: queue.supplement(FOLIO, NOON + 5, "x", contact="+525512345678", customer_name="Ana"),
    ),
    "customer_wrote": (waits_for_customer, lambda queue: queue.customer_wrote("c1", "m2", NOON + 5)),
    "resolve": (claimed, lambda queue: queue.resolve(FOLIO, "Ana", NOON, "solved", "x")),
    "reopen": (resolved, lambda queue: queue.reject_resolution(FOLIO, NOON + 5, "x")),
    "close": (claimed, lambda queue: queue.close(FOLIO, "Ana", NOON, "x")),
    "close, withdrawn": (opened, lambda queue: queue.cancel(FOLIO, NOON, "x")),
    "close, accepted": (resolved, lambda queue: queue.accept_resolution(FOLIO, NOON + 5, "x")),
    "close, quiet": (resolved, lambda queue: queue.close_quiet(NOON + 9 * 86_400)),
    "rate": (closed, lambda queue: queue.rate("c1", 4, "Bien", NOON + 9)),
    "merge": (two_of_one_customer, lambda queue: queue.merge("RV-0000-0002", FOLIO, "Ana", NOON, "x")),
    "merge, by the bot": (two_that_wait, lambda queue: queue.merge("RV-0000-0002", FOLIO, BOT, NOON, "x")),
    "confirm_contact": (
        claimed,
        lambda queue: queue.confirm_contact(FOLIO, DIGEST, BY_ANA, "x", also_in=["c2"]),
    ),
    "withdraw_contact": (
        confirmed,
        lambda queue: queue.withdraw_contact(FOLIO, "Ana", DIGEST, NOON, "x"),
    ),
    "sign": (claimed, lambda queue: queue.presence.sign("Ana", NOON + 5, folio=FOLIO, lapses_at=LATER)),
    "leave": (claimed, lambda queue: queue.presence.leave("Ana", LATER)),
    "watch": (nothing, lambda queue: queue.presence.watched_since(NOON)),
    "release_silent": (
        then_watched,
        lambda queue: queue.release_silent(NOON + 11 * 60),
    ),
    "escalate": (opened, lambda queue: queue.see_to_targets(NOON + 230)),
    "escalate, nothing due": (opened, lambda queue: queue.see_to_targets(NOON)),
    "tell_place": (told_of_the_wait, lambda queue: queue.tell_waits(NOON + 610)),
}
"""By the script and perhaps how it is used: what is there before, and what happens."""


def test_there_is_a_happening_for_each_script() -> None:
    assert {name.partition(",")[0] for name in HAPPENINGS} == SCRIPTS


@pytest.fixture
def twice(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """Every script is run twice with the same keys and arguments; whether it left the store as it was."""
    run = Script.__call__
    outcomes: list[bool] = []

    async def run_twice(self: Script, client: redis.Redis, keys: list[str], args: list[Any]) -> Any:
        await run(self, client, keys, args)
        after = await everything(client)
        answer = await run(self, client, keys, args)
        outcomes.append(await everything(client) == after)
        return answer

    monkeypatch.setattr(connection.Script, "__call__", run_twice)
    yield outcomes


@pytest.mark.parametrize("name", HAPPENINGS)
async def test_script_run_twice_finds_and_leaves_the_same_state(
    queue: CaseQueue, redis_client: redis.Redis, twice: list[bool], name: str
) -> None:
    before, happens = HAPPENINGS[name]
    await before(queue)
    untouched = await everything(redis_client)
    twice.clear()
    await happens(queue)
    assert twice and all(twice)
    assert await everything(redis_client) != untouched, "it must have done something"


@pytest.mark.parametrize("name", HAPPENINGS)
async def test_work_that_breaks_off_after_any_command_is_done_once_when_it_is_repeated(
    redis_client: redis.Redis, protocol: Protocol, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before, happens = HAPPENINGS[name]
    faults = Faults(redis_client)

    async def state_after(break_off_at: int) -> dict[str, Any]:
        folios = itertools.count(1)
        monkeypatch.setattr(queue_module, "new_folio", lambda: f"RV-0000-{next(folios):04}")
        await redis_client.flushall()
        queue = CaseQueue(redis_client, protocol)
        await before(queue)
        await faults.repeated(break_off_at, lambda: happens(queue))
        return await everything(redis_client)

    undisturbed = await state_after(0)
    faults.lose(0)
    commands = 4
    for number in range(1, commands + 1):
        assert await state_after(number) == undisturbed, f"broken off after command {number}"


async def test_form_sent_twice_does_a_change_once(queue: CaseQueue) -> None:
    case = await claimed(queue)
    for _ in range(2):
        await queue.note(case.folio, "Ana", "Ojo.", NOON, "form-1")
        await queue.transfer(case.folio, "Ana", "safety", NOON, change_id="form-2")
    kinds = [happening.kind for happening in await queue.history(case.folio)]
    assert kinds == ["case_opened", "case_claimed", "case_noted", "case_transferred"]


async def test_answers_are_remembered_all_and_not_only_the_last(queue: CaseQueue) -> None:
    case = await claimed(queue)
    for answer_id in ("a1", "a2", "a1", "a2", "a1"):
        await queue.answer(case.folio, "Ana", "Hola.", NOON, answer_id)
    assert [h.kind for h in await queue.history(case.folio)].count("case_answered") == 2
