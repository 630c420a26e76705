"""The desk in a real browser: what its script does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis
from desk_site import PASSWORD, Site, bot_says, customer_says, open_case, serve_desk
from playwright.async_api import Browser, BrowserContext, Page, expect

from relevo.desk.locale import load_locales
from relevo.store.keys import LAPSES, OUTBOX

pytestmark = pytest.mark.browser


@pytest.fixture
async def site(redis_client: redis.Redis) -> AsyncIterator[Site]:
    async with serve_desk(redis_client) as site:
        yield site


@pytest.fixture
async def context(site: Site, chromium: Browser) -> BrowserContext:
    await site.desk.users.add("ana", "Ana", PASSWORD)
    return await chromium.new_context(
        base_url=site.url, locale="es-MX", viewport={"width": 1280, "height": 800}
    )


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page of Ana's; an error in a script or a breach of the content policy fails the test."""
    failures: list[str] = []
    page = await context.new_page()
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda line: failures.append(line.text) if "Content Security" in line.text else None)
    await sign_in(page)
    yield page
    assert failures == []


async def sign_in(page: Page, name: str = "ana") -> None:
    await page.goto("/login")
    await page.fill("#name", name)
    await page.fill("#password", PASSWORD)
    await page.click("[data-testid=login-form] button")
    await page.wait_for_url("**/")


async def open_claimed(site: Site, page: Page) -> str:
    """Ana's page of a case that she has claimed; its folio."""
    case = await open_case(site)
    await site.queue.claim(case.folio, "Ana", site.clock.now)
    await page.goto(f"/cases/{case.folio}")
    await expect(page.get_by_test_id("answer")).to_be_focused()
    return case.folio


async def answers(site: Site) -> int:
    """How many answers of people are in the outbox."""
    messages = [json.loads(fields["message"]) for _, fields in await site.client.xrange(OUTBOX)]
    events = [event for message in messages for event in message["events"] if event.get("text")]
    return sum("agent" in event["metadata"] for event in events)


async def test_a_new_case_appears_by_itself_and_leaves_the_focus_alone(site: Site, page: Page) -> None:
    first = await open_case(site, "c1")
    await expect(page.locator(f"[data-folio={first.folio}]")).to_be_visible()
    await page.focus(f"#claim-{first.folio}")
    urgent = await open_case(site, "c2", priority="urgent", rank=0)
    await expect(page.locator("[data-testid=queue-row]").first).to_have_attribute("data-folio", urgent.folio)
    await expect(page).to_have_title("(2) Casos · Relevo")
    await expect(page.locator("#announcement")).to_have_text("2 casos en espera")
    await expect(page.locator(f"#claim-{first.folio}")).to_be_focused()


@pytest.mark.parametrize("seconds", [7, 61, 3599, 3661, 90_061])
async def test_running_times_are_written_as_the_server_writes_them(
    site: Site, page: Page, seconds: int
) -> None:
    await page.evaluate(
        "(since) => document.body.insertAdjacentHTML('beforeend', `<time data-since=${since}></time>`)",
        site.clock.now - seconds,
    )
    await expect(page.locator("body > time")).not_to_be_empty()
    written = await page.locator("body > time").text_content()
    assert written in {load_locales()["es"].duration(seconds + late) for late in range(30)}


async def test_an_answer_is_sent_once_and_shows_until_it_is_delivered(site: Site, page: Page) -> None:
    await open_claimed(site, page)
    await page.fill("[data-testid=answer]", "Ya lo <b>reviso</b>")
    await page.keyboard.press("Control+Enter")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".pending .text")).to_have_text("Ya lo <b>reviso</b>")
    await expect(page.get_by_test_id("answer")).to_have_value("")
    assert await answers(site) == 1
    await bot_says(site.client, "c1", "Ya lo <b>reviso</b>", agent="Ana")
    await expect(page.locator(".pending")).to_have_count(0)
    await expect(page.locator("[data-testid=line][data-author=agent]")).to_have_count(1)


async def test_what_the_customer_writes_appears_and_is_not_run(site: Site, page: Page) -> None:
    await open_claimed(site, page)
    await customer_says(site.client, "c1", "<img src=x onerror=\"document.title='run'\">")
    await expect(page.locator("[data-testid=line][data-author=customer] .text")).to_contain_text("<img src=x")
    assert await page.title() != "run"


async def test_a_draft_survives_that_the_case_goes_to_someone_else(site: Site, page: Page) -> None:
    folio = await open_claimed(site, page)
    await page.fill("[data-testid=answer]", "medio escrito")
    await site.queue.release(folio, "Ana", site.clock.now)
    await site.queue.claim(folio, "Luis", site.clock.now)
    await expect(page.get_by_test_id("read-only")).to_contain_text("Luis atiende este caso")
    await expect(page.get_by_label("Tu texto, sin enviar")).to_have_value("medio escrito")


async def test_resolving_with_a_draft_takes_two_presses(site: Site, page: Page) -> None:
    folio = await open_claimed(site, page)
    await page.fill("[data-testid=answer]", "medio escrito")
    await page.click("[data-testid=resolve]")
    await expect(page.locator("#answer-problem")).to_contain_text("Tienes un texto sin enviar")
    assert (await site.queue.get(folio)).state == "claimed"
    await page.click("[data-testid=resolve]")
    await expect(page.locator(".notice")).to_contain_text(f"El caso {folio} se dio por resuelto.")


async def test_a_phrase_goes_where_the_cursor_is_without_leaving_the_page(site: Site, page: Page) -> None:
    await open_claimed(site, page)
    await page.fill("[data-testid=answer]", "Hola, . Saludos")
    await page.evaluate("document.getElementById('answer').setSelectionRange(6, 6)")
    first = page.get_by_test_id("phrase").first
    phrase = await first.text_content()
    await first.click()
    await expect(page.get_by_test_id("answer")).to_have_value(f"Hola, {phrase}. Saludos")
    await expect(page.get_by_test_id("answer")).to_be_focused()


async def test_a_draft_and_a_note_stay_while_the_case_changes_around_them(site: Site, page: Page) -> None:
    folio = await open_claimed(site, page)
    await page.fill("[data-testid=answer]", "medio escrito")
    await site.queue.wait_for_customer(folio, "Ana", site.clock.now)
    await expect(page.get_by_test_id("state")).to_contain_text("espera al cliente")
    await expect(page.get_by_test_id("wait")).to_have_count(0)
    await page.click("#tool-note summary")
    await page.fill("#note", "una nota a medias")
    await site.queue.customer_wrote("c1", "m2", site.clock.now)
    await expect(page.get_by_test_id("wait")).to_be_visible()
    await expect(page.get_by_test_id("answer")).to_have_value("medio escrito")
    await expect(page.locator("#note")).to_have_value("una nota a medias")


async def test_a_note_is_seen_by_a_colleague_who_looks_at_the_case(site: Site, page: Page) -> None:
    case = await open_case(site)
    await page.goto(f"/cases/{case.folio}")
    await page.click("#tool-transfer summary")
    await site.queue.note(case.folio, "Luis", "Ya le llamé.", site.clock.now)
    await expect(page.get_by_test_id("history")).to_contain_text("Ya le llamé.")
    await expect(page.locator("#tool-transfer")).to_have_attribute("open", "")


async def test_writing_tells_the_desk_that_somebody_is_at_work(site: Site, page: Page) -> None:
    folio = await open_claimed(site, page)
    lapses_at = await site.client.zscore(LAPSES, folio)
    site.clock.now += 60
    async with page.expect_response(f"**/cases/{folio}/work"):
        await page.type("[data-testid=answer]", "Hola")
    assert await site.client.zscore(LAPSES, folio) == lapses_at + 60


async def test_a_draft_survives_the_end_of_the_session(
    site: Site, page: Page, context: BrowserContext
) -> None:
    await open_claimed(site, page)
    await page.fill("[data-testid=answer]", "sigue aquí")
    await context.clear_cookies(name="relevo_session")
    await page.click("[data-testid=send]")
    await expect(page.locator("#answer-problem")).to_contain_text("Tu sesión terminó")
    await sign_in(await context.new_page())
    await page.click("[data-testid=send]")
    await expect(page.get_by_test_id("answer")).to_have_value("")
    assert await answers(site) == 1


@pytest.mark.parametrize("path", ["/", "/follow-ups", "/cases/{folio}", "/conversations/c1"])
async def test_no_page_is_wider_than_a_phone(site: Site, page: Page, path: str) -> None:
    await customer_says(site.client, "c1", "palabra" * 60)
    case = await open_case(site, description="palabra" * 60)
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto(path.format(folio=case.folio))
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_a_supervisor_corrects_a_message_without_losing_a_draft(
    site: Site, context: BrowserContext, page: Page
) -> None:
    await site.desk.users.add("eva", "Eva", PASSWORD, "supervisor")
    await context.clear_cookies()
    await sign_in(page, "eva")
    await customer_says(site.client, "c1", "¿dónde está mi pedido?", topic="delivery_period")
    case = await open_case(site)
    await site.queue.claim(case.folio, "Eva", site.clock.now)
    await page.goto(f"/cases/{case.folio}")
    await page.fill("[data-testid=answer]", "medio escrito")
    await page.get_by_test_id("correct").click()
    await page.get_by_label("Tema").select_option("Rastrear mi pedido")
    await page.get_by_label("Tono").select_option("Frustrado")
    await page.get_by_role("button", name="Guardar corrección").click()
    await expect(page.get_by_test_id("corrected")).to_have_text("Se corrigió a Rastrear mi pedido Frustrado")
    await expect(page.locator("#announcement")).to_have_text("Se corrigió a Rastrear mi pedido Frustrado")
    await expect(page.get_by_test_id("correct")).to_be_focused()
    await expect(page.get_by_test_id("answer")).to_have_value("medio escrito")
    await page.fill("[data-testid=answer]", "")
    (suggestion,) = await site.desk.suggestions.all()
    assert (suggestion.topic, suggestion.tone) == ("track_order", "frustrated")


async def test_a_correction_works_without_scripts_and_leads_back_to_its_message(
    site: Site, chromium: Browser
) -> None:
    await site.desk.users.add("eva", "Eva", PASSWORD, "supervisor")
    for number in range(20):
        await customer_says(site.client, "c1", f"mensaje {number}")
    case = await open_case(site)
    plain = await chromium.new_context(base_url=site.url, locale="es-MX", java_script_enabled=False)
    page = await plain.new_page()
    await sign_in(page, "eva")
    await page.goto(f"/cases/{case.folio}")
    line = page.get_by_test_id("line").filter(has_text="mensaje 3")
    await line.get_by_test_id("correct").click()
    await line.get_by_label("Tema").select_option("Hola")
    await line.get_by_role("button", name="Guardar corrección").click()
    await expect(line.get_by_test_id("corrected")).to_have_text("Se corrigió a Hola")
    await expect(line).to_be_in_viewport()
