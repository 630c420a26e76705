"""People who fall silent lose their cases to the line, the next person or the supervisor, as planned."""

from __future__ import annotations

from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, a_case
from faults import Faults

from relevo.cases.case import Case
from relevo.cases.queue import CaseQueue
from relevo.protocol import Protocol
from relevo.protocol.parts.contingency import Silence
from relevo.store import keys
from relevo.store.outbox import OutboxMessage

MINUTE = 60.0
AFTER = 10 * MINUTE


def planned(protocol: Protocol, silence: Silence | None) -> Protocol:
    """The protocol with another rule on silence."""
    plan = protocol.contingency.copy(update={"silence": silence})
    return protocol.copy(update={"contingency": plan})


def queue_with(client: redis.Redis, protocol: Protocol, **values: Any) -> CaseQueue:
    plain = {"after": "10 min", "complaints_after": "22 h", "then": "queue"}
    return CaseQueue(client, planned(protocol, Silence(**{**plain, **values})))


@pytest.fixture
async def queue(redis_client: redis.Redis, protocol: Protocol) -> CaseQueue:
    """A queue whose clock has been watching since long before noon."""
    queue = queue_with(redis_client, protocol)
    await watch(queue, NOON - 3_600, NOON)
    return queue


async def watch(queue: CaseQueue, since: float, until: float) -> None:
    """The clock watches for a while; nothing is due."""
    moment = since
    while moment <= until:
        await queue.presence.watched_since(moment)
        moment += MINUTE


async def claimed(queue: CaseQueue, number: int = 1, agent: str = "Ana", **values: Any) -> Case:
    person = values.pop("person", "")
    case, _ = await queue.open(a_case(number, **values), f"c{number}:first")
    return await queue.claim(case.folio, agent, NOON, person=person)


async def silent_at(queue: CaseQueue, moment: float) -> list[str]:
    """The folios that the clock takes away then; it has watched since noon."""
    await watch(queue, NOON, moment)
    return [case.folio for case in await queue.release_silent(moment)]


async def is_there(queue: CaseQueue, moment: float, agent: str = "Ana", person: str = "") -> None:
    await queue.presence.sign(agent, moment, person)


async def test_case_whose_customer_gets_no_answer_goes_back_to_its_place_in_line(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await claimed(queue)
    await is_there(queue, NOON + AFTER)
    assert await silent_at(queue, NOON + AFTER - 1) == []
    assert await silent_at(queue, NOON + AFTER) == [case.folio]
    back = await queue.get(case.folio)
    assert (back.state, back.claimed_by, back.opened_at) == ("waiting", "", NOON)
    assert await queue.waiting(["customer_care"], 10) == [back]
    last = (await queue.history(case.folio))[-1]
    assert (last.kind, last.by, last.details["why"], last.details["from"]) == (
        *("case_released", "clock"),
        *("silent", "Ana"),
    )
    (*_, message) = [
        OutboxMessage.from_fields(fields) for _, fields in await redis_client.xrange(keys.OUTBOX)
    ]
    assert "Conservas tu turno" in message.events[3]["text"]
    assert await silent_at(queue, NOON + AFTER + 1) == [], "it is taken away once"


async def test_who_has_answered_owes_nothing_until_the_customer_writes(queue: CaseQueue) -> None:
    case = await claimed(queue)
    await queue.answer(case.folio, "Ana", "Hola.", NOON + 5 * MINUTE)
    for minutes in range(0, 60, 5):
        await is_there(queue, NOON + minutes * MINUTE)
    assert await silent_at(queue, NOON + 59 * MINUTE) == []
    await queue.customer_wrote("c1", "m2", NOON + 59 * MINUTE)
    await queue.customer_wrote("c1", "m3", NOON + 65 * MINUTE)
    await is_there(queue, NOON + 69 * MINUTE)
    assert await silent_at(queue, NOON + 69 * MINUTE) == [case.folio], "counted from the first message"


async def test_who_is_writing_an_answer_keeps_the_case(queue: CaseQueue) -> None:
    case = await claimed(queue)
    moment = NOON + 9 * MINUTE
    lapses_at = queue.rules.lapses_at(case, moment)
    await queue.presence.sign("Ana", moment, folio=case.folio, lapses_at=lapses_at)
    assert await silent_at(queue, NOON + 18 * MINUTE) == []
    await is_there(queue, NOON + 19 * MINUTE)
    assert await silent_at(queue, NOON + 19 * MINUTE) == [case.folio]


async def test_signs_of_others_keep_nobody_elses_case(queue: CaseQueue) -> None:
    case = await claimed(queue)
    await queue.presence.sign("Beto", NOON + 9 * MINUTE, folio=case.folio, lapses_at=NOON + 99 * MINUTE)
    assert await silent_at(queue, NOON + AFTER) == [case.folio]


async def test_who_closes_the_desk_loses_hand_offs_also_those_that_were_answered(queue: CaseQueue) -> None:
    answered, unanswered = await claimed(queue, 1), await claimed(queue, 2)
    await queue.answer(answered.folio, "Ana", "Hola.", NOON + MINUTE)
    theirs = await claimed(queue, 3, "Beto")
    await queue.answer(theirs.folio, "Beto", "Hola.", NOON + 9 * MINUTE)
    taken = await silent_at(queue, NOON + AFTER + MINUTE)
    assert sorted(taken) == sorted([answered.folio, unanswered.folio])
    assert [colleague.agent for colleague in await queue.presence.colleagues()] == ["Beto"]


async def test_complaints_rest_as_long_as_the_plan_says(
    queue: CaseQueue, redis_client: redis.Redis, protocol: Protocol
) -> None:
    case = await claimed(queue, kind="complaint")
    assert await silent_at(queue, NOON + 30 * MINUTE) == []
    lapses_at = protocol.company.hours.deadline(NOON, 22 * 3_600)
    await watch(queue, lapses_at - 3_600, lapses_at)
    assert [one.folio for one in await queue.release_silent(lapses_at)] == [case.folio]
    patient = queue_with(redis_client, protocol, complaints_after=None)
    other = await claimed(patient, 2, kind="complaint")
    await watch(patient, lapses_at, lapses_at + 3_600)
    assert await patient.release_silent(lapses_at + 90 * 86_400) == []
    assert (await patient.get(other.folio)).state == "claimed"


async def test_case_that_waits_for_its_customer_is_left_alone(queue: CaseQueue) -> None:
    case = await claimed(queue)
    await queue.wait_for_customer(case.folio, "Ana", NOON)
    assert await silent_at(queue, NOON + 60 * MINUTE) == []
    assert (await queue.get(case.folio)).claimed_by == "Ana"


async def test_nobody_loses_a_case_because_the_clock_or_the_store_was_away(queue: CaseQueue) -> None:
    """In a gap nobody could give a sign: all get their time anew."""
    case = await claimed(queue)
    back = NOON + 3 * 3_600
    assert await queue.release_silent(back) == []
    await watch(queue, back, back + 9 * MINUTE)
    assert await queue.release_silent(back + 9 * MINUTE) == []
    assert [one.folio for one in await queue.release_silent(back + AFTER)] == [case.folio]


async def test_without_a_rule_on_silence_nobody_loses_a_case(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    queue = CaseQueue(redis_client, planned(protocol, None))
    await watch(queue, NOON - 3_600, NOON)
    case = await claimed(queue)
    assert await silent_at(queue, NOON + 3_600) == []
    assert (await queue.get(case.folio)).claimed_by == "Ana"


async def test_next_person_is_someone_else_who_is_there_and_fits(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    queue = queue_with(redis_client, protocol, then="next_person")
    await watch(queue, NOON - 3_600, NOON)
    case = await claimed(queue, language="en", agent="Daniel", person="daniel_olvera")
    for agent, person in (
        ("Daniel", "daniel_olvera"),
        ("Itzel", "itzel_canul"),  # speaks Spanish only
        ("Brenda", "brenda_escobedo"),
        ("Supervisor", ""),
    ):
        await is_there(queue, NOON + 9 * MINUTE, agent, person)
    await silent_at(queue, NOON + AFTER)
    assert (await queue.get(case.folio)).for_person == "brenda_escobedo"


async def test_without_a_next_person_the_case_is_for_anyone(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    queue = queue_with(redis_client, protocol, then="next_person")
    await watch(queue, NOON - 3_600, NOON)
    case = await claimed(queue, agent="Daniel", person="daniel_olvera")
    assert await silent_at(queue, NOON + AFTER) == [case.folio]
    assert (await queue.get(case.folio)).for_person == ""


@pytest.mark.parametrize(
    ("person", "supervisor"), [("daniel_olvera", "gabriela_montano"), ("", "gabriela_montano")]
)
async def test_supervisor_is_whoever_is_above_the_silent_one(
    redis_client: redis.Redis, protocol: Protocol, person: str, supervisor: str
) -> None:
    queue = queue_with(redis_client, protocol, then="supervisor")
    await watch(queue, NOON - 3_600, NOON)
    case = await claimed(queue, agent="Daniel", person=person)
    await silent_at(queue, NOON + AFTER)
    assert (await queue.get(case.folio)).for_person == supervisor


async def test_two_clocks_take_a_case_away_once(
    queue: CaseQueue, redis_client: redis.Redis, protocol: Protocol
) -> None:
    case = await claimed(queue)
    await watch(queue, NOON, NOON + AFTER)
    other = queue_with(redis_client, protocol)
    taken = [*await queue.release_silent(NOON + AFTER), *await other.release_silent(NOON + AFTER)]
    assert [one.folio for one in taken] == [case.folio]
    assert len([h for h in await queue.history(case.folio) if h.kind == "case_released"]) == 1


async def test_looking_for_the_silent_costs_no_more_when_many_others_work(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    faults, commands = Faults(redis_client), []
    for total in (3, 60):
        for number in range(total):
            await claimed(queue, number + total * 10, f"Agent {number + total * 10}")
        await watch(queue, NOON, NOON + MINUTE)
        faults.lose(0)
        assert await queue.release_silent(NOON + MINUTE) == []
        commands.append(faults.commands)
    assert commands[0] == commands[1]
