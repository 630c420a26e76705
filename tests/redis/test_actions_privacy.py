"""A request about personal data: filed at once, completed step by step, answered by the law's dates."""

from __future__ import annotations

from datetime import date

import pytest
import redis.asyncio as redis
from builders import local_time
from dialogue import Dialogue, Reply, services_of

from actions.services import Services
from relevo.cases.case import Case
from relevo.privacy.rights import find_rights
from relevo.privacy.terms import legal_dates
from relevo.protocol import Protocol

ASKED = "quiero que borren mis datos personales"
RECEIVED = local_time("2026-11-24 11:00")
"""A Tuesday; Thanksgiving follows, which is no holiday by Mexican law."""


@pytest.fixture
def services(redis_client: redis.Redis, protocol: Protocol) -> Services:
    return services_of(redis_client, protocol, RECEIVED)


@pytest.fixture
def dialogue(services: Services) -> Dialogue:
    return Dialogue(services)


async def begins(dialogue: Dialogue, text: str = ASKED, **values: str) -> Reply:
    dialogue.customer(text, "privacy_request", **values)
    dialogue.slots["contingency_trigger"] = "privacy"
    return await dialogue.run("action_start_privacy_request") + await dialogue.begin("privacy_form")


async def ends(dialogue: Dialogue) -> Reply:
    assert dialogue.form is None
    return await dialogue.run("action_complete_privacy_request")


async def only_case(services: Services) -> Case:
    (case,) = await services.queue.open_cases()
    return case


async def test_request_is_the_data_officers_from_the_first_word(
    dialogue: Dialogue, services: Services
) -> None:
    reply = await begins(dialogue)
    case = await only_case(services)
    assert (case.kind, case.area, case.trigger) == ("privacy", "legal_communications", "privacy")
    assert (case.description, case.rights) == (ASKED, "cancellation")
    assert reply.responses == ["privacy_acknowledged", "privacy_filed", "ask_privacy_name"]
    assert case.folio in reply.texts[1]


async def test_right_is_asked_for_where_it_is_not_told(dialogue: Dialogue, services: Services) -> None:
    reply = await begins(dialogue, "es sobre mis datos personales")
    assert reply.responses[-1] == "ask_privacy_right"
    assert (await dialogue.answer("pues mis gatos")).responses == ["privacy_right_not_understood"]
    assert (await dialogue.answer("consultarlos y corregirlos")).responses == ["ask_privacy_name"]
    await dialogue.answer("María López Ruiz")
    await dialogue.answer("maria@example.com")
    reply = await ends(dialogue)
    assert "consultar tus datos y corregir tus datos" in reply.texts[0]
    assert (await only_case(services)).rights == "access rectification"


async def test_customer_leaves_with_folio_masked_contact_and_the_laws_dates(
    dialogue: Dialogue, services: Services
) -> None:
    await begins(dialogue)
    await dialogue.answer("María López Ruiz")
    await dialogue.answer("55 1234 5678")
    reply = await ends(dialogue)
    case = await only_case(services)
    assert reply.texts == [
        "Listo: quieres eliminar tus datos. Antes de informar o cambiar algo, te escribiremos a …5678 para "
        "confirmar que eres tú. Según la Ley Federal de Protección de Datos Personales (LFPDPPP), tendrás "
        "nuestra respuesta a más tardar el 22 de diciembre de 2026 (20 días hábiles) y, si procede, la "
        "cumplimos a más tardar el 14 de enero de 2027 (15 días hábiles más). Tu folio es " + case.folio + "."
    ]
    assert (case.customer_name, case.contact) == ("María López Ruiz", "+525512345678")
    assert case.target_at == local_time("2026-12-22 23:59") + 59


@pytest.mark.parametrize("text", ["quiero borrarlos", "que los eliminen"])
async def test_what_they_want_told_again_is_no_name_and_no_failure(dialogue: Dialogue, text: str) -> None:
    await begins(dialogue)
    assert (await dialogue.answer(text)).responses == ["ask_privacy_name"]
    assert dialogue.slots["form_failures"] == 0


@pytest.mark.parametrize(
    ("text", "name"), [("Ana", None), ("12345", None), ("  ana  de la O  ", "ana de la O")]
)
async def test_name_is_first_and_last_name(dialogue: Dialogue, text: str, name: str | None) -> None:
    await begins(dialogue)
    await dialogue.answer(text)
    assert dialogue.slots.get("privacy_name") == name


async def test_contact_told_with_the_name_is_not_asked_again(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue)
    await dialogue.answer("Megan Torres, megan@example.com")
    await ends(dialogue)
    case = await only_case(services)
    assert (case.customer_name, case.contact) == ("Megan Torres", "megan@example.com")


async def test_who_stops_withdraws_the_request(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue)
    folio = (await only_case(services)).folio
    await dialogue.answer("ya no, olvídalo", "stop")
    reply = await ends(dialogue)
    assert reply.responses == ["privacy_withdrawn"]
    assert (await services.queue.get(folio)).state == "closed"


async def test_request_that_somebody_has_already_is_not_withdrawn(
    dialogue: Dialogue, services: Services
) -> None:
    await begins(dialogue)
    folio = (await only_case(services)).folio
    await services.queue.claim(folio, "Jorge", RECEIVED)
    await dialogue.answer("ya no, olvídalo", "stop")
    assert (await ends(dialogue)).responses == ["stopped"]
    assert (await services.queue.get(folio)).state == "claimed"


async def test_same_request_again_is_the_same_case_and_another_right_another_one(
    dialogue: Dialogue, services: Services
) -> None:
    await begins(dialogue)
    await begins(dialogue, "ya pedí que borren mis datos")
    assert len(await services.queue.open_cases()) == 1
    await begins(dialogue, "también quiero una copia de mis datos")
    assert len(await services.queue.open_cases()) == 2


async def test_completing_twice_changes_the_case_once(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue)
    await dialogue.answer("María López Ruiz")
    await dialogue.answer("55 1234 5678")
    twin = dialogue.twin()
    first, second = await ends(dialogue), await ends(twin)
    assert first.texts == second.texts
    history = await services.queue.history((await only_case(services)).folio)
    assert [event.kind for event in history] == ["case_opened", "case_supplemented"]


def test_legal_dates_follow_the_laws_calendar_and_not_the_companys(protocol: Protocol) -> None:
    terms = protocol.privacy.terms
    assert legal_dates(date(2026, 11, 24), terms) == (date(2026, 12, 22), date(2027, 1, 14))
    # The day of receipt doesn't count, nor do a Saturday and the holiday of the 16th of September.
    short = terms.copy(update={"answer": 1})
    assert legal_dates(date(2026, 9, 15), short).answer == date(2026, 9, 17)
    assert legal_dates(date(2026, 11, 27), short).answer == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("text", "rights"),
    [
        ("I'd like a copy of all the personal information you have on me", ("access",)),
        ("I want you to delete all my personal data", ("cancellation",)),
        ("quiero ejercer mi derecho de acceso, que datos mios tienen guardados", ("access",)),
        ("me opongo a que usen mis datos", ("opposition",)),
        ("mi nombre está mal escrito, corríjanlo", ("rectification",)),
        ("borren mi correo y díganme qué datos tienen", ("access", "cancellation")),
        ("es sobre mis datos", ()),
    ],
)
def test_rights_are_known_by_how_customers_say_them(
    protocol: Protocol, text: str, rights: tuple[str, ...]
) -> None:
    assert find_rights(text, protocol.privacy.rights) == rights
