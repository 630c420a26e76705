"""While a hand-off waits: what the customer reads, and what becomes of the case."""

from __future__ import annotations

import pytest
import redis.asyncio as redis
from builders import NOON
from dialogue import Dialogue, Reply, services_of

from actions.services import Services
from relevo.cases.case import Case
from relevo.protocol import Protocol


@pytest.fixture
def services(redis_client: redis.Redis, protocol: Protocol) -> Services:
    return services_of(redis_client, protocol)


async def waiting(services: Services, trigger: str = "asks_for_person") -> tuple[Dialogue, Case]:
    """A customer who waits for a person."""
    dialogue = Dialogue(services).customer("quiero hablar con alguien", "contact_human_agent")
    dialogue.slots["contingency_trigger"] = trigger
    await dialogue.run("action_hand_off")
    (case,) = await services.queue.open_cases()
    return dialogue, case


async def test_customer_who_withdraws_is_told_so_and_the_bot_is_theirs_again(services: Services) -> None:
    dialogue, case = await waiting(services)
    reply = await dialogue.customer("ya no, gracias", "deny").run("action_cancel_hand_off")
    assert reply.responses == ["hand_off_cancelled"]
    assert case.folio in reply.texts[0]
    assert reply.messages[0]["buttons"] == [
        {"title": "Hablar con alguien", "payload": "/contact_human_agent"}
    ]
    assert reply.statuses == [{"type": "status", "status": "bot"}]
    assert dialogue.slots["waiting"] is None
    closed = await services.queue.get(case.folio)
    assert (closed.state, closed.closing_reason) == ("closed", "cancelled")
    assert await services.queue.open_cases() == []


async def test_who_withdrew_can_be_handed_over_again(services: Services) -> None:
    dialogue, case = await waiting(services)
    await dialogue.customer("olvídalo", "stop").run("action_cancel_hand_off")
    await dialogue.customer("mejor sí, con una persona", "contact_human_agent").run("action_hand_off")
    (again,) = await services.queue.open_cases()
    assert again.folio != case.folio
    assert dialogue.slots["waiting"]["folio"] == again.folio


async def test_withdrawal_that_is_handled_twice_is_one(services: Services) -> None:
    dialogue, case = await waiting(services)
    dialogue.customer("olvídalo", "stop")
    first, again = (
        await dialogue.twin().run("action_cancel_hand_off"),
        await dialogue.run("action_cancel_hand_off"),
    )
    assert (await services.queue.get(case.folio)).state == "closed"
    assert again == first, "what the first attempt didn't come to say is said by the second"


async def test_bot_leaves_the_customer_to_a_person_who_was_faster(services: Services) -> None:
    for name in (
        "action_cancel_hand_off",
        "action_tell_place",
        "action_answer_while_waiting",
        "action_note_while_waiting",
    ):
        dialogue, case = await waiting(services)
        if case.state == "waiting":
            await services.queue.claim(case.folio, "Ana", NOON)
        reply = await dialogue.customer("olvídalo", "stop").run(name)
        assert reply.messages == []
        assert [event["event"] for event in reply.events] == ["action", "pause"]
        assert (await services.queue.get(case.folio)).claimed_by == "Ana"


async def test_plain_question_is_answered_and_the_place_is_kept(services: Services) -> None:
    dialogue, case = await waiting(services)
    reply = await dialogue.customer("¿qué garantía tienen?", "warranty").run("action_answer_while_waiting")
    assert reply.responses == ["warranty"]
    assert reply.statuses == [{"type": "status", "status": "waiting", "folio": case.folio, "place": 1}]
    assert (await services.queue.get(case.folio)).state == "waiting"


async def test_what_the_customer_adds_is_acknowledged_once(services: Services) -> None:
    dialogue, case = await waiting(services)

    async def adds(text: str) -> Reply:
        return await dialogue.customer(text).run("action_note_while_waiting")

    first, second = await adds("es el pedido CJ-483920"), await adds("y llegó roto")
    assert first.responses == ["noted_while_waiting", "may_be_cancelled"]
    assert case.folio in first.texts[0]
    assert [m["buttons"] for m in first.messages if m["buttons"]] == [
        [{"title": "Ya no, gracias", "payload": "/stop"}]
    ]
    assert second.responses == []
    assert [s["status"] for s in (*first.statuses, *second.statuses)] == ["waiting", "waiting"]


async def test_no_way_to_cancel_is_told_where_there_is_none(services: Services) -> None:
    dialogue, _ = await waiting(services, "safety")
    reply = await dialogue.customer("huele a quemado").run("action_note_while_waiting")
    assert reply.responses == ["noted_while_waiting"]


async def test_customer_who_asks_hears_their_place(services: Services) -> None:
    dialogue, case = await waiting(services)
    reply = await dialogue.customer("¿hay alguien?", "contact_human_agent").run("action_tell_place")
    assert reply.responses == ["place_in_line_unknown_wait"]
    assert case.folio in reply.texts[0]


@pytest.mark.parametrize(("topic", "said"), [("warranty", ["warranty"]), ("nlu_fallback", ["case_closed"])])
async def test_bot_goes_on_where_the_case_has_ended(services: Services, topic: str, said: list[str]) -> None:
    dialogue, case = await waiting(services)
    await services.queue.cancel(case.folio, NOON)
    reply = await dialogue.customer("¿y la garantía?", topic).run("action_note_while_waiting")
    assert reply.responses == said
    assert dialogue.slots["waiting"] is None
