"""The status of a case: told to who knows its folio and contact, and to nobody else."""

from __future__ import annotations

from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, a_case
from dialogue import Dialogue, Reply, services_of

from actions.services import Services
from relevo.cases.case import Case
from relevo.protocol import Protocol

PHONE = "+525512345678"
NOT_FOUND = (
    "No encuentro un caso con ese folio y ese contacto. "
    "Revisa los dos, por favor, o pídeme hablar con una persona."
)


@pytest.fixture
def services(redis_client: redis.Redis, protocol: Protocol) -> Services:
    return services_of(redis_client, protocol)


@pytest.fixture
def dialogue(services: Services) -> Dialogue:
    """A customer who writes from another conversation than the one of the case."""
    return Dialogue(services, "c99")


async def a_complaint(services: Services, **values: Any) -> Case:
    wanted = a_case(kind="complaint", contact=PHONE, area="senior_care", description="El sillón", **values)
    return (await services.queue.open(wanted, "c1:complaint"))[0]


async def begins(dialogue: Dialogue, text: str = "¿cómo va mi queja?") -> Reply:
    dialogue.customer(text, "check_case")
    return await dialogue.run("action_start_case_check") + await dialogue.begin("case_form")


async def status(dialogue: Dialogue, folio: str, contact: str) -> Reply:
    """What the customer is told who gives this folio and this contact."""
    await begins(dialogue)
    await dialogue.answer(folio)
    await dialogue.answer(contact)
    assert dialogue.form is None
    return await dialogue.run("action_check_case")


async def test_form_asks_for_the_folio_then_for_the_contact(dialogue: Dialogue) -> None:
    assert (await begins(dialogue)).texts == ["¿Cuál es tu folio? Es como RV-7K3M-9QXT."]
    assert (await dialogue.answer("RV-7K3M-9QXT")).responses == ["ask_case_contact"]
    assert (await dialogue.answer("55 1234 5678")).responses == []


async def test_waiting_case_is_told_with_its_date_and_area(dialogue: Dialogue, services: Services) -> None:
    case = await a_complaint(services)
    assert (await status(dialogue, case.folio, "55 1234 5678")).texts == [
        f"Tu caso {case.folio} del martes 2 de diciembre a las 12:00 está en Atención especializada; "
        "está en espera de que lo tomen."
    ]


async def test_claimed_case_is_told_with_the_person_who_has_it(
    dialogue: Dialogue, services: Services
) -> None:
    case = await a_complaint(services)
    await services.queue.claim(case.folio, "Ana", NOON + 60)
    (text,) = (await status(dialogue, case.folio, "55 1234 5678")).texts
    assert text.endswith("está en Atención especializada; Ana lo está atendiendo.")


async def test_case_at_rest_and_resolved_case_are_told_as_what_they_are(
    dialogue: Dialogue, services: Services
) -> None:
    case = await a_complaint(services)
    await services.queue.claim(case.folio, "Ana", NOON)
    await services.queue.wait_for_customer(case.folio, "Ana", NOON + 30)
    (text,) = (await status(dialogue, case.folio, "55 1234 5678")).texts
    assert text.endswith("Ana te hizo una pregunta y espera tu respuesta.")
    await services.queue.resolve(case.folio, "Ana", NOON + 3_600, "explained")
    (text,) = (await status(dialogue, case.folio, "55 1234 5678")).texts
    assert "se dio por resuelto el martes 2 de diciembre a las 13:00" in text
    await services.queue.reject_resolution(case.folio, NOON + 7_200)
    (text,) = (await status(dialogue, case.folio, "55 1234 5678")).texts
    assert text.endswith("está en espera de que lo tomen.")


async def test_closed_case_is_told_with_its_end(dialogue: Dialogue, services: Services) -> None:
    case = await a_complaint(services, opened_at=NOON - 86_400)
    await services.queue.claim(case.folio, "Ana", NOON + 60)
    await services.queue.close(case.folio, "Ana", NOON + 3_600)
    (text,) = (await status(dialogue, case.folio, "55 1234 5678")).texts
    assert text.startswith(
        f"Tu caso {case.folio} del lunes 1 de diciembre a las 12:00 se cerró el "
        "martes 2 de diciembre a las 13:00. Si para ti no quedó resuelto, dímelo"
    )


async def test_status_is_told_in_english_too(services: Services) -> None:
    case = await a_complaint(services)
    reply = await status(Dialogue(services, "c99", "en"), case.folio, "55 1234 5678")
    assert reply.texts == [
        f"Your case {case.folio} of Tuesday, December 2, 12:00 PM is with Senior care; "
        "it is waiting to be taken up."
    ]


async def test_what_the_first_message_holds_is_not_asked_again(
    dialogue: Dialogue, services: Services
) -> None:
    case = await a_complaint(services)
    assert (await begins(dialogue, f"como va mi caso {case.folio}, mi cel 5512345678")).responses == []
    assert (await dialogue.run("action_check_case")).responses == ["case_waiting"]


@pytest.mark.parametrize("typed", ["+52 55 1234 5678", "(55) 1234-5678", "mi cel es 5512345678 gracias"])
async def test_contact_may_be_typed_in_another_way(
    dialogue: Dialogue, services: Services, typed: str
) -> None:
    case = await a_complaint(services)
    assert (await status(dialogue, case.folio, typed)).responses == ["case_waiting"]


async def test_folio_may_be_typed_in_another_way(dialogue: Dialogue, services: Services) -> None:
    case = await a_complaint(services)
    typed = case.folio.replace("-", " ").lower().replace("0", "o")
    assert (await status(dialogue, f"es el {typed}", "55 1234 5678")).responses == ["case_waiting"]


async def test_wrong_contact_and_unknown_folio_get_the_same_answer(services: Services) -> None:
    case = await a_complaint(services)
    unknown = "RV-0000-0000" if case.folio != "RV-0000-0000" else "RV-1111-1111"
    wrong_contact = await status(Dialogue(services, "c98"), case.folio, "55 8765 4321")
    unknown_folio = await status(Dialogue(services, "c99"), unknown, "55 1234 5678")
    assert wrong_contact.texts == unknown_folio.texts == [NOT_FOUND]
    assert wrong_contact.events == unknown_folio.events


async def test_wrong_contact_gets_no_answer_in_the_cases_own_conversation_either(services: Services) -> None:
    case = await a_complaint(services)
    assert (await status(Dialogue(services, "c1"), case.folio, "55 8765 4321")).texts == [NOT_FOUND]


async def test_hand_off_is_told_in_its_own_conversation_only(services: Services) -> None:
    hand_off, _ = await services.queue.open(a_case(), "c1:m1")
    own = await status(Dialogue(services, "c1"), hand_off.folio, "55 1234 5678")
    someone_else = await status(Dialogue(services, "c2"), hand_off.folio, "55 1234 5678")
    assert own.responses == ["case_waiting"]
    assert someone_else.texts == [NOT_FOUND]


async def test_folio_that_is_incomplete_is_asked_for_again(dialogue: Dialogue) -> None:
    await begins(dialogue)
    assert (await dialogue.answer("RV-7K3M")).responses == ["case_folio_not_understood"]
    assert (await dialogue.answer("RV-7K3M-9QXT")).responses == ["ask_case_contact"]


async def test_contact_that_is_incomplete_is_asked_for_again(dialogue: Dialogue) -> None:
    await begins(dialogue)
    await dialogue.answer("RV-7K3M-9QXT")
    assert (await dialogue.answer("ana@")).responses == ["contact_not_understood"]


async def test_customer_who_stops_is_told_nothing(dialogue: Dialogue, services: Services) -> None:
    case = await a_complaint(services)
    await begins(dialogue, f"como va {case.folio}")
    await dialogue.answer("ya no importa", "stop")
    assert dialogue.form is None
    assert (await dialogue.run("action_check_case")).responses == ["stopped"]


async def test_nothing_of_the_check_stays_in_the_conversation(dialogue: Dialogue, services: Services) -> None:
    case = await a_complaint(services)
    await status(dialogue, case.folio, "55 1234 5678")
    assert {dialogue.slots[name] for name in ("case_folio", "case_contact", "form_problem")} == {None}


async def test_who_has_no_folio_hears_where_it_stands_before_it_is_a_failure(dialogue: Dialogue) -> None:
    dialogue.customer("¿cómo va mi queja?", "check_case")
    await dialogue.run("action_start_case_check")
    await dialogue.begin("case_form")
    assert (await dialogue.answer("no lo tengo")).responses == ["case_folio_missing"]
    assert dialogue.slots["form_failures"] == 0
    assert (await dialogue.answer("no tengo el folio aquí, ahorita lo busco")).responses == ["take_your_time"]
    assert (await dialogue.answer("que no lo tengo")).responses == ["case_folio_missing"]
    assert (await dialogue.answer("no lo tengo")).responses == ["case_folio_not_understood"]
