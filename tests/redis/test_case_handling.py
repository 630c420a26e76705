"""What people and customers do with cases: pass on, note, rest, resolve, reject, join, withdraw."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, a_case

from relevo.cases.case import Case
from relevo.cases.queue import (
    CannotMerge,
    CaseBarred,
    CaseClosed,
    CaseNotYours,
    CaseQueue,
    CaseTaken,
    HandsFull,
    UnknownChoice,
)
from relevo.protocol import Protocol
from relevo.store import keys
from relevo.store.outbox import OutboxMessage

DAY = 86_400.0


@pytest.fixture
def queue(redis_client: redis.Redis, protocol: Protocol) -> CaseQueue:
    return CaseQueue(redis_client, protocol)


async def opened(queue: CaseQueue, number: int = 1, cause: str = "first", **values: Any) -> Case:
    return (await queue.open(a_case(number, **values), f"c{number}:{cause}"))[0]


async def claimed(queue: CaseQueue, number: int = 1, agent: str = "Ana", **values: Any) -> Case:
    return await queue.claim((await opened(queue, number, **values)).folio, agent, NOON)


async def resolved(queue: CaseQueue, agent: str = "Ana", person: str = "", **values: Any) -> Case:
    case = await opened(queue, **values)
    await queue.claim(case.folio, agent, NOON, person=person)
    return await queue.resolve(case.folio, agent, NOON + 60, "solved")


async def sent(client: redis.Redis) -> list[OutboxMessage]:
    return [OutboxMessage.from_fields(fields) for _, fields in await client.xrange(keys.OUTBOX)]


async def last_words(client: redis.Redis, conversation: str = "c1") -> str:
    """What the customer of a conversation was told last."""
    messages = [message for message in await sent(client) if message.conversation == conversation]
    return next(event["text"] for event in reversed(messages[-1].events) if "text" in event)


def steps(message: OutboxMessage) -> list[str]:
    """What a message does: events by their kinds, statuses of the customer's page by their names."""
    return [
        event.get("data", {}).get("custom", {}).get("status")
        or ("words" if "text" in event else event["event"])
        for event in message.events
    ]


# --- another area ---


async def test_transferred_case_waits_in_the_other_line_since_its_hand_off(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    waiting = await opened(queue, 2, area="safety", opened_at=NOON + 100, target_at=NOON + 400)
    case = await claimed(queue, 1)
    moved = await queue.transfer(case.folio, "Ana", "safety", NOON + 200, note="Huele a quemado.")
    assert (moved.state, moved.area, moved.claimed_by) == ("waiting", "safety", "")
    assert moved.opened_at == case.opened_at
    assert await queue.waiting(["safety"], 10) == [moved, waiting], "it stands where its hand-off puts it"
    assert await queue.waiting(["customer_care"], 10) == []
    message = (await sent(redis_client))[-1]
    assert steps(message) == ["resume", "slot", "waiting", "words", "action"]
    assert "Seguridad del producto" in await last_words(redis_client)


async def test_note_of_a_transfer_is_for_colleagues_only(queue: CaseQueue, redis_client: redis.Redis) -> None:
    case = await claimed(queue)
    await queue.transfer(case.folio, "Ana", "safety", NOON, note="Habla con cuidado.")
    assert [h.details.get("note") for h in await queue.history(case.folio)][-1] == "Habla con cuidado."
    for key in (keys.OUTBOX, keys.DESK_EVENTS):
        assert "cuidado" not in str(await redis_client.xrange(key))


async def test_waiting_case_can_be_passed_on_by_anyone_and_a_taken_one_by_its_person(
    queue: CaseQueue,
) -> None:
    case = await opened(queue)
    assert (await queue.transfer(case.folio, "Beto", "safety", NOON)).area == "safety"
    await queue.claim(case.folio, "Ana", NOON)
    with pytest.raises(CaseNotYours):
        await queue.transfer(case.folio, "Beto", "customer_care", NOON)


async def test_there_are_no_other_areas_than_the_rosters(queue: CaseQueue) -> None:
    case = await claimed(queue)
    with pytest.raises(UnknownChoice):
        await queue.transfer(case.folio, "Ana", "nowhere", NOON)
    assert (await queue.get(case.folio)).state == "claimed"


async def test_claim_meets_a_transfer_that_came_a_moment_before(
    queue: CaseQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line that a claim has read is no longer the case's: it is read again, and both lines are right."""
    case = await opened(queue)
    real, stale = queue.get, [case]

    async def read(client: redis.Redis, folio: str) -> Case:
        return stale.pop() if stale else await real(folio)

    await queue.transfer(case.folio, "Beto", "safety", NOON)
    monkeypatch.setattr("relevo.cases.changes.read_case", read)
    taken = await queue.claim(case.folio, "Ana", NOON)
    assert (taken.state, taken.area) == ("claimed", "safety")
    assert await queue.waiting(["customer_care", "safety"], 10) == []


# --- notes and rest ---


async def test_notes_stay_with_the_case_and_leave_its_state_alone(queue: CaseQueue) -> None:
    case = await opened(queue)
    assert await queue.note(case.folio, "Beto", "Llamó ayer.", NOON) == case
    (_, noted) = await queue.history(case.folio)
    assert (noted.kind, noted.by, noted.details) == ("case_noted", "Beto", {"note": "Llamó ayer."})


async def test_case_that_waits_for_its_customer_goes_on_when_they_write(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await claimed(queue)
    rests = await queue.wait_for_customer(case.folio, "Ana", NOON + 10)
    assert (rests.state, rests.claimed_by, rests.is_open) == ("waiting_for_customer", "Ana", True)
    assert await redis_client.smembers(keys.in_hand("Ana")) == set()
    (resumed,) = await queue.customer_wrote("c1", "m2", NOON + 90)
    assert (resumed.state, resumed.customer_wrote_at) == ("claimed", NOON + 90)
    assert await redis_client.smembers(keys.in_hand("Ana")) == {case.folio}
    assert [h.kind for h in await queue.history(case.folio)][-1] == "case_resumed"


async def test_customer_who_writes_to_someone_who_has_gone_is_in_line_again_and_told(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await claimed(queue)
    await queue.wait_for_customer(case.folio, "Ana", NOON + 10)
    await queue.presence.leave("Ana", NOON + 1_000)
    (waiting,) = await queue.customer_wrote("c1", "m2", NOON + 2_000)
    assert (waiting.state, waiting.claimed_by) == ("waiting", "")
    assert await queue.waiting(["customer_care"], 10) == [waiting]
    assert "Conservas tu turno" in await last_words(redis_client)


async def test_person_may_still_write_while_the_case_waits_for_its_customer(queue: CaseQueue) -> None:
    case = await claimed(queue)
    await queue.wait_for_customer(case.folio, "Ana", NOON)
    assert (await queue.answer(case.folio, "Ana", "¿Sigues ahí?", NOON + 5)).state == "waiting_for_customer"


async def test_writing_to_the_bot_alone_touches_no_case(queue: CaseQueue, redis_client: redis.Redis) -> None:
    assert await queue.customer_wrote("c9", "m1", NOON) == []
    assert await redis_client.keys("*") == []


# --- how many a person may have ---


async def test_hands_that_are_full_take_no_more_until_one_case_rests_or_ends(queue: CaseQueue) -> None:
    first = await claimed(queue, 1)
    second, third = await opened(queue, 2), await opened(queue, 3)
    with pytest.raises(HandsFull):
        await queue.claim(second.folio, "Ana", NOON, capacity=1)
    assert (await queue.get(second.folio)).state == "waiting"
    await queue.wait_for_customer(first.folio, "Ana", NOON)
    assert (await queue.claim(second.folio, "Ana", NOON, capacity=1)).claimed_by == "Ana"
    await queue.resolve(second.folio, "Ana", NOON, "answered")
    assert (await queue.claim(third.folio, "Ana", NOON, capacity=1)).claimed_by == "Ana"


async def test_supervisors_may_exceed_and_a_repeated_claim_counts_once(queue: CaseQueue) -> None:
    first, second = await opened(queue, 1), await opened(queue, 2)
    for _ in range(2):
        await queue.claim(first.folio, "Ana", NOON, capacity=1)
    assert (await queue.claim(second.folio, "Ana", NOON, capacity=None)).claimed_by == "Ana"


async def test_supervisor_may_put_back_what_somebody_else_has(queue: CaseQueue) -> None:
    case = await claimed(queue)
    with pytest.raises(CaseNotYours):
        await queue.release(case.folio, "Jefa", NOON)
    assert (await queue.release(case.folio, "Jefa", NOON, may_take_away=True)).state == "waiting"
    assert (await queue.history(case.folio))[-1].details["from"] == "Ana"


# --- the end, and back again ---


async def test_resolved_hand_off_goes_back_to_the_bot_which_asks_whether_it_is_solved(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await resolved(queue)
    assert (case.state, case.resolved_by, case.closing_reason) == ("resolved", "Ana", "solved")
    assert (case.is_open, case.claimed_by) == (False, "")
    assert await queue.open_cases() == []
    assert steps((await sent(redis_client))[-1]) == ["resume", "bot", "words", "action"]
    assert "¿Quedó todo resuelto?" in await last_words(redis_client)
    assert (await opened(queue, 1, "again")).folio != case.folio, "a new hand-off may come"


async def test_reasons_are_those_of_the_protocol_for_the_kind_of_case(queue: CaseQueue) -> None:
    hand_off, complaint = await claimed(queue, 1), await claimed(queue, 2, kind="complaint")
    for case, reason in ((hand_off, "final_answer"), (complaint, "not_ours"), (hand_off, "because")):
        with pytest.raises(UnknownChoice):
            await queue.resolve(case.folio, "Ana", NOON, reason)
    assert (await queue.resolve(complaint.folio, "Ana", NOON, "final_answer")).state == "resolved"


async def test_rejected_resolution_is_a_claim_one_level_up_with_the_same_folio_and_its_history(
    queue: CaseQueue, redis_client: redis.Redis, protocol: Protocol
) -> None:
    case = await resolved(queue, "Teresa", "teresa_huerta", kind="complaint", area="senior_care")
    claim = await queue.reject_resolution(case.folio, NOON + 3_600)
    assert (claim.folio, claim.state, claim.level) == (case.folio, "waiting", 1)
    assert claim.for_person == "rodrigo_cardenas", "who is above the one who resolved it"
    assert (claim.priority, claim.rank) == ("high", 1)
    assert claim.target_at == protocol.company.hours.deadline(NOON + 3_600, 11 * 3_600)
    assert claim.trigger == "resolution_rejected"
    assert (claim.first_response_at, claim.waiting_since) == (0.0, NOON + 3_600)
    assert [h.kind for h in await queue.history(case.folio)] == [
        "case_opened",
        "case_claimed",
        "case_resolved",
        "case_reopened",
    ]
    assert case.folio in await last_words(redis_client)


async def test_each_rejection_climbs_one_level_until_there_is_nobody_above(queue: CaseQueue) -> None:
    case = await resolved(queue, "Teresa", "teresa_huerta", kind="complaint", area="senior_care")
    for agent, person, above in (
        ("Rodrigo", "rodrigo_cardenas", "rodrigo_cardenas"),
        ("Marisol", "marisol_ayala", "marisol_ayala"),
        ("Otra", "", "marisol_ayala"),
    ):
        claim = await queue.reject_resolution(case.folio, NOON)
        assert claim.for_person == above
        await queue.claim(case.folio, agent, NOON, person=person)
        await queue.resolve(case.folio, agent, NOON, "final_answer")
    assert (await queue.get(case.folio)).level == 3


async def test_claim_on_a_case_of_somebody_outside_the_roster_goes_to_the_areas_head(
    queue: CaseQueue,
) -> None:
    case = await resolved(queue, kind="complaint", area="customer_care")
    assert (await queue.reject_resolution(case.folio, NOON)).for_person == "gabriela_montano"


async def test_who_resolved_a_case_does_not_decide_on_the_claim(queue: CaseQueue) -> None:
    case = await resolved(queue)
    await queue.reject_resolution(case.folio, NOON + 90)
    with pytest.raises(CaseBarred):
        await queue.claim(case.folio, "Ana", NOON + 100)
    assert (await queue.claim(case.folio, "Ana", NOON, may_decide_again=True)).claimed_by == "Ana"
    await queue.release(case.folio, "Ana", NOON)
    assert (await queue.claim(case.folio, "Beto", NOON)).claimed_by == "Beto"


async def test_urgent_case_stays_urgent_as_a_claim(queue: CaseQueue) -> None:
    case = await resolved(queue, priority="urgent", rank=0)
    assert (await queue.reject_resolution(case.folio, NOON)).priority == "urgent"


async def test_words_of_a_rejection_can_be_left_to_the_conversation(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await resolved(queue)
    before = len(await sent(redis_client))
    assert (await queue.reject_resolution(case.folio, NOON, tell=False)).state == "waiting"
    assert len(await sent(redis_client)) == before


async def test_only_what_is_resolved_can_be_rejected(queue: CaseQueue) -> None:
    waiting, taken = await opened(queue, 1), await claimed(queue, 2)
    for case in (waiting, taken):
        assert await queue.reject_resolution(case.folio, NOON) == case
    withdrawn = await queue.cancel(waiting.folio, NOON)
    assert await queue.reject_resolution(waiting.folio, NOON) == withdrawn


async def test_rejection_does_not_open_a_second_hand_off_beside_a_new_one(queue: CaseQueue) -> None:
    first = await resolved(queue)
    second = await opened(queue, 1, "again")
    assert await queue.reject_resolution(first.folio, NOON) == first
    assert await queue.open_cases() == [second]


async def test_closed_case_can_be_opened_again_as_long_as_it_is_kept(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await resolved(queue)
    await queue.accept_resolution(case.folio, NOON + 90)
    claim = await queue.reject_resolution(case.folio, NOON + 10 * DAY)
    assert (claim.state, claim.closed_at) == ("waiting", 0.0)
    assert await redis_client.ttl(keys.case(case.folio)) == -1


async def test_customers_consent_closes_a_case_for_good_and_they_are_asked_how_it_was(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await resolved(queue)
    closed = await queue.accept_resolution(case.folio, NOON + 90)
    assert (closed.state, closed.closing_reason) == ("closed", "solved")
    [asked] = (await sent(redis_client))[-1].events
    assert asked["data"]["custom"] == {"type": "rating", "folio": case.folio}
    with pytest.raises(CaseNotYours):
        await queue.accept_resolution((await opened(queue, 2)).folio, NOON)


async def test_quiet_resolved_cases_are_closed_in_their_time_and_not_before(queue: CaseQueue) -> None:
    hand_off = await resolved(queue)
    complaint = await queue.claim((await opened(queue, 2, kind="complaint")).folio, "Ana", NOON)
    await queue.resolve(complaint.folio, "Ana", NOON + 60, "solved")
    assert await queue.close_quiet(NOON + 60 + DAY - 1) == []
    assert [case.folio for case in await queue.close_quiet(NOON + 60 + DAY)] == [hand_off.folio]
    # The step `confirm` of the procedure: 55 opening hours, five working days of 11 hours.
    assert await queue.close_quiet(NOON + 5 * DAY) == []
    assert [case.folio for case in await queue.close_quiet(NOON + 7 * DAY)] == [complaint.folio]
    assert await queue.close_quiet(NOON + 90 * DAY) == []


async def test_duties_of_the_clock_pass_over_cases_that_were_erased(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case, other = await resolved(queue), await claimed(queue, 2)
    await redis_client.delete(keys.case(case.folio), keys.case(other.folio))
    await redis_client.zadd(keys.LAPSES, {other.folio: NOON})
    await queue.presence.watched_since(NOON - 3_600)
    for duty in (queue.close_quiet, queue.release_silent, queue.tell_waits):
        assert await duty(NOON + 30) == []
        assert await duty(NOON + 90 * DAY) == []
    assert await redis_client.zcard(keys.RESOLVED_CASES) == 0


async def test_customer_may_withdraw_a_hand_off_that_nobody_has_yet(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    case = await opened(queue)
    withdrawn = await queue.cancel(case.folio, NOON + 60)
    assert (withdrawn.state, withdrawn.closing_reason) == ("closed", "cancelled")
    assert await queue.open_cases() == [] and await queue.place(withdrawn) is None
    assert await sent(redis_client) == [], "the bot says so in its turn"
    taken = await claimed(queue, 2)
    assert await queue.cancel(taken.folio, NOON) == taken


# --- one customer, one case ---


async def two_of_one_customer(queue: CaseQueue, **values: Any) -> tuple[Case, Case]:
    """A hand-off that Ana has, and a complaint from the same conversation."""
    kept = await claimed(queue, 1, opened_at=NOON + 60, target_at=NOON + 360)
    other = await opened(queue, 1, "complaint", kind="complaint", rank=1, priority="high", **values)
    return kept, other


async def test_merged_case_is_closed_and_the_other_goes_on_with_its_place(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    kept, ending = await two_of_one_customer(queue)
    goes_on = await queue.merge(ending.folio, kept.folio, "Ana", NOON + 120)
    assert (goes_on.priority, goes_on.rank, goes_on.opened_at) == ("high", 1, NOON)
    assert goes_on.merged == ending.folio
    ended = await queue.get(ending.folio)
    assert (ended.state, ended.merged_into, ended.closing_reason) == ("closed", kept.folio, "duplicate")
    assert await queue.open_cases() == [goes_on]
    message = (await sent(redis_client))[-1]
    assert steps(message) == ["words"], "the person has the conversation: the bot stays silent"
    assert kept.folio in await last_words(redis_client)
    assert (await queue.history(kept.folio))[-1].details == {"other": ending.folio}


async def test_cases_of_two_customers_are_never_merged(queue: CaseQueue) -> None:
    kept, ending = await claimed(queue, 1), await opened(queue, 2)
    with pytest.raises(CannotMerge):
        await queue.merge(ending.folio, kept.folio, "Ana", NOON)
    with pytest.raises(CannotMerge):
        await queue.merge(kept.folio, kept.folio, "Ana", NOON)


async def test_customer_who_waits_in_the_chat_is_not_sent_to_a_complaint(queue: CaseQueue) -> None:
    hand_off = await opened(queue, 1)
    complaint = await opened(queue, 1, "complaint", kind="complaint")
    await queue.claim(complaint.folio, "Ana", NOON)
    with pytest.raises(CannotMerge):
        await queue.merge(hand_off.folio, complaint.folio, "Ana", NOON)
    assert (await queue.get(hand_off.folio)).state == "waiting"


async def test_case_of_a_colleague_is_not_merged_away(queue: CaseQueue) -> None:
    kept, ending = await two_of_one_customer(queue)
    await queue.claim(ending.folio, "Beto", NOON)
    with pytest.raises(CaseTaken):
        await queue.merge(ending.folio, kept.folio, "Ana", NOON)
    with pytest.raises(CaseNotYours):
        await queue.merge(kept.folio, ending.folio, "Ana", NOON)
    await queue.resolve(ending.folio, "Beto", NOON, "solved")
    with pytest.raises(CaseClosed):
        await queue.merge(ending.folio, kept.folio, "Ana", NOON)


async def test_merge_sent_again_finds_it_done(queue: CaseQueue) -> None:
    kept, ending = await two_of_one_customer(queue)
    once = await queue.merge(ending.folio, kept.folio, "Ana", NOON)
    assert await queue.merge(ending.folio, kept.folio, "Ana", NOON + 9) == once


# --- what is read ---


async def test_fronts_of_lines_are_read_without_what_stands_behind(queue: CaseQueue) -> None:
    cases = [await opened(queue, number, target_at=NOON + number) for number in range(1, 6)]
    other = await opened(queue, 9, area="safety", rank=0)
    assert await queue.waiting(["customer_care", "safety"], 2) == [other, cases[0], cases[1]]
    assert await queue.count_waiting(["customer_care", "safety"]) == 6
    await queue.claim(cases[0].folio, "Ana", NOON)
    last = await queue.claim(cases[1].folio, "Ana", NOON + 1)
    assert await queue.taken(1) == [last]
    assert (await queue.count_taken(), await queue.count_open()) == (2, 6)


async def test_case_of_an_earlier_version_can_be_handled(queue: CaseQueue, redis_client: redis.Redis) -> None:
    case = await opened(queue)
    old = {"claimed_by": "", "claimed_at": "0.0", "first_response_at": "0.0", "closed_at": "0.0"}
    await redis_client.hset(keys.case(case.folio), mapping=old)  # type: ignore[arg-type]
    taken = await queue.claim(case.folio, "Ana", NOON)
    answered = await queue.answer(taken.folio, "Ana", "Hola", NOON + 5)
    done = await queue.resolve(answered.folio, "Ana", NOON + 9, "solved")
    assert (await queue.reject_resolution(done.folio, NOON + 10)).level == 1
    assert replace(done, state="waiting").is_open


async def test_rating_is_kept_on_the_case_that_ended_last_and_may_be_changed(
    queue: CaseQueue, redis_client: redis.Redis
) -> None:
    assert await queue.rate("c1", 5, "", NOON) is None
    case = await resolved(queue)
    assert await queue.rate("c1", 5, "", NOON) is None, "it has not ended yet"
    await queue.accept_resolution(case.folio, NOON + 90)
    for score, comment in ((2, "Tardaron"), (2, "Tardaron"), (4, "")):
        rated = await queue.rate("c1", score, comment, NOON + 100)
    assert rated is not None
    assert (rated.rating, rated.rating_comment) == (4, "")
    scores = [
        event.details["score"] for event in await queue.history(case.folio) if event.kind == "case_rated"
    ]
    assert scores == ["2", "4"]
    assert await queue.rate("c2", 5, "", NOON) is None


async def test_case_that_its_customer_withdrew_is_not_rated(queue: CaseQueue) -> None:
    case = await opened(queue)
    await queue.cancel(case.folio, NOON + 5)
    assert await queue.rate("c1", 5, "", NOON + 9) is None
