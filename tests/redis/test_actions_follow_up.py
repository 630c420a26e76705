"""Follow-ups in conversation: booked, moved and cancelled, as the customer and the agenda see it."""

from __future__ import annotations

import pytest
import redis.asyncio as redis
from builders import NOON, local_time
from dialogue import Dialogue, last_folio, services_of
from follow_up_dialogue import begins, books, only_booking

from actions import booking
from actions.services import Services
from relevo.follow_ups.follow_up import FollowUp
from relevo.protocol import Protocol

TOMORROW_AT_5 = local_time("2025-12-03 17:00")
MONDAY_OPENING = local_time("2025-12-08 09:00")
ASKS_TIME = (
    "¿Cuándo quieres que te contactemos? Por ejemplo: mañana a las 5 de la tarde o el jueves en la mañana."
)
OFFERS_MONDAY_HERE = (
    "A esa hora no estamos. Lo más cercano que podemos es el lunes 8 de diciembre a las 9:00. "
    "¿Te queda bien? Si no, dime otra hora."
)
"""To a customer whose clock is known to be the company's."""
OFFERS_MONDAY = (
    "A esa hora no estamos. Lo más cercano que podemos es el lunes 8 de diciembre a las 9:00, hora del "
    "centro de México. ¿Te queda bien? Si no, dime otra hora."
)


@pytest.fixture
def services(redis_client: redis.Redis, protocol: Protocol) -> Services:
    return services_of(redis_client, protocol)


@pytest.fixture
def dialogue(services: Services) -> Dialogue:
    return Dialogue(services)


async def test_form_asks_when_how_and_where_one_at_a_time(dialogue: Dialogue) -> None:
    assert (await begins(dialogue)).texts == [ASKS_TIME]
    assert (await dialogue.answer("mañana a las 5")).responses == ["ask_follow_up_method"]
    assert (await dialogue.answer("por wats porfa")).responses == ["ask_follow_up_contact"]
    assert (await dialogue.answer("55 1234 5678")).responses == []
    assert dialogue.form is None


async def test_booking_is_confirmed_with_time_way_masked_contact_and_folio(
    dialogue: Dialogue, redis_client: redis.Redis
) -> None:
    await begins(dialogue)
    reply = await books(dialogue, "mañana a las 5", "por wats porfa", "55 1234 5678")
    folio = await last_folio(redis_client)
    assert reply.texts == [
        f"Quedó agendado: te contactamos el miércoles 3 de diciembre a las 17:00 (WhatsApp, …5678). "
        f"Tu número es {folio}. Si quieres cambiarlo o cancelarlo, solo dímelo aquí."
    ]


async def test_booking_is_kept_in_the_agenda(services: Services, redis_client: redis.Redis) -> None:
    dialogue = Dialogue(services, "c7", "en").customer("where is my order", "track_order")
    await begins(dialogue, "can someone contact me later")
    await books(dialogue, "tomorrow at 5", "by email", "ana@example.com")
    booked = await only_booking(services)
    assert booked == FollowUp(
        folio=await last_folio(redis_client),
        conversation="c7",
        channel="webchat",
        language="en",
        method="email",
        contact="ana@example.com",
        topic="track_order",
        due_at=TOMORROW_AT_5,
        created_at=NOON,
        cause=booked.cause,
        zone="",
    )


async def test_what_the_first_message_holds_is_not_asked_again(
    dialogue: Dialogue, services: Services
) -> None:
    reply = await begins(dialogue, "llámame mañana a las 5 al 55 1234 5678")
    assert (reply.texts, dialogue.form) == ([], None)
    await books(dialogue)
    booked = await only_booking(services)
    assert (booked.method, booked.contact, booked.due_at) == ("call", "+525512345678", TOMORROW_AT_5)


async def test_only_what_the_first_message_leaves_open_is_asked(dialogue: Dialogue) -> None:
    assert (await begins(dialogue, "llámame mañana a las 5")).responses == ["ask_follow_up_contact"]


async def test_contact_that_does_not_fit_the_way_is_asked_for(dialogue: Dialogue) -> None:
    reply = await begins(dialogue, "mándame un correo mañana a las 5, mi cel es 55 1234 5678")
    assert reply.responses == ["ask_follow_up_contact"]


async def test_second_follow_up_starts_from_nothing(dialogue: Dialogue) -> None:
    await begins(dialogue, "llámame mañana a las 5 al 55 1234 5678")
    await books(dialogue)
    assert (await begins(dialogue)).texts == [ASKS_TIME]


async def test_way_and_address_can_come_in_one_answer(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue)
    await books(dialogue, "mañana a las 5", "por correo: ana@example.com")
    booked = await only_booking(services)
    assert (booked.method, booked.contact) == ("email", "ana@example.com")


@pytest.mark.parametrize(
    ("contact", "method"), [("55 1234 5678", "call"), ("ana@example.com", "email")], ids=["phone", "email"]
)
async def test_bare_address_tells_the_way(
    dialogue: Dialogue, services: Services, contact: str, method: str
) -> None:
    await begins(dialogue)
    await books(dialogue, "mañana a las 5", contact)
    assert (await only_booking(services)).method == method


@pytest.mark.parametrize("way_is_named", [True, False])
async def test_closed_hour_in_the_first_message_is_answered_with_the_next_open_one(
    dialogue: Dialogue, way_is_named: bool
) -> None:
    text = "llámenme el domingo a las 5" if way_is_named else "contáctenme el domingo a las 5"
    assert (await begins(dialogue, text)).texts == [OFFERS_MONDAY]


async def test_proposal_is_taken_by_a_yes(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue)
    assert (await dialogue.answer("el domingo a las 5")).texts == [OFFERS_MONDAY]
    assert (await dialogue.answer("sí, está bien", "affirm")).responses == ["ask_follow_up_method"]
    await books(dialogue, "llamada", "55 1234 5678")
    assert (await only_booking(services)).due_at == MONDAY_OPENING


async def test_proposal_is_replaced_by_another_time(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue)
    await dialogue.answer("el domingo a las 5")
    await dialogue.answer("no, mejor mañana a las 5", "deny")
    await books(dialogue, "llamada", "55 1234 5678")
    assert (await only_booking(services)).due_at == TOMORROW_AT_5


async def test_proposal_that_is_turned_down_is_forgotten(dialogue: Dialogue) -> None:
    await begins(dialogue)
    await dialogue.answer("el domingo a las 5")
    assert (await dialogue.answer("no", "deny")).texts == [ASKS_TIME]
    await dialogue.answer("sí", "affirm")
    assert dialogue.slots["follow_up_time"] is None


async def test_proposal_is_made_again_after_a_digression(dialogue: Dialogue) -> None:
    await begins(dialogue)
    await dialogue.answer("el domingo a las 5")
    reply = await dialogue.answer("¿a qué hora abren?", "opening_hours")
    assert reply.texts[1:] == [OFFERS_MONDAY]


@pytest.mark.parametrize("answers", [[], ["por teléfono"]])
async def test_another_time_is_taken_at_a_later_question(
    dialogue: Dialogue, services: Services, answers: list[str]
) -> None:
    await begins(dialogue)
    await dialogue.answer("mañana a las 5 de la tarde")
    for answer in answers:
        await dialogue.answer(answer)
    question = "ask_follow_up_contact" if answers else "ask_follow_up_method"
    assert (await dialogue.answer("mejor mañana a las 6 de la tarde")).responses == [question]
    await books(dialogue, *([] if answers else ["por teléfono"]), "55 1234 5678")
    assert (await only_booking(services)).due_at == local_time("2025-12-03 18:00")


async def test_another_time_at_which_nobody_is_there_is_answered_with_the_next_open_one(
    dialogue: Dialogue,
) -> None:
    await begins(dialogue)
    await dialogue.answer("mañana a las 5 de la tarde")
    assert (await dialogue.answer("mejor el domingo a las 8 de la mañana")).responses == [
        "follow_up_time_closed"
    ]
    assert (await dialogue.answer("sí", "affirm")).responses == ["ask_follow_up_method"]


async def test_number_told_before_the_time_tells_the_clock_too(
    dialogue: Dialogue, services: Services
) -> None:
    await begins(dialogue)
    assert (await dialogue.answer("por whatsapp al 664 123 4567")).responses == ["ask_follow_up_time"]
    await dialogue.answer("mañana a las 10 de la mañana")
    await books(dialogue)
    booked = await only_booking(services)
    assert (booked.zone, booked.due_at) == ("America/Tijuana", local_time("2025-12-03 12:00"))


async def test_hour_is_on_the_browsers_clock_where_nothing_better_is_known(
    dialogue: Dialogue, services: Services
) -> None:
    zone = "America/Tijuana"
    dialogue.customer("quiero agendar", "schedule_follow_up", time_zone=zone)
    await dialogue.run("action_start_follow_up")
    await dialogue.begin("follow_up_form")
    for answer in ("mañana a las 10 de la mañana", "por teléfono", "55 1234 5678"):
        await dialogue.answer(answer, time_zone=zone)
    await dialogue.run("action_schedule_follow_up")
    booked = await only_booking(services)
    assert (booked.zone, booked.due_at) == (zone, local_time("2025-12-03 12:00"))


@pytest.mark.parametrize(
    ("text", "zone", "due"),
    [
        ("llámame mañana a las 10 de la mañana al 664 123 4567", "America/Tijuana", "2025-12-03 12:00"),
        (
            "llámame mañana a las 10 de la mañana hora de Cancún al 55 1234 5678",
            "America/Cancun",
            "2025-12-03 09:00",
        ),
    ],
)
async def test_zone_that_is_named_or_that_of_the_number_goes_before_the_browsers(
    dialogue: Dialogue, services: Services, text: str, zone: str, due: str
) -> None:
    told = f"llámame mañana a las 10 de la mañana {text}"
    dialogue.customer(told, "schedule_follow_up", time_zone="America/New_York")
    await dialogue.run("action_start_follow_up")
    await dialogue.begin("follow_up_form")
    await dialogue.run("action_schedule_follow_up")
    booked = await only_booking(services)
    assert (booked.zone, booked.due_at) == (zone, local_time(due))


async def test_who_wants_to_be_written_to_here_before_the_time_needs_no_contact(dialogue: Dialogue) -> None:
    await begins(dialogue)
    assert (await dialogue.answer("por este chat")).responses == ["ask_follow_up_time"]
    await dialogue.answer("mañana a las 5 de la tarde")
    assert dialogue.form is None


@pytest.mark.parametrize(
    ("way", "wrong", "response", "right"),
    [
        ("correo", "55 1234 5678", "contact_wrong_kind_email", "ana@example.com"),
        ("llamada", "ana@example.com", "contact_wrong_kind_phone", "55 1234 5678"),
        ("whatsapp", "ana@example.com", "contact_wrong_kind_phone", "55 1234 5678"),
    ],
)
async def test_contact_of_the_wrong_kind_is_asked_for_again(
    dialogue: Dialogue, services: Services, way: str, wrong: str, response: str, right: str
) -> None:
    await begins(dialogue, "mañana a las 5")
    await dialogue.answer(way)
    assert (await dialogue.answer(wrong)).responses == [response]
    assert dialogue.slots["form_failures"] == 0
    await books(dialogue, right)
    assert len(await services.agenda.upcoming()) == 1


async def test_digression_is_answered_and_the_form_asks_again(dialogue: Dialogue) -> None:
    await begins(dialogue)
    reply = await dialogue.answer("¿cuánto cuesta el envío?", "delivery_options")
    assert reply.responses == ["delivery_options", "ask_follow_up_time"]
    assert reply.texts[1] == ASKS_TIME
    assert dialogue.slots["form_failures"] == 0


async def test_unsure_topic_in_a_form_is_no_digression(dialogue: Dialogue) -> None:
    await begins(dialogue)
    reply = await dialogue.answer("mmm pues", "delivery_options", confidence=0.3)
    assert reply.responses == ["follow_up_time_not_understood"]


@pytest.mark.parametrize("answered", [[], ["mañana a las 5"], ["mañana a las 5", "llamada"]])
async def test_customer_can_stop_at_any_question(
    dialogue: Dialogue, services: Services, answered: list[str]
) -> None:
    await begins(dialogue)
    for answer in answered:
        await dialogue.answer(answer)
    await dialogue.answer("olvídalo", "stop")
    assert dialogue.form is None
    assert (await dialogue.run("action_schedule_follow_up")).responses == ["stopped"]
    assert await services.agenda.upcoming() == []
    assert dialogue.slots["follow_up_method"] is None


async def test_two_failures_in_a_row_end_the_form(dialogue: Dialogue) -> None:
    await begins(dialogue)
    assert (await dialogue.answer("asdf")).responses == ["follow_up_time_not_understood"]
    assert (await dialogue.answer("qwer")).responses == []
    assert dialogue.form is None
    assert dialogue.slots["form_failures"] == 2


async def test_good_answer_between_two_failures_keeps_the_form_open(dialogue: Dialogue) -> None:
    await begins(dialogue)
    await dialogue.answer("asdf")
    await dialogue.answer("mañana a las 5")
    assert (await dialogue.answer("qwer")).responses == ["follow_up_method_not_understood"]
    assert dialogue.form == "follow_up_form"


async def test_message_that_is_handled_twice_books_once(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue, "llámame mañana a las 5 al 55 1234 5678")
    first, again = await books(dialogue.twin()), await books(dialogue)
    assert again.texts == first.texts
    await only_booking(services)


async def test_folio_that_is_taken_is_drawn_again(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws = iter(["RV-1111-1111", "RV-1111-1111", "RV-2222-2222"])
    monkeypatch.setattr(booking, "new_folio", lambda: next(draws))
    for conversation in ("c1", "c2"):
        dialogue = Dialogue(services, conversation)
        await begins(dialogue, "llámame mañana a las 5 al 55 1234 5678")
        await books(dialogue)
    folios = {booked.conversation: booked.folio for booked in await services.agenda.upcoming()}
    assert folios == {"c1": "RV-1111-1111", "c2": "RV-2222-2222"}


async def test_change_asks_for_the_new_time_only(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue, "mándame un whats mañana a las 5 al 55 1234 5678")
    await books(dialogue)
    first = await only_booking(services)
    reply = await begins(dialogue, "quiero cambiar mi cita", "follow_up_change")
    assert reply.texts == [
        "Claro, movemos tu seguimiento del miércoles 3 de diciembre a las 17:00.",
        ASKS_TIME,
    ]
    await books(dialogue, "el jueves a las 11")
    second = await only_booking(services)
    assert (second.method, second.contact) == ("whatsapp", "+525512345678")
    assert second.due_at == local_time("2025-12-04 11:00")
    assert second.folio != first.folio
    earlier = await services.agenda.get(first.folio)
    assert earlier and earlier.state == "cancelled"


async def test_customer_who_stops_a_change_keeps_the_earlier_follow_up(
    dialogue: Dialogue, services: Services
) -> None:
    await begins(dialogue, "llámame mañana a las 5 al 55 1234 5678")
    await books(dialogue)
    first = await only_booking(services)
    await begins(dialogue, "quiero cambiar mi cita", "follow_up_change")
    await dialogue.answer("olvídalo", "stop")
    await dialogue.run("action_schedule_follow_up")
    assert await only_booking(services) == first


async def test_change_to_a_time_that_the_message_names_asks_nothing(
    dialogue: Dialogue, services: Services
) -> None:
    await begins(dialogue, "llámame mañana a las 5 al 55 1234 5678")
    await books(dialogue)
    reply = await begins(dialogue, "muévela al jueves a las 11", "follow_up_change")
    assert (reply.responses, dialogue.form) == (["follow_up_to_change"], None)
    await books(dialogue)
    assert (await only_booking(services)).due_at == local_time("2025-12-04 11:00")


async def test_change_to_a_closed_hour_is_answered_with_the_next_open_one(dialogue: Dialogue) -> None:
    await begins(dialogue, "llámame mañana a las 5 al 55 1234 5678")
    await books(dialogue)
    reply = await begins(dialogue, "muévela al domingo a las 5", "follow_up_change")
    assert reply.texts[1:] == [OFFERS_MONDAY_HERE]


async def test_change_without_a_follow_up_books_a_new_one(dialogue: Dialogue, services: Services) -> None:
    reply = await begins(dialogue, "quiero cambiar mi cita", "follow_up_change")
    assert reply.responses == ["no_follow_up", "ask_follow_up_time"]
    await books(dialogue, "mañana a las 5", "llamada", "55 1234 5678")
    await only_booking(services)


async def test_follow_up_of_another_conversation_is_not_changed(
    dialogue: Dialogue, services: Services
) -> None:
    await begins(dialogue, "llámame mañana a las 5 al 55 1234 5678")
    await books(dialogue)
    stranger = Dialogue(services, "c2").customer("cancela mi cita", "cancel_follow_up")
    assert (await stranger.run("action_cancel_follow_up")).responses == ["no_follow_up"]
    await only_booking(services)


async def test_cancelled_follow_up_is_named_and_gone(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue, "llámame mañana a las 5 al 55 1234 5678")
    await books(dialogue)
    dialogue.customer("ya no me llamen", "cancel_follow_up")
    reply = await dialogue.run("action_cancel_follow_up")
    assert reply.texts == [
        "Listo, cancelé el seguimiento del miércoles 3 de diciembre a las 17:00. "
        "Si nos necesitas, aquí estoy."
    ]
    assert await services.agenda.upcoming() == []
    dialogue.customer("que ya no me llamen", "cancel_follow_up")
    assert (await dialogue.run("action_cancel_follow_up")).responses == ["no_follow_up"]
