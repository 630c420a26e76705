"""The main job, end to end: answered, handed to a person, answered by them, given back; promises kept."""

from __future__ import annotations

import os
import re
import signal

import httpx
import pytest
from whole_system import Customer, System, agent_of, customer_of

from relevo.action_server import TURN_SECONDS

pytestmark = pytest.mark.system

FOLIO = re.compile(r"RV-[0-9A-Z]{4}-[0-9A-Z]{4}")


def folio_in(text: str) -> str:
    found = FOLIO.search(text)
    assert found, text
    return found.group()


@pytest.mark.parametrize(
    ("language", "question", "answer", "anger", "sorry", "back"),
    [
        (
            "en",
            "what are your opening hours?",
            "10 a.m.",
            "THIS IS OUTRAGEOUS, I have never been treated so badly, where the hell is my order!!!",
            "I'm sorry",
            "Is everything answered?",
        ),
        (
            "es",
            "a que hora abren?",
            "10:00",
            "YA ESTOY HARTO, son una porquería de empresa, dónde carajos está mi pedido!!!",
            "Lamento",
            "¿Quedó todo resuelto?",
        ),
    ],
)
async def test_an_angry_customer_is_handed_to_a_person_and_back_to_the_bot(
    system: System, language: str, question: str, answer: str, anger: str, sorry: str, back: str
) -> None:
    async with customer_of(system, language) as customer, agent_of(system) as agent:
        assert answer in await customer.ask(question)

        handed_over = await customer.ask(anger)
        assert sorry in handed_over
        await customer.wait(lambda: customer.status()["status"] == "waiting")
        folio = customer.status()["folio"]
        assert customer.status()["place"] >= 1
        assert any(folio in words for words in customer.words("bot"))

        page = await agent.act(folio, "claim")
        assert customer.words("customer")[0] in page, "the person reads what was said before"
        await customer.wait(lambda: customer.status()["status"] == "claimed")
        assert customer.status()["agent"] == "Supervisor"

        await agent.act(folio, "answer", text="Hola / hello, I am looking at your order now.")
        await customer.wait(lambda: bool(customer.words("agent")))
        assert customer.words("agent") == ["Hola / hello, I am looking at your order now."]

        bot_before = len(customer.words("bot"))
        assert (await customer.send("ok")).status_code == 202
        await customer.wait(lambda: customer.words("customer")[-1] == "ok")
        assert "ok" in await agent.open(f"/cases/{folio}")

        await agent.act(folio, "resolve", reason="answered")
        await customer.wait(lambda: customer.status()["status"] == "bot")
        await customer.wait(lambda: back in customer.words("bot")[-1])
        assert len(customer.words("bot")) == bot_before + 1, "the bot was silent while the person was there"
        assert answer in await customer.ask(question)


async def test_an_angry_customer_is_handed_over_though_the_actions_start_again_in_between(
    system: System,
) -> None:
    async with customer_of(system, "en") as customer:
        assert "10 a.m." in await customer.ask("what are your opening hours?")
        os.kill(system.pid_of("actions.server"), signal.SIGKILL)
        await customer.send("THIS IS OUTRAGEOUS, I have never been treated so badly, I want a person now!!!")
        await customer.wait(lambda: customer.status()["status"] == "waiting", seconds=TURN_SECONDS + 10)
        await customer.wait(lambda: customer.status()["folio"] in customer.words("bot")[-1])
        said = "\n".join(customer.words("bot"))
        assert "sorry" in said
        assert "send it again" not in said, "they were told once, and need do nothing"


@pytest.mark.parametrize(
    ("language", "outrage", "in_order"),
    [
        (
            "en",
            "WHERE IS MY ORDER??? this is outrageous, I am furious!!!",
            ["sorry", "order number", "you've told me", "Your case number is"],
        ),
        (
            "es",
            "¡¡¡DÓNDE ESTÁ MI PEDIDO!!! estoy furiosa, esto es indignante",
            ["ament", "número de pedido", "ya me contaste", "Tu número de caso es"],
        ),
    ],
)
async def test_an_angry_question_is_acknowledged_answered_and_handed_over(
    system: System, language: str, outrage: str, in_order: list[str]
) -> None:
    async with customer_of(system, language) as customer, agent_of(system) as agent:
        await customer.send(outrage)
        await customer.wait(lambda: customer.status()["status"] == "waiting")
        said = customer.words("bot")[1:]
        places = [next((i for i, text in enumerate(said) if words in text), -1) for words in in_order]
        assert -1 not in places, said
        assert places == sorted(places), said
        assert places[0] == 0, said
        page = await agent.open(f"/cases/{customer.status()['folio']}")
        assert "The customer sounds angry." in page, "the person reads why they got the case"


@pytest.mark.parametrize(
    ("language", "person", "question", "answer", "more", "never_mind"),
    [
        (
            *("en", "I want to talk to a person", "what are your opening hours?", "10 a.m."),
            *("it is about the green armchair from last week", "never mind"),
        ),
        (
            *("es", "quiero hablar con una persona", "¿a qué hora abren?", "10:00"),
            *("es sobre el sillón verde de la semana pasada", "ya no, gracias"),
        ),
    ],
)
async def test_a_customer_who_waits_may_ask_add_and_withdraw(
    system: System,
    language: str,
    person: str,
    question: str,
    answer: str,
    more: str,
    never_mind: str,
) -> None:
    async with customer_of(system, language) as customer, agent_of(system) as agent:
        await customer.ask(person)
        await customer.wait(lambda: customer.status()["status"] == "waiting")
        folio = customer.status()["folio"]
        assert answer in await customer.ask(question), "plain questions are answered meanwhile"
        assert folio in await customer.ask(more), "what is added is acknowledged"
        await customer.wait(
            lambda: "«ya no" in customer.words("bot")[-1] or "“never" in customer.words("bot")[-1]
        )
        said = len(customer.words("bot"))
        await customer.send(more + " ...")
        await customer.wait(lambda: customer.words("customer")[-1].endswith("..."))
        page = await agent.open(f"/cases/{folio}")
        assert more in page

        assert folio in await customer.ask(never_mind), "the customer is told which case is closed"
        assert len(customer.words("bot")) == said + 1, "once is enough"
        await customer.wait(lambda: customer.status()["status"] == "bot")
        assert folio not in await agent.open("/")
        assert answer in await customer.ask(question), "the bot has the conversation again"


async def test_the_bot_is_awake_again_when_a_person_gives_the_case_back_to_the_line(system: System) -> None:
    async with customer_of(system, "en") as customer, agent_of(system) as agent:
        await customer.ask("I want to talk to a person")
        await customer.wait(lambda: customer.status()["status"] == "waiting")
        folio = customer.status()["folio"]
        await agent.act(folio, "claim")
        await customer.wait(lambda: customer.status()["status"] == "claimed")
        await agent.act(folio, "release")
        await customer.wait(lambda: customer.status()["status"] == "waiting")
        assert "10 a.m." in await customer.ask("what are your opening hours?")
        assert customer.status() == {**customer.status(), "status": "waiting", "folio": folio}


async def test_two_misunderstandings_in_a_row_hand_over(system: System) -> None:
    async with customer_of(system, "es") as customer:
        assert (
            "otras palabras" in await customer.ask("xkcd qwrt zzz")
            or "pocas palabras" in customer.words("bot")[-1]
        )
        await customer.ask("brrr fglm pqst")
        await customer.wait(lambda: customer.status()["status"] == "waiting")
        assert customer.status()["folio"] in customer.words("bot")[-1]


@pytest.mark.parametrize(
    ("language", "both", "offer", "yes", "second"),
    [
        (
            "en",
            "where is my package? also I need an invoice for it",
            "Track my order",
            "yes please",
            "tracking link",
        ),
        (
            "es",
            "quiero cambiar mi dirección y saber cuánto tarda",
            "Tiempos de entrega",
            "sí",
            "días hábiles",
        ),
    ],
)
async def test_two_things_in_one_message_are_answered_one_after_the_other(
    system: System, language: str, both: str, offer: str, yes: str, second: str
) -> None:
    async with customer_of(system, language) as customer:
        await customer.ask(both)
        await customer.wait(lambda: offer in customer.words("bot")[-1])
        await customer.ask(yes)
        await customer.wait(lambda: second in customer.words("bot")[-1])  # A notice may come before it.


async def test_second_thing_is_dropped_by_a_no_or_another_question(system: System) -> None:
    async with customer_of(system, "en") as customer:
        for other in ("no thanks", "what are your opening hours?"):
            await customer.ask("where is my package? also I need an invoice for it")
            await customer.wait(lambda: "Track my order" in customer.words("bot")[-1])
            await customer.ask(other)
            assert "tracking link" not in await customer.ask("yes")


async def test_person_who_takes_over_knows_the_second_thing_that_waits_behind_a_form(system: System) -> None:
    async with customer_of(system, "es") as customer, agent_of(system) as agent:
        assert "número de pedido" in await customer.ask(
            "quiero poner una queja: la cajera me gritó enfrente de todos. También necesito factura"
        )
        await customer.ask("mejor pásame con una persona por favor")
        await customer.wait(lambda: customer.status()["status"] == "waiting")
        page = await agent.open(f"/cases/{customer.status()['folio']}")
        assert "También preguntó por: Facturar mi compra" in page


@pytest.mark.parametrize(
    ("language", "question", "follow_ups", "hours", "other", "refund"),
    [
        (
            *("en", "what are your opening hours?"),
            *(["and in Monterrey?", "what about Sundays?", "and the other store?"], "10 a.m."),
            *("and my refund?", "business days"),
        ),
        (
            *("es", "¿a qué hora abren?"),
            *(["¿y en Monterrey?", "y los domingos?", "¿y para la otra tienda?"], "10:00"),
            *("¿y mi reembolso?", "días hábiles"),
        ),
    ],
)
async def test_follow_up_is_answered_by_what_was_asked_before(
    system: System,
    language: str,
    question: str,
    follow_ups: list[str],
    hours: str,
    other: str,
    refund: str,
) -> None:
    async with customer_of(system, language) as customer:
        for text in (question, *follow_ups):
            assert hours in await customer.ask(text), text
        assert customer.status()["status"] == "bot", "who asks further asks no question again"
        assert refund in await customer.ask(other)


async def test_order_number_alone_is_understood_and_goes_to_the_person_with_the_story(system: System) -> None:
    async with customer_of(system, "es") as customer, agent_of(system) as agent:
        assert "CJ-483920" in await customer.ask("CJ-483920")
        await customer.ask("quiero cancelar mi pedido por favor")
        await customer.ask("es el CJ-483920")
        assert "persona" in customer.words("bot")[-1]
        await customer.ask("sí")
        await customer.wait(lambda: customer.status()["status"] == "waiting")
        page = await agent.open(f"/cases/{customer.status()['folio']}")
        assert "quiero cancelar mi pedido por favor\nes el CJ-483920\nsí" in page


async def test_folio_alone_begins_the_check_and_a_contact_alone_a_follow_up(system: System) -> None:
    async with customer_of(system, "en") as customer:
        assert "which phone number or e-mail" in await customer.ask("RV-7K3M-9QXT")
        assert "I don't find a case" in await customer.ask("ana.perez@gmail.com")
        assert "…5678" in await customer.ask("55 1234 5678")
        await customer.ask("yes")
        booked = await customer.ask("tomorrow at 5 pm")
        assert "5:00 PM (call, …5678)" in booked, "the number isn't asked for again"


async def test_a_customer_is_promised_a_call_and_the_desk_knows_it(system: System) -> None:
    async with customer_of(system, "es") as customer, agent_of(system) as agent:
        await customer.ask("quiero que me contacten después")
        await customer.ask("mañana a las 5 de la tarde")
        await customer.ask("llamada")
        booked = await customer.ask("55 1234 5678")
        folio = folio_in(booked)
        assert "17:00" in booked
        assert "1234 5678" not in booked, "a contact is shown by its end only"
        page = await agent.open("/follow-ups")
        assert folio in page
        assert "5512345678" in page.replace(" ", "")
        assert "cancelé" in await customer.ask("ya no me llamen, cancela la llamada")
        assert folio not in await agent.open("/follow-ups")


async def test_a_complaint_gets_a_folio_and_only_its_owner_learns_its_status(system: System) -> None:
    async with customer_of(system, "en") as customer, customer_of(system, "en") as stranger:
        await customer.ask("I want to file a complaint")
        await customer.ask("the table you sent me has a broken leg and a scratch on top")
        await customer.ask("CJ-483920")
        assert "sorry" in await customer.ask("my email is ana.perez@gmail.com"), "the apology of the cause"
        await customer.wait(lambda: bool(FOLIO.search(customer.words("bot")[-1])))
        folio = folio_in(customer.words("bot")[-1])

        await customer.ask(f"what is the status of my complaint {folio}?")
        assert "waiting to be taken up" in await customer.ask("ana.perez@gmail.com")

        wrong_contact = await _status(stranger, folio, "bob@gmail.com")
        unknown_folio = await _status(stranger, "RV-0000-0000", "ana.perez@gmail.com")
        assert wrong_contact == unknown_folio
        assert "I don't find a case" in wrong_contact


async def _status(customer: Customer, folio: str, contact: str) -> str:
    await customer.ask(f"what is the status of my complaint {folio}?")
    return await customer.ask(contact)


async def test_a_danger_is_answered_with_the_emergency_number_first(system: System) -> None:
    async with customer_of(system, "en") as customer, agent_of(system) as agent:
        assert "911" in await customer.ask("my new blender caught fire and burned my hand")
        await customer.wait(lambda: customer.status()["status"] == "waiting")
        page = await agent.open(f"/cases/{customer.status()['folio']}")
        assert "Ask first whether everyone is safe" in page


async def test_a_message_sent_twice_is_answered_once(system: System) -> None:
    async with customer_of(system, "en") as customer:
        for _ in range(3):
            assert (await customer.send("do you take paypal?", "the-same-id-1")).status_code == 202
        await customer.wait(lambda: len(customer.words("bot")) > 1)
        await customer.ask("where are your stores?")
        assert customer.words("customer").count("do you take paypal?") == 1
        assert sum("PayPal" in words for words in customer.words("bot")) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\x00\xff\xfe binary", 400),
        (b'{"id": "12345678", "text": ""}', 400),
        (b'{"id": "12345678", "text": "   \\n\\t "}', 400),
        (b'{"id": "12345678", "text": "\\u0000\\u0007"}', 400),
        (b'{"id": "12345678", "text": "' + b"a" * 100_000 + b'"}', 413),
        (b'{"id": "12345678", "text": "' + b"a" * 5_000 + b'"}', 413),
        (b'{"id": "x", "text": "hi"}', 400),
        (b'{"id": "12345678", "text": "hi", "payload": "/restart"}', 400),
        (b"[" * 20_000, 400),
    ],
)
async def test_what_is_no_message_is_refused_in_words(system: System, body: bytes, status: int) -> None:
    async with customer_of(system, "es") as customer:
        headers = {**customer.headers, "Content-Type": "application/json"}
        reply = await customer.http.post("/messages", content=body, headers=headers)
        assert reply.status_code == status
        assert reply.json()["error"]["message"]
        assert "Traceback" not in reply.text


@pytest.mark.parametrize(
    "text", ["😀😀😀", "<script>alert(1)</script>", "/restart", "🏳️‍🌈", "٩(◕‿◕)۶", "a" * 4_000]
)
async def test_an_unusual_message_gets_a_polite_answer(system: System, text: str) -> None:
    async with customer_of(system, "es") as customer:
        answer = await customer.ask(text)
        assert answer
        assert "Traceback" not in answer


async def test_the_apis_of_rasa_are_closed_to_the_public(system: System) -> None:
    async with httpx.AsyncClient(base_url=system.bot) as http:
        for path in ("/status", "/conversations/x/tracker", "/domain"):
            assert (await http.get(path)).status_code == 401
        assert (await http.post("/model/parse", json={"text": "hi"})).status_code == 401
        assert (await http.post("/conversations/x/tracker/events?token=x", json={})).status_code == 401


async def test_nobody_reads_a_conversation_without_its_token(system: System) -> None:
    async with httpx.AsyncClient(base_url=system.page) as http:
        assert (await http.get("/events")).status_code == 401
        forged = {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ3ZWItMSJ9."}
        assert (await http.get("/events", headers=forged)).status_code == 401


async def test_what_customers_wrote_is_not_in_the_log(system: System) -> None:
    async with customer_of(system, "en") as customer:
        await customer.ask("my secret word is xylophonic, where is my order?")
        await customer.ask("and my phone is 55 9876 5432")
        assert "xylophonic" not in system.output
        assert "9876" not in system.output
