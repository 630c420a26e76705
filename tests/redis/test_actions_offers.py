"""What is offered next: the second thing that was asked, and what a bare answer can be used for."""

from __future__ import annotations

from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, local_time
from dialogue import Dialogue, Reply, services_of

from actions.offers import ORDER_TOPICS
from actions.services import Services
from relevo.protocol import Language, Protocol

ORDER = {"order_number": "CJ-483920"}
PHONE = "+525512345678"
SUNDAY = local_time("2025-11-30 12:00")


@pytest.fixture
def services(redis_client: redis.Redis, protocol: Protocol) -> Services:
    return services_of(redis_client, protocol)


@pytest.fixture
def dialogue(services: Services) -> Dialogue:
    return Dialogue(services)


def bare(dialogue: Dialogue, text: str, **entities: str) -> Dialogue:
    """A message that is hardly more than an order number, a contact or a date."""
    return dialogue.customer(text, "bare_answer", reading="bare_answer", entities=entities)


def offered(reply: Reply) -> Any:
    """The topic that a yes will lead to."""
    return reply.slots.get("offered_topic")


def buttons(reply: Reply) -> list[tuple[str, str]]:
    """Titles and payloads under the only message."""
    (message,) = reply.messages
    return [(button["title"], button["payload"]) for button in message["buttons"]]


# --- the second thing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text", "titles"),
    [
        (
            "es",
            "También me preguntaste por “Ver mi reembolso”. ¿Seguimos con eso?",
            ["Ver mi reembolso", "No"],
        ),
        ("en", "You also asked about “Track my refund”. Shall I go on with that?", ["Track my refund", "No"]),
    ],
)
async def test_second_thing_is_offered_by_its_title(
    services: Services, language: Language, text: str, titles: list[str]
) -> None:
    dialogue = Dialogue(services, language=language)
    dialogue.customer("…", "cancel_order", also_asked="track_refund")
    dialogue.slots["offered_topic"] = "track_refund"
    reply = await dialogue.run("action_offer_topic")
    assert reply.texts == [text]
    assert buttons(reply) == list(zip(titles, ["/track_refund", "/deny"], strict=True))
    assert offered(reply) == "track_refund"


async def test_topic_that_the_protocol_has_no_longer_is_not_offered(dialogue: Dialogue) -> None:
    dialogue.customer("…", "cancel_order").slots["offered_topic"] = "gone"
    reply = await dialogue.run("action_offer_topic")
    assert (reply.texts, reply.events) == ([], [])


async def description(dialogue: Dialogue) -> str:
    """What the case of a hand-off says."""
    await dialogue.run("action_hand_off")
    (case,) = await dialogue.services.queue.open_cases()
    return str(case.description)


async def test_person_who_takes_over_is_told_of_the_second_thing(dialogue: Dialogue) -> None:
    dialogue.customer("cancela y devuélveme mi dinero", "cancel_order", also_asked="get_refund")
    dialogue.customer("quiero una persona", "contact_human_agent")
    assert await description(dialogue) == "quiero una persona\nTambién preguntó por: Pedir un reembolso"


async def test_second_thing_of_the_same_message_is_told_too(services: Services) -> None:
    dialogue = Dialogue(services, language="en")
    dialogue.customer("cancel it, give me my money!!", "cancel_order", tone="angry", also_asked="get_refund")
    assert await description(dialogue) == "cancel it, give me my money!!\nAlso asked about: Get a refund"


async def test_second_thing_that_was_answered_or_declined_is_not_told(services: Services) -> None:
    for i, (text, topic) in enumerate([("sí", "get_refund"), ("no", "deny")]):
        dialogue = Dialogue(services, f"c{i}")
        dialogue.customer("cancela y devuélveme mi dinero", "cancel_order", also_asked="get_refund")
        dialogue.slots["offered_topic"] = "get_refund"
        await dialogue.run("action_offer_topic")
        dialogue.customer(text, topic, reading="accepted" if topic == "get_refund" else "")
        dialogue.customer("quiero una persona", "contact_human_agent")
        await dialogue.run("action_hand_off")
    cases = await services.queue.open_cases()
    assert [case.description for case in cases] == ["quiero una persona"] * 2


async def test_no_in_a_form_declines_nothing_that_was_not_offered(dialogue: Dialogue) -> None:
    dialogue.customer("quiero quejarme y mi reembolso", "complaint", also_asked="track_refund")
    dialogue.customer("no lo tengo", "deny").customer("una persona", "contact_human_agent")
    assert await description(dialogue) == "una persona\nTambién preguntó por: Ver mi reembolso"


# --- bare answers ------------------------------------------------------------------------------------------


async def test_order_number_alone_asks_what_it_is_about(dialogue: Dialogue, protocol: Protocol) -> None:
    reply = await bare(dialogue, "CJ-483920", **ORDER).run("action_use_bare_answer")
    assert reply.texts == ["Gracias, es el pedido CJ-483920. ¿Qué necesitas de ese pedido?"]
    titles = [protocol.topics[topic].title.es for topic in ORDER_TOPICS]
    assert buttons(reply) == [(title, f"/{topic}") for title, topic in zip(titles, ORDER_TOPICS, strict=True)]
    assert offered(reply) is None


async def test_order_number_that_was_asked_for_leads_to_a_person(dialogue: Dialogue) -> None:
    dialogue.customer("quiero cancelar mi pedido", "cancel_order")
    reply = await bare(dialogue, "CJ-483920", **ORDER).run("action_use_bare_answer")
    assert reply.responses == ["answer_noted"]
    assert buttons(reply) == [("Hablar con alguien", "/contact_human_agent"), ("No", "/deny")]
    assert offered(reply) == "contact_human_agent"


async def test_order_number_after_another_answer_asks_what_it_is_about(dialogue: Dialogue) -> None:
    dialogue.customer("¿a qué hora abren?", "opening_hours")
    reply = await bare(dialogue, "CJ-483920", **ORDER).run("action_use_bare_answer")
    assert reply.responses == ["bare_order_number"]


async def test_case_that_follows_has_the_whole_story(dialogue: Dialogue, services: Services) -> None:
    dialogue.customer("hola", "greet").customer("quiero cancelar mi pedido", "cancel_order")
    await bare(dialogue, "CJ-483920", **ORDER).run("action_use_bare_answer")
    dialogue.customer("sí, por favor", "contact_human_agent", reading="accepted")
    assert await description(dialogue) == "quiero cancelar mi pedido\nCJ-483920\nsí, por favor"
    (case,) = await services.queue.open_cases()
    assert (case.order_number, case.topic) == ("CJ-483920", "cancel_order")


async def test_order_number_of_before_the_last_hand_off_is_not_taken(
    dialogue: Dialogue, services: Services
) -> None:
    dialogue.customer("mi pedido CJ-483920", "track_order", entities=ORDER)
    dialogue.customer("persona", "contact_human_agent")
    await dialogue.run("action_hand_off")
    (case,) = await services.queue.open_cases()
    await services.queue.claim(case.folio, "Ana", NOON)
    await services.queue.close(case.folio, "Ana", NOON)
    dialogue.customer("otra cosa, una persona", "contact_human_agent")
    await dialogue.run("action_hand_off")
    (case,) = await services.queue.open_cases()
    assert case.order_number == ""


@pytest.mark.parametrize(
    ("text", "entities", "shown"),
    [
        ("55 1234 5678", {"phone": PHONE}, "…5678"),
        ("ana@gmail.com", {"email": "ana@gmail.com"}, "a…@gmail.com"),
    ],
)
async def test_contact_alone_offers_a_follow_up_and_is_shown_by_its_end(
    dialogue: Dialogue, text: str, entities: dict[str, str], shown: str
) -> None:
    reply = await bare(dialogue, text, **entities).run("action_use_bare_answer")
    assert reply.texts == [f"Gracias. ¿Quieres que te contactemos en {shown}? Lo agendo ahora mismo."]
    assert buttons(reply) == [("Agendar seguimiento", "/schedule_follow_up"), ("No", "/deny")]
    assert offered(reply) == "schedule_follow_up"


async def test_date_alone_offers_a_follow_up(dialogue: Dialogue) -> None:
    reply = await bare(dialogue, "mañana a las 5", date="2025-12-03").run("action_use_bare_answer")
    assert (reply.responses, offered(reply)) == (["bare_date"], "schedule_follow_up")


@pytest.mark.parametrize("title", [None, "Agendar seguimiento"])
async def test_follow_up_keeps_the_contact_that_came_alone(dialogue: Dialogue, title: str | None) -> None:
    await bare(dialogue, "55 1234 5678", phone=PHONE).run("action_use_bare_answer")
    accepts = {"title": title} if title else {"reading": "accepted"}
    dialogue.customer("/schedule_follow_up" if title else "sí", "schedule_follow_up", **accepts)
    reply = await dialogue.run("action_start_follow_up")
    assert (reply.slots["follow_up_contact"], reply.slots["follow_up_method"]) == (PHONE, "call")
    assert reply.slots["follow_up_time"] is None


async def test_times_of_another_story_are_no_wish_for_a_follow_up(dialogue: Dialogue) -> None:
    dialogue.customer("mi pedido llegaba mañana a las 5, ¿dónde está?", "track_order")
    dialogue.customer("/schedule_follow_up", "schedule_follow_up", title="Agendar seguimiento")
    reply = await dialogue.run("action_start_follow_up")
    assert reply.slots["follow_up_time"] is None


async def test_complaint_keeps_the_order_number_that_came_alone(dialogue: Dialogue) -> None:
    await bare(dialogue, "CJ-483920", **ORDER).run("action_use_bare_answer")
    dialogue.customer("/complaint", "complaint", title="Poner una queja")
    reply = await dialogue.run("action_start_complaint")
    assert reply.slots["complaint_order"] == "CJ-483920"


async def test_folio_alone_begins_the_check_of_its_case(dialogue: Dialogue) -> None:
    dialogue.customer("RV-7K3M-9QXT", "check_case", reading="bare_answer")
    reply = await dialogue.run("action_start_case_check")
    assert reply.slots["case_folio"] == "RV-7K3M-9QXT"


# --- questions that a yes answers --------------------------------------------------------------------------


async def test_yes_after_the_hours_are_told_books_a_follow_up(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    closed = Dialogue(services_of(redis_client, protocol, SUNDAY)).customer("persona", "contact_human_agent")
    assert offered(await closed.run("action_hand_off")) == "schedule_follow_up"


async def test_nothing_is_offered_while_a_person_comes(dialogue: Dialogue) -> None:
    reply = await dialogue.customer("persona", "contact_human_agent").run("action_hand_off")
    assert offered(reply) is None


async def test_yes_after_no_follow_up_was_found_books_one(dialogue: Dialogue) -> None:
    reply = await dialogue.customer("cancela mi cita", "cancel_follow_up").run("action_cancel_follow_up")
    assert (reply.responses, offered(reply)) == (["no_follow_up"], "schedule_follow_up")
