"""Follow-ups on the customer's own clock, in the chat, and called off while a hand-off waits."""

from __future__ import annotations

from dataclasses import replace

import pytest
import redis.asyncio as redis
from builders import NOON, local_time
from dialogue import Dialogue, Reply, services_of
from follow_up_dialogue import begins, books, only_booking

from actions.services import Services
from relevo.protocol import Protocol

IN_TIJUANA = "664 123 4567"


@pytest.fixture
def services(redis_client: redis.Redis, protocol: Protocol) -> Services:
    return services_of(redis_client, protocol)


@pytest.fixture
def dialogue(services: Services) -> Dialogue:
    return Dialogue(services)


async def test_area_code_tells_the_customers_clock(dialogue: Dialogue, services: Services) -> None:
    reply = await begins(dialogue, f"llámame mañana a las 5 al {IN_TIJUANA}")
    reply += await books(dialogue)
    assert "el miércoles 3 de diciembre a las 17:00, hora de Tijuana (llamada, …4567)" in reply.texts[0]
    booked = await only_booking(services)
    assert (booked.due_at, booked.zone) == (local_time("2025-12-03 19:00"), "America/Tijuana")


async def test_hour_that_was_said_before_the_number_is_moved_to_the_customers_clock(
    dialogue: Dialogue, services: Services
) -> None:
    await begins(dialogue)
    reply = await books(dialogue, "mañana a las 4", "llamada", IN_TIJUANA)
    assert "a las 16:00, hora de Tijuana" in reply.texts[0]
    assert (await only_booking(services)).due_at == local_time("2025-12-03 18:00")


async def test_delay_is_the_same_on_every_clock(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue)
    reply = await books(dialogue, "en dos horas", "llamada", IN_TIJUANA)
    assert "a las 12:00, hora de Tijuana" in reply.texts[0]
    assert (await only_booking(services)).due_at == NOON + 7_200


async def test_hour_that_is_closed_on_the_customers_clock_is_asked_for_again(
    dialogue: Dialogue, services: Services
) -> None:
    await begins(dialogue)
    await dialogue.answer("mañana a las 7 de la noche")
    await dialogue.answer("llamada")
    reply = await dialogue.answer(IN_TIJUANA)
    assert reply.responses == ["follow_up_hour_there"]
    assert "el jueves 4 de diciembre a las 8:00, hora de Tijuana" in reply.texts[0]
    await dialogue.answer("sí", "affirm")
    await books(dialogue)
    booked = await only_booking(services)
    assert (booked.contact, booked.due_at) == ("+526641234567", local_time("2025-12-04 10:00"))


async def test_day_without_an_hour_begins_on_the_customers_clock(
    dialogue: Dialogue, services: Services
) -> None:
    await begins(dialogue)
    await books(dialogue, "el viernes", "llamada", IN_TIJUANA)
    assert (await only_booking(services)).due_at == local_time("2025-12-05 11:00")  # 9:00 in Tijuana


async def test_proposal_that_was_accepted_is_not_moved(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue)
    reply = await dialogue.answer("el domingo a las 5")
    assert "el lunes 8 de diciembre a las 9:00, hora del centro de México" in reply.texts[0]
    await dialogue.answer("sí", "affirm")
    await books(dialogue, "llamada", IN_TIJUANA)
    assert (await only_booking(services)).due_at == local_time("2025-12-08 09:00")


async def test_past_time_in_the_first_message_is_called_so(dialogue: Dialogue) -> None:
    assert (await begins(dialogue, "llámenme ayer a las 5")).responses == ["follow_up_time_past"]


async def test_hour_in_a_zone_that_was_said_stays(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue)
    reply = await books(dialogue, "mañana a las 5 hora del centro", "llamada", IN_TIJUANA)
    assert "a las 17:00 (llamada" in reply.texts[0]
    assert (await only_booking(services)).due_at == local_time("2025-12-03 17:00")


async def test_customer_whose_clock_is_not_known_reads_whose_it_is(dialogue: Dialogue) -> None:
    await begins(dialogue)
    reply = await books(dialogue, "mañana a las 5", "correo", "ana@example.com")
    assert "a las 17:00, hora del centro de México" in reply.texts[0]


async def test_customer_whose_clock_shows_what_ours_does_reads_no_zone(services: Services) -> None:
    dialogue = Dialogue(services, "c9", "en")
    await begins(dialogue, "call me tomorrow at 5 at 210 555 0199")
    assert "5:00 PM (call" in (await books(dialogue)).texts[0]


async def test_change_keeps_the_customers_clock(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue, f"llámame mañana a las 5 al {IN_TIJUANA}")
    await books(dialogue)
    reply = await begins(dialogue, "muévela al jueves a las 11", "follow_up_change")
    assert "a las 17:00, hora de Tijuana" in reply.texts[0]
    await books(dialogue)
    assert (await only_booking(services)).due_at == local_time("2025-12-04 13:00")


async def test_change_to_another_day_at_the_same_hour_keeps_the_booked_hour(
    dialogue: Dialogue, services: Services
) -> None:
    await begins(dialogue, f"llámame mañana a las 5 al {IN_TIJUANA}")
    await books(dialogue)
    await begins(dialogue, "muévela al jueves a la misma hora", "follow_up_change")
    await books(dialogue)
    assert (await only_booking(services)).due_at == local_time("2025-12-04 19:00")


async def test_same_hour_is_the_booked_one_in_an_answer_too(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue, f"llámame mañana a las 5 al {IN_TIJUANA}")
    await books(dialogue)
    await begins(dialogue, "quiero cambiarla", "follow_up_change")
    await dialogue.answer("el viernes a la misma hora")
    await books(dialogue)
    assert (await only_booking(services)).due_at == local_time("2025-12-05 19:00")


@pytest.mark.parametrize(
    ("text", "method"),
    [("cambia mi llamada al viernes a las 11", "call"), ("mejor un whats el viernes", "whatsapp")],
)
async def test_change_that_names_a_way_keeps_a_number_that_fits_it(
    dialogue: Dialogue, services: Services, text: str, method: str
) -> None:
    await begins(dialogue, "llámame mañana a las 5 al 55 1234 5678")
    await books(dialogue)
    reply = await begins(dialogue, text, "follow_up_change")
    assert reply.responses == ["follow_up_to_change"]
    await books(dialogue)
    moved = await only_booking(services)
    assert (moved.method, moved.contact) == (method, "+525512345678")


async def test_change_to_a_way_that_needs_another_contact_asks_for_it(dialogue: Dialogue) -> None:
    await begins(dialogue, "llámame mañana a las 5 al 55 1234 5678")
    await books(dialogue)
    reply = await begins(dialogue, "mejor un correo el viernes a las 11", "follow_up_change")
    assert reply.responses == ["follow_up_to_change", "ask_follow_up_contact"]


@pytest.mark.parametrize(
    ("answer", "response"),
    [("ayer a las 5", "follow_up_time_past"), ("en 4 meses", "follow_up_time_too_far")],
)
async def test_time_that_cannot_be_is_asked_for_again_with_a_clear_word(
    dialogue: Dialogue, answer: str, response: str
) -> None:
    await begins(dialogue)
    reply = await dialogue.answer(answer)
    assert reply.responses == [response]
    assert "{" not in reply.texts[0]


async def test_holiday_is_moved_to_the_next_opening_with_consent(
    dialogue: Dialogue, services: Services
) -> None:
    await begins(dialogue, "llámame en navidad al 55 1234 5678")
    assert dialogue.slots["follow_up_proposal"] == local_time("2025-12-26 09:00")
    await dialogue.answer("va", "affirm")
    await books(dialogue)
    assert (await only_booking(services)).due_at == local_time("2025-12-26 09:00")


async def test_contact_in_the_chat_needs_no_number(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue)
    reply = await books(dialogue, "mañana a las 5", "mejor aquí mismo")
    assert reply.responses[0] == "follow_up_booked_chat"
    booked = await only_booking(services)
    assert (booked.method, booked.contact) == ("chat", "")


async def test_page_gets_a_card_with_the_calendar_file(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue, "llámame mañana a las 5 al 55 1234 5678")
    reply = await books(dialogue)
    booked = await only_booking(services)
    assert reply.statuses == [
        {
            "type": "follow_up",
            "folio": booked.folio,
            "starts_at": booked.due_at,
            "label": "miércoles 3 de diciembre a las 17:00",
            "calendar_url": f"calendar/{booked.folio}.ics",
        }
    ]


# --- nobody need call any more, while a hand-off waits ---


async def waits(dialogue: Dialogue, trigger: str = "asks_for_person") -> str:
    dialogue.customer("quiero hablar con alguien", "contact_human_agent")
    dialogue.slots["contingency_trigger"] = trigger
    await dialogue.run("action_hand_off")
    return str(dialogue.slots["waiting"]["folio"])


async def says_no_call(dialogue: Dialogue, **values: str) -> Reply:
    dialogue.customer("ya no necesito que me llamen", "cancel_follow_up", **values)
    return await dialogue.run("action_cancel_follow_up")


async def test_words_that_call_off_a_contact_withdraw_a_hand_off_that_waits(
    dialogue: Dialogue, services: Services
) -> None:
    folio = await waits(dialogue)
    assert (await says_no_call(dialogue)).responses == ["hand_off_cancelled"]
    assert (await services.queue.get(folio)).state == "closed"
    assert dialogue.slots["waiting"] is None


async def test_booked_contact_is_called_off_first_and_the_hand_off_is_offered_to_be(
    dialogue: Dialogue, services: Services
) -> None:
    folio = await waits(dialogue)
    await begins(dialogue, "mejor llámame mañana a las 5 al 55 1234 5678")
    await books(dialogue)
    reply = await says_no_call(dialogue)
    assert reply.responses == ["follow_up_cancelled", "may_be_cancelled"]
    assert (await services.queue.get(folio)).state == "waiting"
    assert await services.agenda.upcoming() == []


async def test_who_is_angry_does_not_withdraw_by_these_words(dialogue: Dialogue, services: Services) -> None:
    folio = await waits(dialogue)
    assert (await says_no_call(dialogue, tone="angry")).responses == ["no_follow_up"]
    assert (await services.queue.get(folio)).state == "waiting"


async def test_hand_off_that_the_plan_keeps_is_not_withdrawn(dialogue: Dialogue, services: Services) -> None:
    folio = await waits(dialogue, "self_harm")
    assert (await says_no_call(dialogue)).responses == ["no_follow_up"]
    assert (await services.queue.get(folio)).state == "waiting"


async def test_cancellation_that_is_handled_twice_is_one_and_withdraws_no_hand_off(
    dialogue: Dialogue, services: Services
) -> None:
    folio = await waits(dialogue)
    await begins(dialogue, "mejor llámame mañana a las 5 al 55 1234 5678")
    await books(dialogue)
    first = await says_no_call(dialogue.twin())
    again = await says_no_call(dialogue)
    assert again == first
    assert (await services.queue.get(folio)).state == "waiting"


async def test_cancellation_that_is_handled_twice_leaves_what_was_booked_since(
    dialogue: Dialogue, services: Services
) -> None:
    await begins(dialogue, "llámame mañana a las 5 al 55 1234 5678")
    await books(dialogue)
    cancelled = await only_booking(services)
    await says_no_call(dialogue.twin())
    since = await services.agenda.book(replace(cancelled, folio="RV-2222-2222", cause="desk", state="booked"))
    assert (await says_no_call(dialogue)).responses == ["follow_up_cancelled"]
    assert await services.agenda.booked_for("c1") == since
