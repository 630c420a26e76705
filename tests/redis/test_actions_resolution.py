"""Whether a complaint is solved: asked in the chat when resolved, settled by the very next yes or no."""

from __future__ import annotations

import json
from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, a_case
from dialogue import Dialogue, services_of

from actions.services import Services
from relevo.protocol import Protocol
from relevo.store import keys


@pytest.fixture
def services(redis_client: redis.Redis, protocol: Protocol) -> Services:
    return services_of(redis_client, protocol)


async def resolved(services: Services, **values: Any) -> Dialogue:
    """A complaint was resolved at the desk, and what the outbox holds for its customer has been delivered."""
    plain = {"kind": "complaint", "contact": "+525512345678"}
    case, _ = await services.queue.open(a_case(**{**plain, **values}), "c1:m1")
    await services.queue.claim(case.folio, "Ana", NOON, person="daniel_olvera")
    await services.client.delete(keys.OUTBOX)
    await services.queue.resolve(case.folio, "Ana", NOON, "solved")
    dialogue = Dialogue(services)
    for _, fields in await services.client.xrange(keys.OUTBOX):
        events = json.loads(fields["message"])["events"]
        dialogue.events += events
        dialogue.slots |= {event["name"]: event["value"] for event in events if event["event"] == "slot"}
    dialogue.slots["folio"] = case.folio
    return dialogue


async def state(dialogue: Dialogue) -> str:
    return (await dialogue.services.queue.get(dialogue.slots["folio"])).state


async def test_customer_is_asked_with_a_yes_and_a_no(services: Services) -> None:
    dialogue = await resolved(services)
    (question,) = (event for event in dialogue.events if event.get("text"))
    assert question["text"].startswith("Tu queja RV-") and "¿Quedó resuelta para ti?" in question["text"]
    assert [button["payload"] for button in question["data"]["buttons"]] == ["/affirm", "/deny"]


async def test_yes_closes_the_complaint(services: Services) -> None:
    dialogue = (await resolved(services)).customer("sí, gracias", "affirm")
    reply = await dialogue.run("action_settle_resolution")
    assert reply.responses == ["resolution_accepted"]
    assert await state(dialogue) == "closed"
    assert dialogue.slots["resolved_case"] is None


async def test_thanks_close_the_complaint_too(services: Services) -> None:
    dialogue = (await resolved(services)).customer("muchas gracias", "thank")
    assert (await dialogue.run("action_settle_resolution")).responses == ["resolution_accepted"]
    assert await state(dialogue) == "closed"


@pytest.mark.parametrize("values", [{"tone": "frustrated"}, {"confidence": 0.3}])
async def test_thanks_that_may_not_be_meant_settle_nothing(
    services: Services, values: dict[str, Any]
) -> None:
    dialogue = (await resolved(services)).customer("gracias por nada", "thank", **values)
    assert (await dialogue.run("action_settle_resolution")).responses == ["thank", "closing"]
    assert await state(dialogue) == "resolved"


async def test_no_opens_it_again_as_a_claim_one_level_higher(services: Services) -> None:
    dialogue = (await resolved(services)).customer("no, sigue igual", "deny")
    await services.client.delete(keys.OUTBOX)
    reply = await dialogue.run("action_settle_resolution")
    case = await services.queue.get(dialogue.slots["folio"])
    assert (case.state, case.level, case.priority) == ("waiting", 1, "high")
    assert case.for_person and case.for_person != "daniel_olvera"
    (text,) = reply.texts
    assert case.folio in text and "reclamación" in text
    assert await services.client.xlen(keys.OUTBOX) == 0, "the customer is told once"


async def test_no_that_comes_later_is_about_something_else(services: Services) -> None:
    dialogue = (await resolved(services)).customer("¿a qué hora abren?", "opening_hours").bot("A las 9.")
    dialogue.customer("no", "deny")
    assert (await dialogue.run("action_settle_resolution")).responses == ["deny"]
    assert await state(dialogue) == "resolved"
    assert dialogue.slots["resolved_case"] is None


async def test_message_handled_twice_settles_once(services: Services) -> None:
    dialogue = (await resolved(services)).customer("no", "deny")
    twin = dialogue.twin()
    first, second = await dialogue.run("action_settle_resolution"), await twin.run("action_settle_resolution")
    assert first.texts == second.texts
    assert (await services.queue.get(dialogue.slots["folio"])).level == 1


async def test_case_that_is_gone_leaves_the_plain_answer(services: Services) -> None:
    dialogue = (await resolved(services)).customer("sí", "affirm")
    await services.client.delete(keys.case(dialogue.slots["folio"]))
    assert (await dialogue.run("action_settle_resolution")).responses == ["affirm"]


async def test_end_of_a_hand_off_asks_without_buttons_and_a_no_reopens_nothing(services: Services) -> None:
    """ "Is there anything else?" is asked in the same breath: a no may be about that."""
    dialogue = await resolved(services, kind="hand_off")
    assert "resolved_case" not in dialogue.slots
    assert not any("buttons" in event.get("data", {}) for event in dialogue.events)
