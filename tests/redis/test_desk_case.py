"""The page of a case: reading, answering, giving back, closing."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import redis.asyncio as redis
from desk_site import Browser, Site, bot_says, customer_says, listening, next_event, open_case, serve_desk

from relevo.protocol.explanation import Explanation, Message, Reason
from relevo.store.keys import OUTBOX


@pytest.fixture
async def site(redis_client: redis.Redis) -> AsyncIterator[Site]:
    async with serve_desk(redis_client) as site:
        yield site


async def claimed_case(site: Site, browser: Browser, **values: Any) -> str:
    """The folio of a case that Ana has claimed."""
    case = await open_case(site, **values)
    await browser.post(f"/cases/{case.folio}/claim")
    return case.folio


async def answers(site: Site) -> list[str]:
    """What people's answers in the outbox say."""
    messages = [json.loads(fields["message"]) for _, fields in await site.client.xrange(OUTBOX)]
    events = [event for message in messages for event in message["events"]]
    return [event["text"] for event in events if event.get("text") and event["metadata"].get("agent")]


async def test_a_case_shows_its_conversation_facts_and_guidance(
    site: Site, redis_client: redis.Redis
) -> None:
    await bot_says(redis_client, "c1", "¡Hola! Soy Luz.")
    await customer_says(redis_client, "c1", "¿Dónde está mi pedido?", tone="angry")
    await bot_says(redis_client, "c1", "Soy Ana, ya lo reviso.", agent="Ana")
    case = await open_case(
        site, trigger="anger", contact="+525512345678", order_number="CJ-483920", description="Llegó rota."
    )
    page = await (await site.signed_in()).page(f"/cases/{case.folio}")
    assert re.findall(r'data-testid="line" data-author="(\w+)"', page) == ["bot", "customer", "agent"]
    guidance = site.desk.protocol.contingency.trigger("anger").guidance.es
    for text in (case.folio, "+52 55 1234 5678", "CJ-483920", "Llegó rota.", guidance, "Enojado", "10:00"):
        assert text in page


async def test_a_case_shows_why_it_reached_a_person(site: Site) -> None:
    found = {"tone": "angry", "confidence": 0.93}
    angry = Reason({"tone": "angry"}, True, (Message(2, site.clock.now),), found)
    case = await open_case(site, trigger="anger", explanation=Explanation("anger", (angry,)).to_json())
    browser = await site.signed_in()
    for path in (f"/cases/{case.folio}", f"/fragments/cases/{case.folio}"):
        page = await browser.page(path)
        assert "El cliente se oye enojado." in page
        assert "93 % de certeza · mensaje de las 10:00" in page
    other = await open_case(site, "c2", trigger="anger", explanation="<b>no JSON</b>")
    assert 'data-testid="because"' not in await browser.page(f"/cases/{other.folio}")


async def test_a_case_shows_what_the_plan_did_when_its_answer_was_late(site: Site) -> None:
    case = await open_case(site)
    browser = await site.signed_in()
    assert 'data-testid="event-because"' not in await browser.page(f"/cases/{case.folio}")
    await site.desk.queue.see_to_targets(case.target_at)
    page = await browser.page(f"/fragments/cases/{case.folio}")
    assert "Qué hizo el plan mientras tanto, y por qué" in page
    assert "Una respuesta se atrasó." in page


async def test_what_a_customer_writes_is_shown_and_never_run(site: Site, redis_client: redis.Redis) -> None:
    attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    await customer_says(redis_client, "c1", attack, topic="<i>t</i>", tone="<i>u</i>")
    case = await open_case(
        site, contact=attack, order_number=attack, description=attack, topic=attack, tone=attack
    )
    browser = await site.signed_in()
    for path in (f"/cases/{case.folio}", "/", f"/fragments/cases/{case.folio}", "/conversations/c1"):
        page = await browser.page(path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<i>" not in page
    async with listening(browser, f"/events/cases/{case.folio}") as events:
        event = await next_event(events)
    assert "&lt;script&gt;" in event["data"]
    assert "<script>" not in event["data"]


async def test_whoever_is_slower_sees_who_has_the_case(site: Site) -> None:
    case = await open_case(site)
    ana, luis = await site.signed_in("ana"), await site.signed_in("luis")
    await ana.post(f"/cases/{case.folio}/claim")
    answer = await luis.post(f"/cases/{case.folio}/claim")
    assert answer.status_code == 303
    page = await luis.page(answer.headers["location"])
    assert "Ana tomó este caso un momento antes que tú." in page
    assert 'data-testid="answer"' not in page
    assert (await site.queue.get(case.folio)).claimed_by == "Ana"


async def test_a_case_of_another_person_can_only_be_read(site: Site) -> None:
    folio = await claimed_case(site, await site.signed_in("ana"))
    luis = await site.signed_in("luis")
    page = await luis.page(f"/cases/{folio}")
    assert 'data-testid="read-only"' in page
    for hook in ("answer", "send", "release", "resolve", "wait", "transfer", "take-away", "claim"):
        assert f'data-testid="{hook}"' not in page
    for verb in ("release", "wait", "resolve", "transfer"):
        await luis.post(f"/cases/{folio}/{verb}", reason="solved", area="safety")
    assert (await site.queue.get(folio)).claimed_by == "Ana"


async def test_an_answer_goes_to_the_customer_once_however_often_it_is_pressed(site: Site) -> None:
    browser = await site.signed_in()
    folio = await claimed_case(site, browser)
    form = {"text": "Hola,\r\nya lo reviso ☕", "answer_id": "0" * 32}
    for _ in range(2):
        answer = await browser.post(f"/cases/{folio}/answer", **form)
        assert answer.headers["location"] == f"/cases/{folio}?notice=sent"
    assert await answers(site) == ["Hola,\nya lo reviso ☕"]
    assert (await site.queue.get(folio)).first_response_at == site.clock.now


async def test_each_form_has_an_answer_id_of_its_own(site: Site) -> None:
    browser = await site.signed_in()
    folio = await claimed_case(site, browser)
    pages = [await browser.page(f"/cases/{folio}") for _ in range(2)]
    ids = {re.search(r'name="answer_id" value="([0-9a-f]{32})"', page)[1] for page in pages}  # type: ignore[index]
    assert len(ids) == 2


@pytest.mark.parametrize("text", ["", "  \r\n\t", "\x00\x07"])
async def test_an_empty_answer_is_refused(site: Site, text: str) -> None:
    browser = await site.signed_in()
    folio = await claimed_case(site, browser)
    answer = await browser.post(f"/cases/{folio}/answer", text=text)
    assert answer.status_code == 400
    assert "Primero escribe algo." in answer.text
    assert await answers(site) == []


async def test_an_answer_of_four_thousand_characters_is_sent_and_one_more_is_refused(site: Site) -> None:
    browser = await site.signed_in()
    folio = await claimed_case(site, browser)
    assert (await browser.post(f"/cases/{folio}/answer", text="🙂" * 4000)).status_code == 303
    answer = await browser.post(f"/cases/{folio}/answer", text="y" * 4001)
    assert answer.status_code == 400
    assert "4,001" in answer.text
    assert "y" * 4001 in answer.text
    assert await answers(site) == ["🙂" * 4000]


async def test_text_that_comes_too_late_is_kept_to_be_copied(site: Site) -> None:
    browser = await site.signed_in()
    folio = await claimed_case(site, browser)
    await site.queue.release(folio, "Ana", site.clock.now)
    await site.queue.claim(folio, "Luis", site.clock.now)
    answer = await browser.post(f"/cases/{folio}/answer", text="Mi <b>respuesta</b>")
    assert answer.status_code == 409
    assert "ya no atiendes este caso" in answer.text
    assert "Mi &lt;b&gt;respuesta&lt;/b&gt;" in answer.text
    assert await answers(site) == []


async def test_a_released_case_waits_again(site: Site) -> None:
    browser = await site.signed_in()
    folio = await claimed_case(site, browser)
    answer = await browser.post(f"/cases/{folio}/release")
    assert f"El caso {folio} regresó a la fila." in await browser.page(answer.headers["location"])
    assert (await site.queue.get(folio)).state == "waiting"


async def test_a_resolved_case_leaves_the_queue_and_can_still_be_read(site: Site) -> None:
    browser = await site.signed_in()
    folio = await claimed_case(site, browser)
    answer = await browser.post(f"/cases/{folio}/resolve", reason="answered")
    page = await browser.page(answer.headers["location"])
    assert f"El caso {folio} se dio por resuelto." in page
    assert 'data-testid="queue-row"' not in page
    page = await browser.page(f"/cases/{folio}")
    assert "Ana dio este caso por resuelto: Hoy, 10:00." in page
    assert "Respondido; no queda nada por hacer" in page
    await site.queue.accept_resolution(folio, site.clock.now)
    assert "Este caso se cerró: Hoy, 10:00." in await browser.page(f"/cases/{folio}")
    answer = await browser.post(f"/cases/{folio}/claim")
    assert answer.headers["location"] == f"/cases/{folio}?notice=taken"


async def test_new_lines_arrive_at_once_and_a_reconnection_misses_none(
    site: Site, redis_client: redis.Redis
) -> None:
    await customer_says(redis_client, "c1", "uno")
    case = await open_case(site)
    browser = await site.signed_in()
    start = re.search(r'data-position="(\d+-\d+)"', await browser.page(f"/cases/{case.folio}"))
    assert start
    path = f"/events/cases/{case.folio}?after={start[1]}"
    async with listening(browser, path) as events:
        await customer_says(redis_client, "c1", "dos\n<b>y medio</b>", tone="frustrated")
        event = await next_event(events)
    assert event["event"] == "line"
    assert "dos\n&lt;b&gt;y medio&lt;/b&gt;" in event["data"]
    assert "Frustrado" in event["data"]
    await customer_says(redis_client, "c1", "tres")
    async with listening(browser, path, **{"last-event-id": event["id"]}) as events:
        assert "tres" in (await next_event(events))["data"]


async def test_a_page_hears_when_its_case_changes_and_nothing_of_others(site: Site) -> None:
    case, other = await open_case(site, "c1"), await open_case(site, "c2")
    browser = await site.signed_in()
    async with listening(browser, f"/events/cases/{case.folio}?after=0-0") as events:
        await site.queue.claim(other.folio, "Luis", site.clock.now)
        await site.queue.claim(case.folio, "Luis", site.clock.now)
        assert (await next_event(events))["event"] == "changed"
    assert "Lo atiende Luis" in await browser.page(f"/fragments/cases/{case.folio}")


async def test_a_complaint_of_no_known_cause_has_no_guidance_and_ends_by_its_reasons(site: Site) -> None:
    browser = await site.signed_in()
    folio = await claimed_case(site, browser, kind="complaint", trigger="", description="No enfría.")
    page = await browser.page(f"/cases/{folio}")
    assert "No enfría." in page
    assert "Compensada con una oferta que el cliente aceptó" in page
    assert "Cómo atender el caso" not in page


async def test_a_very_long_conversation_shows_its_end_and_leads_to_the_rest(
    site: Site, redis_client: redis.Redis
) -> None:
    for number in range(410):
        await customer_says(redis_client, "c1", f"mensaje {number}.")
    case = await open_case(site)
    browser = await site.signed_in()
    page = await browser.page(f"/cases/{case.folio}")
    assert "10 mensajes anteriores" in page
    assert "mensaje 9." not in page
    assert "mensaje 409." in page
    assert "mensaje 9." in await browser.page("/conversations/c1")


async def test_desk_shows_who_was_told_that_a_case_is_late_and_the_next_answer_that_is_due(
    site: Site,
) -> None:
    ana = await site.signed_in()
    case = await open_case(site)
    await site.queue.see_to_targets(site.clock.now + 300)
    for address in ("/", f"/cases/{case.folio}"):
        page = await ana.page(address)
        assert re.search(r'data-testid="told">Avisado a: Gabriela Montaño Rivas<', page), address
    assert "Se avisó a Gabriela Montaño Rivas: la primera respuesta está por atrasarse" in page
    assert "Se avisó a Gabriela Montaño Rivas: la primera respuesta se atrasó" in page
    await site.queue.claim(case.folio, "Ana", site.clock.now)
    await site.queue.answer(case.folio, "Ana", "Hola.", site.clock.now)
    assert 'data-state="met"' in await ana.page("/")
    await site.queue.customer_wrote("c1", "m2", site.clock.now)
    page = await ana.page("/")
    assert 'data-state="met"' not in page
    assert f'data-target="{site.clock.now + 600}"' in page


async def test_guidance_leads_to_its_passages_in_the_protocols_document(site: Site) -> None:
    ana = await site.signed_in()
    case = await open_case(site, "c7", kind="complaint", cause="late_delivery", area="senior_care")
    page = await ana.page(f"/cases/{case.folio}")
    passages = re.findall(r'href="/protocol#([^"]+)"', page)
    assert passages == ["trigger-asks_for_person", "cause-late_delivery", "area-senior_care"]
    document = await ana.page("/protocol")
    assert all(f'id="{passage}"' in document for passage in passages)
    gone = await open_case(site, "c8", trigger="of_old", area="of_old")
    assert 'href="/protocol#' not in await ana.page(f"/cases/{gone.folio}")


@pytest.mark.parametrize(
    ("channel", "shown"), [("email", "¡Con mucho gusto!"), ("whatsapp", "¡Con mucho gusto! 😊")]
)
async def test_conversation_stands_as_its_customer_read_it(site: Site, channel: str, shown: str) -> None:
    case = await open_case(site, channel=channel)
    await customer_says(site.client, "c1", "gracias 😊 👋", channel=channel)
    await bot_says(site.client, "c1", "¡Con mucho gusto! 😊 👋")
    await bot_says(site.client, "c1", "Un abrazo 😊 👋", agent="Ana")
    browser = await site.signed_in()
    pages = [await browser.page(path) for path in (f"/cases/{case.folio}", "/conversations/c1")]
    async with listening(browser, f"/events/cases/{case.folio}?after=0-0") as events:
        pages.append("".join([(await next_event(events))["data"] for _ in range(3)]))
    for page in pages:
        said = re.findall(r'<p class="text" dir="auto">(.+?)</p>', page)
        assert said == ["gracias 😊 👋", shown, "Un abrazo 😊 👋"], "what people write stays as it is"
