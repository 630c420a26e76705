"""Late answers: people above are told step by step, the case moves forward, the customer hears once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, a_case, client_of
from faults import Faults
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relevo.cases.case import Case
from relevo.cases.queue import CaseQueue
from relevo.protocol import Protocol
from relevo.protocol.explanation import Explanation
from relevo.protocol.parts.contingency import When
from relevo.store import keys
from relevo.store.outbox import Event, OutboxMessage

AT_RISK = NOON + 225
MISSED = NOON + 300
HOUR = 3_600.0
AN_HOUR_LATER = MISSED + HOUR


@pytest.fixture
def queue(redis_client: redis.Redis, protocol: Protocol) -> CaseQueue:
    return CaseQueue(redis_client, protocol)


async def opened(queue: CaseQueue, number: int = 1, **values: Any) -> Case:
    return (await queue.open(a_case(number, **values), f"c{number}:first"))[0]


async def answered(queue: CaseQueue, **values: Any) -> Case:
    """A case that Daniel, an advisor, took and answered at noon."""
    case = await opened(queue, **values)
    await queue.claim(case.folio, "Daniel", NOON, person="daniel_olvera")
    return await queue.answer(case.folio, "Daniel", "Hola.", NOON, "first answer")


async def steps(queue: CaseQueue, folio: str) -> list[tuple[str, str, str]]:
    """Target, at risk or missed, and who was told, of each step so far."""
    history = [event for event in await queue.history(folio) if event.kind == "case_escalated"]
    return [(event.details["target"], event.details["late"], event.details["person"]) for event in history]


async def said(client: redis.Redis, conversation: str = "c1") -> list[Event]:
    """What the customer was told by the clock."""
    messages = [OutboxMessage.from_fields(fields) for _, fields in await client.xrange(keys.OUTBOX)]
    events = [event for one in messages if one.conversation == conversation for event in one.events]
    return [event for event in events if "text" in event and "agent" not in event["metadata"]]


# --- which steps are taken, and when ---


async def test_each_step_is_taken_at_its_time_and_not_before(queue: CaseQueue) -> None:
    case = await opened(queue)
    taken = []
    for now in (NOON, AT_RISK - 0.001, AT_RISK, MISSED - 0.001, MISSED, AN_HOUR_LATER - 0.001, AN_HOUR_LATER):
        taken.append(len(await queue.see_to_targets(now)))
    assert taken == [0, 0, 1, 0, 1, 0, 1]
    assert await steps(queue, case.folio) == [
        ("first_response", "at_risk", "gabriela_montano"),
        ("first_response", "missed", "gabriela_montano"),
        ("first_response", "missed", "marisol_ayala"),
    ]


async def test_who_is_above_the_person_that_has_the_case_is_told(queue: CaseQueue) -> None:
    case = await opened(queue, area="senior_care")
    await queue.claim(case.folio, "Daniel", NOON, person="daniel_olvera")
    await queue.see_to_targets(MISSED)
    assert {person for _, _, person in await steps(queue, case.folio)} == {"gabriela_montano"}
    assert (await queue.get(case.folio)).told_person == "gabriela_montano"


async def test_only_a_persons_answer_ends_the_time_for_the_first_response(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await opened(queue)
    await queue.claim(case.folio, "Daniel", NOON + 1)
    await queue.note(case.folio, "Daniel", "Lo veo.", NOON + 2)
    await queue.customer_wrote("c1", "m2", NOON + 3)
    assert len(await queue.see_to_targets(AT_RISK)) == 1, "what the bot and the desk said is no answer"
    await queue.answer(case.folio, "Daniel", "Hola.", AT_RISK + 1)
    assert await queue.see_to_targets(MISSED) == []


async def test_next_response_is_due_from_the_first_message_that_is_unanswered(queue: CaseQueue) -> None:
    case = await answered(queue)
    await queue.customer_wrote("c1", "m2", NOON + 60)
    await queue.customer_wrote("c1", "m3", NOON + 900)
    kept = await queue.get(case.folio)
    assert (kept.unanswered_since, kept.next_response_by) == (NOON + 60, NOON + 60 + 1_800)
    assert kept.answer_by == kept.next_response_by
    [step] = await queue.see_to_targets(NOON + 60 + 1_350)
    assert (step.due.target.kind, step.due.step.when) == ("next_response", "at_risk")
    await queue.answer(case.folio, "Daniel", "Ya quedó.", NOON + 1_500)
    assert await queue.see_to_targets(NOON + HOUR) == []
    assert (await queue.get(case.folio)).answer_by == 0


async def test_each_new_wait_has_all_its_steps(queue: CaseQueue) -> None:
    case = await answered(queue)
    for start in (NOON, NOON + 3 * HOUR):
        await queue.customer_wrote("c1", f"m{start}", start)
        await queue.see_to_targets(start + 1_800)
        await queue.answer(case.folio, "Daniel", "Ya.", start + 2_000)
    late = [late for _, late, _ in await steps(queue, case.folio)]
    assert late == ["at_risk", "missed"] * 2


async def test_resolution_is_watched_but_not_while_the_person_waits_for_the_customer(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await answered(queue, resolution_by=NOON + 4 * HOUR)
    await queue.wait_for_customer(case.folio, "Daniel", NOON + HOUR)
    assert await queue.see_to_targets(NOON + 6 * HOUR) == []
    await queue.presence.sign("Daniel", NOON + 6 * HOUR)
    await queue.customer_wrote("c1", "m2", NOON + 6 * HOUR)
    assert (await queue.get(case.folio)).resolution_by == a_day_later(NOON + HOUR)
    await queue.answer(case.folio, "Daniel", "Listo.", NOON + 6 * HOUR + 1)
    [step] = await queue.see_to_targets(a_day_later(NOON))
    assert (step.due.target.kind, step.customer_was_told) == ("resolution", False)
    await queue.resolve(case.folio, "Daniel", a_day_later(NOON), "solved")
    assert await redis_client.zcard(keys.TARGETS) == 0


@pytest.mark.parametrize("way", ["release", "transfer"])
async def test_time_that_waited_for_the_customer_is_given_back_to_whoever_gets_the_case(
    queue: CaseQueue, way: str
) -> None:
    case = await answered(queue, resolution_by=NOON + 4 * HOUR)
    await queue.wait_for_customer(case.folio, "Daniel", NOON + HOUR)
    if way == "release":
        await queue.release(case.folio, "Daniel", NOON + 6 * HOUR)
    else:
        await queue.transfer(case.folio, "Daniel", "senior_care", NOON + 6 * HOUR)
    assert (await queue.get(case.folio)).resolution_by == a_day_later(NOON + HOUR)


async def test_case_that_did_not_wait_keeps_its_time_when_it_is_put_back(queue: CaseQueue) -> None:
    case = await answered(queue, resolution_by=NOON + 4 * HOUR)
    await queue.release(case.folio, "Daniel", NOON + HOUR)
    assert (await queue.get(case.folio)).resolution_by == NOON + 4 * HOUR


def a_day_later(instant: float) -> float:
    """Of the three hours that were left at 13:00 and go on at 18:00, two are today and one is tomorrow."""
    return instant + 24 * HOUR - 3 * HOUR


async def test_claim_has_its_steps_anew(queue: CaseQueue) -> None:
    case = await opened(queue)
    await queue.see_to_targets(MISSED)
    await queue.claim(case.folio, "Daniel", MISSED, person="daniel_olvera")
    await queue.resolve(case.folio, "Daniel", MISSED, "solved")
    claim = await queue.reject_resolution(case.folio, NOON + HOUR)
    assert (claim.first_response_steps, claim.told_late) == (0, "")
    taken = await queue.see_to_targets(claim.target_at)
    assert [step.due.step.when for step in taken] == ["at_risk", "missed"]


# --- what follows ---


async def test_late_case_moves_forward_but_not_before_a_person_in_danger(queue: CaseQueue) -> None:
    urgent = await opened(queue, 1, priority="urgent", rank=0, target_at=NOON + 9_000)
    high = await opened(queue, 2, priority="high", rank=1, target_at=NOON + 8_000)
    early = await opened(queue, 3, target_at=NOON + 200, opened_at=NOON - 600)
    late = await opened(queue, 4)
    await queue.see_to_targets(AT_RISK)
    raised = await queue.get(late.folio)
    assert (raised.priority, raised.rank) == ("high", 1)
    line = [case.folio for case in await queue.waiting(["customer_care"], 9)]
    assert line == [urgent.folio, early.folio, late.folio, high.folio]
    assert (await queue.get(urgent.folio)).priority == "urgent"


async def test_raised_case_that_is_let_go_stands_where_it_belongs_now(queue: CaseQueue) -> None:
    late = await opened(queue, 1)
    await queue.claim(late.folio, "Daniel", NOON)
    await queue.see_to_targets(AT_RISK)
    other = await opened(queue, 2, target_at=NOON + 1)
    await queue.release(late.folio, "Daniel", AT_RISK + 1)
    assert [case.folio for case in await queue.waiting(["customer_care"], 9)] == [late.folio, other.folio]


@pytest.mark.parametrize(
    ("language", "risk", "missed"),
    [
        ("es", "puede tardar más de lo que dijimos", "en el tiempo que prometimos"),
        ("en", "may take longer than we said", "in the time we promised"),
    ],
)
async def test_customer_is_told_honestly_once_each_and_may_choose_a_time_instead(
    queue: CaseQueue,
    redis_client: redis.Redis,
    protocol: Protocol,
    language: Any,
    risk: str,
    missed: str,
) -> None:
    case = await opened(queue, language=language)
    for now in (AT_RISK, AT_RISK + 1, MISSED, MISSED + 1, AN_HOUR_LATER):
        await queue.see_to_targets(now)
    first, second = await said(redis_client)
    assert risk in first["text"] and missed in second["text"]
    assert case.folio in first["text"]
    title = protocol.topics["schedule_follow_up"].title.in_language(language)
    for event in (first, second):
        assert event["data"]["buttons"] == [{"title": title, "payload": "/schedule_follow_up"}]
    assert first["timestamp"] == AT_RISK


async def test_customer_of_a_person_gets_no_button_that_nobody_would_take_up(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    await queue.claim((await opened(queue)).folio, "Daniel", NOON)
    await queue.see_to_targets(AT_RISK)
    assert "data" not in (await said(redis_client))[-1]


async def test_after_a_pause_of_the_clock_all_steps_are_made_up_for_and_the_customer_hears_the_gravest(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await opened(queue)
    assert len(await queue.see_to_targets(NOON + 5 * HOUR)) == 3
    assert len(await steps(queue, case.folio)) == 3
    [event] = await said(redis_client)
    assert "en el tiempo que prometimos" in event["text"]


async def test_plan_without_words_for_late_answers_still_tells_people(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    triggers = [trigger for trigger in protocol.contingency.triggers if not trigger.when.event]
    plan = protocol.contingency.copy(update={"triggers": triggers})
    queue = CaseQueue(redis_client, protocol.copy(update={"contingency": plan}))
    case = await opened(queue)
    await queue.see_to_targets(MISSED)
    assert len(await steps(queue, case.folio)) == 2
    assert await said(redis_client) == []


async def test_trigger_for_one_channel_has_its_own_words_and_says_why(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    queue = CaseQueue(redis_client, with_late_trigger(protocol, {"channel": "whatsapp"}))
    on_whatsapp, on_webchat = await opened(queue, 1, channel="whatsapp"), await opened(queue, 2)
    await queue.see_to_targets(MISSED)
    words = [(await said(redis_client, conversation))[-1]["text"] for conversation in ("c1", "c2")]
    assert on_whatsapp.folio in words[0] and "Conservas tu turno" in words[0]
    assert "en el tiempo que prometimos" in words[1]
    explained = [await why(queue, case.folio) for case in (on_whatsapp, on_webchat)]
    assert explained == [
        ("late_here", [{"event": "target_missed"}, {"channel": "whatsapp"}]),
        ("target_missed", [{"event": "target_missed"}]),
    ]


async def test_trigger_for_one_priority_makes_only_such_cases_graver(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    planned = with_late_trigger(protocol, {"priority": "normal"}, priority="urgent")
    plan = planned.contingency
    silent = [step.copy(update={"priority": None}) for step in plan.escalation]
    plan = plan.copy(
        update={"escalation": silent, "triggers": [t for t in plan.triggers if t.id != "target_at_risk"]}
    )
    queue = CaseQueue(redis_client, planned.copy(update={"contingency": plan}))
    normal, high = await opened(queue, 1), await opened(queue, 2, priority="high", rank=1)
    await queue.see_to_targets(MISSED)
    assert [(await queue.get(case.folio)).priority for case in (normal, high)] == ["urgent", "high"]


async def test_claim_forgets_why_an_earlier_answer_was_late_and_says_why_it_is_a_claim(
    queue: CaseQueue,
) -> None:
    case = await opened(queue)
    await queue.claim(case.folio, "Daniel", NOON, person="daniel_olvera")
    await queue.see_to_targets(AT_RISK)
    assert (await why(queue, case.folio))[0] == "target_at_risk"
    await queue.answer(case.folio, "Daniel", "Hola.", AT_RISK)
    await queue.resolve(case.folio, "Daniel", AT_RISK, "solved")
    claim = await queue.reject_resolution(case.folio, AT_RISK)
    explanation = Explanation.from_json(claim.explanation)
    assert claim.event_explanation == ""
    assert explanation is not None
    assert (claim.trigger, explanation.trigger) == ("resolution_rejected", "resolution_rejected")


def with_late_trigger(protocol: Protocol, condition: dict[str, Any], **values: Any) -> Protocol:
    """The protocol with a trigger for missed targets of some cases, above the one for all."""
    known = protocol.contingency.trigger("target_missed")
    when = When.parse_obj({"all": [{"event": "target_missed"}, condition]})
    here = known.copy(update={"id": "late_here", "when": when, "words": "case_back_in_line", **values})
    plan = protocol.contingency.copy(update={"triggers": [here, *protocol.contingency.triggers]})
    return protocol.copy(update={"contingency": plan})


async def why(queue: CaseQueue, folio: str) -> tuple[str, list[Any]]:
    """The trigger that the last event set off, and the conditions that held."""
    explanation = Explanation.from_json((await queue.get(folio)).event_explanation)
    assert explanation is not None
    return explanation.trigger, [reason.when for reason in explanation.reasons]


async def test_desk_is_woken_by_an_event_without_what_people_wrote(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await opened(queue)
    await queue.see_to_targets(AT_RISK)
    last = (await redis_client.xrevrange(keys.DESK_EVENTS, count=1))[0][1]
    assert last == {
        "kind": "case_escalated",
        "folio": case.folio,
        "at": str(AT_RISK),
        "by": "clock",
        "conversation": "c1",
    }


# --- many, and at once ---


async def test_more_than_a_batch_is_seen_to_at_once(queue: CaseQueue) -> None:
    for number in range(250):
        await opened(queue, number)
    assert len(await queue.see_to_targets(AT_RISK)) == 250


async def test_two_clocks_at_once_take_each_step_once(
    queue: CaseQueue, redis_client: redis.Redis, redis_url: str, protocol: Protocol
) -> None:
    cases = [await opened(queue, number) for number in range(20)]
    async with client_of(redis_url) as other:
        second = CaseQueue(other, protocol)
        for now in (AT_RISK, MISSED, AN_HOUR_LATER):
            await asyncio.gather(*(clock.see_to_targets(now) for clock in (queue, second, queue, second)))
            await queue.see_to_targets(now)
    for case in cases:
        assert len(await steps(queue, case.folio)) == 3
    assert len(await said(redis_client, "c7")) == 2


async def test_answer_that_comes_while_the_clock_looks_wins(
    queue: CaseQueue, redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await opened(queue)
    await queue.claim(case.folio, "Daniel", NOON)
    due = queue._due

    async def read_then_answered(*args: Any) -> Any:
        found = await due(*args)
        await queue.answer(case.folio, "Daniel", "Hola.", AT_RISK)
        monkeypatch.undo()
        return found

    monkeypatch.setattr(queue, "_due", read_then_answered)
    assert await queue.see_to_targets(AT_RISK) == []
    assert await queue.see_to_targets(MISSED) == []


DOINGS = st.sampled_from(["clock", "skewed clock", "answer", "write", "release", "claim", "wait"])


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    doings=st.lists(st.tuples(DOINGS, st.sampled_from([20, 130, 700, 2_000]), st.integers(0, 3)), max_size=14)
)
def test_whatever_happens_in_between_no_step_is_taken_twice_and_none_is_left_out(
    redis_url: str, protocol: Protocol, doings: list[tuple[str, float, int]]
) -> None:
    """Two clocks, one of which is two minutes ahead and the other loses answers, an agent and a customer."""
    asyncio.run(interleave(redis_url, protocol, doings))


async def interleave(redis_url: str, protocol: Protocol, doings: list[tuple[str, float, int]]) -> None:
    async with client_of(redis_url) as client, client_of(redis_url) as other:
        await client.flushall()
        queue, ahead, faults = CaseQueue(client, protocol), CaseQueue(other, protocol), Faults(client)
        case, now = await opened(queue), NOON
        for number, (doing, seconds, lost) in enumerate(doings):
            now += seconds
            match doing:
                case "clock":
                    await faults.repeated(lost, lambda: queue.see_to_targets(now))  # noqa: B023 - awaited
                case "skewed clock":
                    both = (queue.see_to_targets(now), ahead.see_to_targets(now + 120))
                    await asyncio.gather(*both)
                case "write":
                    await queue.customer_wrote("c1", f"m{number}", now)
                case "claim":
                    await queue.claim(case.folio, "Daniel", now)
                case "answer" | "release" | "wait" if (await queue.get(case.folio)).is_in_hand:
                    await {
                        "answer": lambda: queue.answer(case.folio, "Daniel", "Ya.", now),  # noqa: B023
                        "release": lambda: queue.release(case.folio, "Daniel", now),  # noqa: B023
                        "wait": lambda: queue.wait_for_customer(case.folio, "Daniel", now),  # noqa: B023
                    }[doing]()
        await queue.see_to_targets(now + 120)
        await check_steps(queue, case.folio, now)


async def check_steps(queue: CaseQueue, folio: str, now: float) -> None:
    """Each wait's steps come in the plan's order, each once; and of what runs, all that are due are taken."""
    history = await queue.history(folio)
    ahead = {"first_response": 0, "next_response": 0}
    for event in history:
        if event.kind == "case_answered":
            ahead = dict.fromkeys(ahead, 0)
        elif event.kind == "case_escalated":
            order = ("at_risk", "missed", "missed")
            assert event.details["late"] == order[ahead[event.details["target"]]]
            ahead[event.details["target"]] += 1
    kept = await queue.get(folio)
    assert ahead["next_response"] == kept.next_response_steps
    due = queue._targets.next_step(kept)
    assert due is None or due.at > now + 120
