"""A customer whose messenger tells their number is not asked for it: in a case, a complaint, a follow-up."""

from __future__ import annotations

import pytest
import redis.asyncio as redis
from builders import NOON
from dialogue import Dialogue, last_folio, services_of

from actions.services import Services
from relevo.protocol import Protocol
from relevo.store.customers import Customer, Customers

NUMBER = "+525512345678"


@pytest.fixture
async def services(redis_client: redis.Redis, protocol: Protocol) -> Services:
    customer = Customer("whatsapp", "1055", "5215512345678", NOON, contact=NUMBER)
    await Customers(redis_client).note("c1", customer)
    return services_of(redis_client, protocol)


async def test_hand_off_carries_the_number(services: Services, redis_client: redis.Redis) -> None:
    await (
        Dialogue(services).customer("quiero hablar con alguien", "contact_human_agent").run("action_hand_off")
    )
    case = await services.queue.get(await last_folio(redis_client))
    assert case.contact == NUMBER


async def test_hand_off_on_a_channel_that_tells_none_has_no_contact(
    services: Services, redis_client: redis.Redis
) -> None:
    dialogue = Dialogue(services, "c2").customer("quiero hablar con alguien", "contact_human_agent")
    await dialogue.run("action_hand_off")
    assert (await services.queue.get(await last_folio(redis_client))).contact == ""


async def test_complaint_does_not_ask_where_to_answer(services: Services) -> None:
    dialogue = Dialogue(services).customer("tengo una queja", "complaint")
    begun = await dialogue.run("action_start_complaint")
    assert begun.slots["complaint_contact"] == NUMBER


async def test_follow_up_by_phone_does_not_ask_for_the_number(services: Services) -> None:
    dialogue = Dialogue(services).customer("quiero agendar", "schedule_follow_up")
    await dialogue.run("action_start_follow_up")
    await dialogue.begin("follow_up_form")
    await dialogue.answer("mañana a las 5")
    assert (await dialogue.answer("por whatsapp")).responses == []
    assert (dialogue.form, dialogue.slots["follow_up_contact"]) == (None, NUMBER)


async def test_follow_up_by_mail_still_asks_for_the_address(services: Services) -> None:
    dialogue = Dialogue(services).customer("quiero agendar", "schedule_follow_up")
    await dialogue.run("action_start_follow_up")
    await dialogue.begin("follow_up_form")
    await dialogue.answer("mañana a las 5")
    assert (await dialogue.answer("por correo")).responses == ["ask_follow_up_contact"]


async def test_number_that_the_customer_tells_goes_before_the_one_they_write_from(services: Services) -> None:
    dialogue = Dialogue(services).customer("quiero agendar", "schedule_follow_up")
    await dialogue.run("action_start_follow_up")
    await dialogue.begin("follow_up_form")
    await dialogue.answer("mañana a las 5")
    await dialogue.answer("llámame al 55 8765 4321")
    assert dialogue.slots["follow_up_contact"] == "+525587654321"
