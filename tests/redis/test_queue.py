"""The queue of cases against a real Redis: opened, claimed, answered, given back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, a_case, after_each_command, client_of

from relevo.cases import queue as queue_module
from relevo.cases.case import Case
from relevo.cases.folio import find_folio
from relevo.cases.queue import (
    REMEMBERED_WAITS,
    CaseClosed,
    CaseNotYours,
    CaseQueue,
    CaseTaken,
    Place,
    UnknownCase,
)
from relevo.protocol import Protocol
from relevo.store import keys
from relevo.store.outbox import OutboxMessage


@pytest.fixture
def queue(redis_client: redis.Redis, protocol: Protocol) -> CaseQueue:
    return CaseQueue(redis_client, protocol)


async def opened(queue: CaseQueue, number: int = 1, **values: Any) -> Case:
    """A case that was opened by its conversation's first message."""
    case, is_new = await queue.open(a_case(number, **values), f"c{number}:first")
    assert is_new
    return case


async def claimed(queue: CaseQueue, number: int = 1, agent: str = "Ana", **values: Any) -> Case:
    return await queue.claim((await opened(queue, number, **values)).folio, agent, NOON + 60)


async def sent(client: redis.Redis) -> list[OutboxMessage]:
    """What waits to be delivered to customers, in order."""
    return [OutboxMessage.from_fields(fields) for _, fields in await client.xrange(keys.OUTBOX)]


async def texts(client: redis.Redis) -> list[str]:
    """The words that customers will read."""
    return [event["text"] for message in await sent(client) for event in message.events if "text" in event]


async def told(client: redis.Redis) -> list[str]:
    """The kinds of all events in the desk's stream."""
    return [fields["kind"] for _, fields in await client.xrange(keys.DESK_EVENTS)]


def shape(message: OutboxMessage) -> list[str]:
    """What a message does, step by step: a status that the page shows, words, or what happens to the bot."""
    return [
        event.get("data", {}).get("custom", {}).get("status")
        or ("words" if "text" in event else event["event"])
        for event in message.events
    ]


async def test_opened_case_is_kept_as_it_was_given_under_a_fresh_folio(queue: CaseQueue) -> None:
    given = a_case(description="¿Dónde está mi sillón? 🛋", order_number="CJ-483920", target_at=NOON + 0.25)
    case, is_new = await queue.open(given, "c1:first")
    assert is_new
    assert find_folio(case.folio) == case.folio
    assert case == replace(given, folio=case.folio, opened_by="c1:first")
    assert await queue.get(case.folio) == case
    assert await queue.open_cases() == [case]


async def test_same_cause_opens_one_case(queue: CaseQueue, redis_client: redis.Redis) -> None:
    first, _ = await queue.open(a_case(), "c1:m1")
    again, is_new = await queue.open(a_case(), "c1:m1")
    assert (again, is_new) == (first, False)
    assert await queue.open_cases() == [first]
    assert await told(redis_client) == ["case_opened"]


async def test_same_cause_at_the_same_time_opens_one_case(queue: CaseQueue) -> None:
    outcomes = await asyncio.gather(*(queue.open(a_case(), "c1:m1") for _ in range(20)))
    assert sum(is_new for _, is_new in outcomes) == 1
    assert len({case.folio for case, _ in outcomes}) == 1
    assert len(await queue.open_cases()) == 1


async def test_cause_is_remembered_after_its_case_is_closed(queue: CaseQueue) -> None:
    case = await claimed(queue)
    closed = await queue.close(case.folio, "Ana", NOON + 120)
    assert await queue.open(a_case(), "c1:first") == (closed, False)


async def test_hand_off_that_ends_while_the_customer_asks_for_one_is_not_theirs_any_more(
    queue: CaseQueue, redis_url: str, protocol: Protocol
) -> None:
    earlier = await claimed(queue)

    async def resolve() -> None:
        await queue.resolve(earlier.folio, "Ana", NOON + 120, "solved")

    async with client_of(redis_url) as client:
        after_each_command(client, resolve)
        case, is_new = await CaseQueue(client, protocol).open(a_case(opened_at=NOON + 120), "c1:second")
    assert is_new and case.folio != earlier.folio
    assert await queue.open_cases() == [case]


async def test_graver_reason_raises_a_hand_off_that_nobody_has_yet(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    before = await opened(queue, 1)
    await opened(queue, 2, area="senior_care", priority="high", rank=1, target_at=NOON + 10)
    danger = a_case(
        1, area="senior_care", priority="urgent", rank=0, trigger="self_harm", target_at=NOON + 90
    )
    raised, is_new = await queue.open(danger, "c1:second")
    assert not is_new
    assert raised == replace(danger, folio=before.folio, opened_at=before.opened_at, opened_by="c1:first")
    assert await queue.place(raised) == Place(1, None), "it stands before what was there"
    assert await told(redis_client) == ["case_opened", "case_opened", "case_raised"]


@pytest.mark.parametrize("rank", [1, 2])
async def test_hand_off_is_not_lowered_by_a_lighter_reason(queue: CaseQueue, rank: int) -> None:
    before = await opened(queue, 1, priority="high", rank=1, area="senior_care")
    after, _ = await queue.open(a_case(1, rank=rank), "c1:second")
    assert after == before


async def test_graver_reason_leaves_a_claimed_hand_off_with_its_person(queue: CaseQueue) -> None:
    before = await claimed(queue, 1)
    after, _ = await queue.open(a_case(1, rank=0, priority="urgent", area="safety"), "c1:second")
    assert after == before


async def test_conversation_has_one_open_hand_off(queue: CaseQueue) -> None:
    first = await opened(queue)
    again, is_new = await queue.open(a_case(area="senior_care"), "c1:second")
    assert (again, is_new) == (first, False)
    assert await queue.open_cases() == [first]


async def test_conversation_can_be_handed_over_again_after_the_first_is_closed(queue: CaseQueue) -> None:
    first = await claimed(queue)
    await queue.close(first.folio, "Ana", NOON + 120)
    second, is_new = await queue.open(a_case(), "c1:second")
    assert is_new
    assert await queue.open_cases() == [second]


async def test_complaints_stand_beside_an_open_hand_off(queue: CaseQueue) -> None:
    hand_off = await opened(queue)
    complaints = [(await queue.open(a_case(kind="complaint"), f"c1:{n}"))[0] for n in range(2)]
    assert {case.folio for case in await queue.open_cases()} == {
        case.folio for case in [hand_off, *complaints]
    }


async def test_folio_that_is_taken_is_drawn_again(queue: CaseQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await opened(queue, 1)
    draws = iter([first.folio, "RV-2222-2222"])
    monkeypatch.setattr(queue_module, "new_folio", lambda: next(draws))
    second = await opened(queue, 2)
    assert second.folio == "RV-2222-2222"
    assert (await queue.get(first.folio)).conversation == "c1"


async def test_line_is_ordered_by_priority_then_by_target(queue: CaseQueue) -> None:
    late = await opened(queue, 1, target_at=NOON + 300)
    soon = await opened(queue, 2, target_at=NOON + 299)
    urgent = await opened(queue, 3, priority="urgent", rank=0, target_at=NOON + 90 * 86_400)
    high = await opened(queue, 4, priority="high", rank=1, target_at=NOON + 600)
    in_order = [urgent, high, soon, late]
    assert await queue.open_cases() == in_order
    assert [await queue.place(case) for case in in_order] == [Place(n, None) for n in (1, 2, 3, 4)]


async def test_list_and_line_agree_on_cases_with_the_same_target(queue: CaseQueue) -> None:
    for number in range(12):
        await opened(queue, number)
    places = [await queue.place(case) for case in await queue.open_cases()]
    assert places == [Place(position, None) for position in range(1, 13)]


async def test_each_area_has_a_line_of_its_own(queue: CaseQueue) -> None:
    await opened(queue, 1, area="senior_care")
    case = await opened(queue, 2, area="safety")
    assert await queue.place(case) == Place(1, None)


async def test_wait_is_the_median_of_the_areas_last_waits_times_the_place(queue: CaseQueue) -> None:
    for number, wait in enumerate([60, 100, 9_000]):
        await queue.claim((await opened(queue, number)).folio, "Ana", NOON + wait)
    first, second = await opened(queue, 11), await opened(queue, 12, target_at=NOON + 400)
    assert await queue.place(first) == Place(1, 100.0)
    assert await queue.place(second) == Place(2, 200.0)
    elsewhere = await opened(queue, 13, area="safety")
    assert await queue.place(elsewhere) == Place(1, None)


async def test_wait_of_a_case_that_was_third_in_line_counts_for_three_places(queue: CaseQueue) -> None:
    await opened(queue, 1)
    await opened(queue, 2)
    third = await opened(queue, 3, target_at=NOON + 400)
    await queue.claim(third.folio, "Ana", NOON + 300)
    assert await queue.place(await opened(queue, 4, rank=0)) == Place(1, 100.0)


async def test_wait_follows_the_areas_present_pace(queue: CaseQueue) -> None:
    for number in range(2 * REMEMBERED_WAITS + 10):
        seconds = 60 if number >= REMEMBERED_WAITS + 10 else 1_000
        await queue.claim((await opened(queue, number)).folio, "Ana", NOON + seconds)
    assert await queue.place(await opened(queue, 99)) == Place(1, 60.0)


async def test_claimed_case_has_no_place_and_moves_the_others_up(queue: CaseQueue) -> None:
    first, second = await opened(queue, 1), await opened(queue, 2, target_at=NOON + 400)
    claimed_case = await queue.claim(first.folio, "Ana", NOON)
    assert await queue.place(claimed_case) is None
    assert await queue.place(second) == Place(1, 0.0)
    assert await queue.open_cases() == [second, claimed_case]


async def test_customer_is_told_who_takes_over_and_the_bot_falls_silent(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await claimed(queue, language="en")
    assert (case.state, case.claimed_by, case.claimed_at) == ("claimed", "Ana", NOON + 60)
    (message,) = await sent(redis_client)
    assert (message.conversation, message.channel) == ("c1", "webchat")
    assert shape(message) == ["pause", "claimed", "slot", "words"]
    assert message.events[1]["data"]["custom"]["agent"] == "Ana"
    assert message.events[3]["text"] == "Ana is with you now and has read the conversation."


async def test_customers_page_can_tell_each_part_of_a_message_by_its_key(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    await claimed(queue)
    (message,) = await sent(redis_client)
    assert [event["metadata"]["outbox_id"] for event in message.events] == [message.id] * 4
    assert [event["metadata"]["key"] for event in message.events] == [f"{message.id}:{n}" for n in range(4)]


async def test_claim_again_by_the_same_person_changes_nothing(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await claimed(queue)
    assert await queue.claim(case.folio, "Ana", NOON + 999) == case
    assert len(await sent(redis_client)) == 1
    assert await told(redis_client) == ["case_opened", "case_claimed"]
    assert await redis_client.llen(keys.waits(case.area)) == 1


async def test_case_of_another_person_cannot_be_claimed(queue: CaseQueue, redis_client: redis.Redis) -> None:
    case = await claimed(queue)
    with pytest.raises(CaseTaken):
        await queue.claim(case.folio, "Beto", NOON + 61)
    assert await queue.get(case.folio) == case
    assert len(await sent(redis_client)) == 1


async def test_of_many_who_claim_at_once_one_gets_the_case(
    queue: CaseQueue, redis_client: redis.Redis, redis_url: str, protocol: Protocol
) -> None:
    case = await opened(queue)
    async with client_of(redis_url) as other:
        desks = [queue, CaseQueue(other, protocol)]
        claims = (desks[n % 2].claim(case.folio, f"agent {n}", NOON) for n in range(20))
        outcomes = await asyncio.gather(*claims, return_exceptions=True)
    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, Case)]
    assert [type(outcome) for outcome in outcomes if outcome is not winner] == [CaseTaken] * 19
    assert await queue.get(case.folio) == winner
    assert len(await sent(redis_client)) == 1


async def test_customer_who_complained_is_not_interrupted_by_a_claim(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await claimed(queue, kind="complaint")
    assert case.state == "claimed"
    assert await sent(redis_client) == []


async def test_released_case_returns_to_its_old_place(queue: CaseQueue, redis_client: redis.Redis) -> None:
    first, second = await opened(queue, 1), await opened(queue, 2, target_at=NOON + 400)
    await queue.claim(first.folio, "Ana", NOON + 60)
    assert await queue.release(first.folio, "Ana", NOON + 90) == first
    assert await queue.open_cases() == [first, second]
    assert (await queue.place(first), await queue.place(second)) == (Place(1, 60.0), Place(2, 120.0))
    assert shape((await sent(redis_client))[-1]) == ["resume", "slot", "waiting", "action"]
    assert (await queue.claim(first.folio, "Beto", NOON + 95)).claimed_by == "Beto"


async def test_release_of_a_complaint_that_nobody_answered_is_not_shown_to_the_customer(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await claimed(queue, kind="complaint")
    await queue.release(case.folio, "Ana", NOON + 90)
    assert await sent(redis_client) == []


async def test_customer_whose_complaint_was_being_answered_sees_that_they_wait_again(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await claimed(queue, kind="complaint")
    await queue.answer(case.folio, "Ana", "Lo estoy revisando.", NOON + 70)
    await queue.release(case.folio, "Ana", NOON + 90)
    assert shape((await sent(redis_client))[-1]) == ["waiting"]


async def test_answer_reaches_the_customer_in_the_agents_name(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await claimed(queue)
    await queue.answer(case.folio, "Ana", "Hola, soy Ana. <b>Reviso</b> tu pedido.", NOON + 70, "answer-1")
    message = (await sent(redis_client))[-1]
    assert message.id == "answer-1"
    assert shape(message) == ["pause", "claimed", "words"]
    assert message.events[-1]["text"] == "Hola, soy Ana. <b>Reviso</b> tu pedido."
    assert message.events[-1]["metadata"]["agent"] == "Ana"


async def test_answer_repeated_with_the_same_id_is_sent_once(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await claimed(queue)
    for _ in range(3):
        await queue.answer(case.folio, "Ana", "Hola.", NOON + 70, "answer-1")
    assert (await texts(redis_client)).count("Hola.") == 1
    assert (await told(redis_client)).count("case_answered") == 1


async def test_same_words_in_another_answer_are_sent_again(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await claimed(queue)
    for answer_id in ("answer-1", "answer-2", None, None):
        await queue.answer(case.folio, "Ana", "Hola.", NOON + 70, answer_id)
    assert (await texts(redis_client)).count("Hola.") == 4


async def test_only_the_first_response_stops_the_clock(queue: CaseQueue) -> None:
    case = await claimed(queue)
    assert case.first_response_at == 0
    assert (await queue.answer(case.folio, "Ana", "Hola.", NOON + 70)).first_response_at == NOON + 70
    assert (await queue.answer(case.folio, "Ana", "¿Sigues ahí?", NOON + 99)).first_response_at == NOON + 70


async def test_closed_hand_off_is_given_back_to_the_bot(queue: CaseQueue, redis_client: redis.Redis) -> None:
    case = await claimed(queue)
    closed = await queue.close(case.folio, "Ana", NOON + 120)
    assert (closed.state, closed.closed_at, closed.is_open) == ("closed", NOON + 120, False)
    assert await queue.open_cases() == []
    message = (await sent(redis_client))[-1]
    assert shape(message) == ["resume", "bot", "words", "action", "bot"]
    assert message.events[2]["text"].startswith("Soy Luz otra vez, la asistente virtual.")
    assert message.events[3]["name"] == "action_listen"


async def test_only_closed_cases_expire(queue: CaseQueue, redis_client: redis.Redis) -> None:
    case = await claimed(queue)
    assert await redis_client.ttl(keys.case(case.folio)) == -1
    await queue.close(case.folio, "Ana", NOON + 120)
    assert 0 < await redis_client.ttl(keys.case(case.folio)) <= keys.CLOSED_CASE_SECONDS
    assert await redis_client.exists(keys.hand_off_of("c1")) == 0
    assert 0 < await redis_client.ttl(keys.case_of("c1:first")) <= keys.CAUSE_SECONDS


async def test_close_repeated_tells_the_customer_once(queue: CaseQueue, redis_client: redis.Redis) -> None:
    case = await claimed(queue)
    closed = await queue.close(case.folio, "Ana", NOON + 120)
    assert await queue.close(case.folio, "Ana", NOON + 125) == closed
    assert (await told(redis_client)).count("case_closed") == 1
    assert len(await sent(redis_client)) == 2


async def test_close_repeated_late_leaves_the_conversations_next_hand_off_alone(queue: CaseQueue) -> None:
    first = await claimed(queue)
    await queue.close(first.folio, "Ana", NOON + 120)
    second, _ = await queue.open(a_case(), "c1:second")
    await queue.close(first.folio, "Ana", NOON + 130)
    assert await queue.open(a_case(), "c1:third") == (second, False)


async def test_customer_is_told_that_a_complaint_is_closed(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await claimed(queue, kind="complaint")
    await queue.close(case.folio, "Ana", NOON + 120)
    (text,) = await texts(redis_client)
    assert text.startswith(f"Tu queja {case.folio} ya fue atendida.")


async def test_bot_does_not_wake_up_when_a_complaint_closes_while_a_person_has_the_conversation(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    await claimed(queue, agent="Beto")
    complaint, _ = await queue.open(a_case(kind="complaint"), "c1:complaint")
    await queue.claim(complaint.folio, "Ana", NOON + 60)
    await queue.close(complaint.folio, "Ana", NOON + 120)
    assert shape((await sent(redis_client))[-1]) == ["words"]


async def test_each_change_is_told_with_who_made_it_and_when(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await opened(queue)
    await queue.claim(case.folio, "Ana", NOON + 10)
    await queue.release(case.folio, "Ana", NOON + 20)
    await queue.claim(case.folio, "Beto", NOON + 30)
    await queue.answer(case.folio, "Beto", "Hola.", NOON + 40)
    await queue.close(case.folio, "Beto", NOON + 50)
    entries = [fields for _, fields in await redis_client.xrange(keys.DESK_EVENTS)]
    assert [(entry["kind"], float(entry["at"]) - NOON, entry["by"]) for entry in entries] == [
        ("case_opened", 0, "bot"),
        ("case_claimed", 10, "Ana"),
        ("case_released", 20, "Ana"),
        ("case_claimed", 30, "Beto"),
        ("case_answered", 40, "Beto"),
        ("case_closed", 50, "Beto"),
    ]
    assert {(entry["folio"], entry["conversation"]) for entry in entries} == {(case.folio, "c1")}


async def test_events_hold_nothing_that_the_customer_wrote(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await claimed(
        queue, description="mi esposo Raúl", contact="+525512345678", order_number="CJ-483920"
    )
    await queue.answer(case.folio, "Ana", "Hola, Raúl.", NOON + 70)
    everything = str(await redis_client.xrange(keys.DESK_EVENTS))
    assert not any(word in everything for word in ("Raúl", "5512345678", "483920"))


@pytest.mark.parametrize("verb", ["release", "answer", "close"])
@pytest.mark.parametrize("state", ["waiting", "claimed by another", "released"])
async def test_who_has_not_claimed_a_case_can_neither_answer_nor_release_nor_close_it(
    queue: CaseQueue, redis_client: redis.Redis, verb: str, state: str
) -> None:
    case = await opened(queue)
    if state != "waiting":
        case = await queue.claim(case.folio, "Ana" if state == "released" else "Beto", NOON + 10)
    if state == "released":
        case = await queue.release(case.folio, "Ana", NOON + 20)
    before = (await queue.get(case.folio), await told(redis_client), len(await sent(redis_client)))
    with pytest.raises(CaseNotYours):
        await act(queue, verb, case.folio)
    assert (await queue.get(case.folio), await told(redis_client), len(await sent(redis_client))) == before


@pytest.mark.parametrize("verb", ["claim", "release", "answer", "close"])
async def test_unknown_folio_is_an_error_of_its_own(queue: CaseQueue, verb: str) -> None:
    with pytest.raises(UnknownCase):
        await act(queue, verb, "RV-0000-0000")
    with pytest.raises(UnknownCase):
        await queue.get("RV-0000-0000")


@pytest.mark.parametrize(("verb", "error"), [("claim", CaseClosed), ("release", CaseNotYours)])
async def test_closed_case_stays_closed(queue: CaseQueue, verb: str, error: type[Exception]) -> None:
    case = await claimed(queue)
    closed = await queue.close(case.folio, "Ana", NOON + 120)
    with pytest.raises(error):
        await act(queue, verb, case.folio)
    with pytest.raises(CaseNotYours):
        await queue.answer(case.folio, "Ana", "Una cosa más.", NOON + 130)
    assert await queue.get(case.folio) == closed
    assert await queue.open_cases() == []


async def act(queue: CaseQueue, verb: str, folio: str) -> Case:
    """Ana does something with a case."""
    if verb == "answer":
        return await queue.answer(folio, "Ana", "Hola.", NOON + 200)
    done: Case = await getattr(queue, verb)(folio, "Ana", NOON + 200)
    return done


async def test_case_written_by_a_newer_version_can_still_be_read(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await opened(queue)
    await redis_client.hset(keys.case(case.folio), "a_field_of_tomorrow", "x")
    assert await queue.get(case.folio) == case
