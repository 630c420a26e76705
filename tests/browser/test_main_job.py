"""The main job in a real browser: the customer's page and the desk side by side, with pictures of both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from whole_system import PASSWORD, System

pytestmark = [pytest.mark.browser, pytest.mark.system]

FOLIO = re.compile(r"RV-\w{4}-\w{4}")
PICTURES = Path(__file__).resolve().parents[1] / "output"
ANGER = "Ya estoy harto, es una burla lo que hacen conmigo, DÓNDE ESTÁ MI PEDIDO!!!"


async def test_a_customer_and_a_person_talk_from_page_to_desk_and_back(
    system: System, chromium: Browser
) -> None:
    PICTURES.mkdir(exist_ok=True)
    customer = await (await chromium.new_context(locale="es-MX")).new_page()
    desk = await (
        await chromium.new_context(locale="es-MX", viewport={"width": 1280, "height": 860})
    ).new_page()
    scripts_failed: list[str] = []
    for page in (customer, desk):
        page.on("pageerror", lambda error: scripts_failed.append(str(error)))

    await customer.goto(f"{system.page}/?lang=es")
    await _say(customer, "hola")
    await expect(_messages(customer, "bot").last).to_contain_text("Luz")
    await _say(customer, "¿cuánto tarda el envío a Monterrey?")
    await expect(_messages(customer, "bot").last).to_contain_text("días hábiles")
    await expect(customer.get_by_test_id("quick-reply").first).to_be_visible()

    await _say(customer, ANGER)
    await expect(_messages(customer, "bot").last).to_contain_text("Tu número de caso es RV-")
    folio = FOLIO.search(await _messages(customer, "bot").last.inner_text())[0]  # type: ignore[index]
    await expect(customer.get_by_test_id("state")).to_contain_text(re.compile("lugar", re.IGNORECASE))
    await customer.reload()
    await expect(_messages(customer, "customer").filter(has_text=ANGER)).to_have_count(1)

    await _sign_in(desk, system)
    row = desk.locator(f'[data-testid="queue-row"][data-folio="{folio}"]')
    await expect(row).to_contain_text("Cliente enojado")
    await desk.screenshot(path=PICTURES / "desk-queue.png")
    await row.get_by_test_id("claim").click()
    await expect(desk.get_by_test_id("transcript")).to_contain_text(ANGER)
    await expect(customer.get_by_test_id("state")).to_contain_text("Supervisor")

    await desk.get_by_test_id("answer").fill("Hola, soy Ana. Ya reviso tu pedido <b>ahora</b>.")
    await desk.get_by_test_id("send").click()
    answer = _messages(customer, "agent").last
    await expect(answer).to_contain_text("Ya reviso tu pedido <b>ahora</b>")
    await _say(customer, "gracias <script>alert(1)</script>")
    await expect(desk.get_by_test_id("transcript")).to_contain_text("gracias <script>alert(1)</script>")
    await customer.screenshot(path=PICTURES / "webchat.png")
    await desk.screenshot(path=PICTURES / "desk-case.png")

    await desk.get_by_test_id("resolve").click()
    await expect(_messages(customer, "bot").last).to_contain_text("¿Quedó todo resuelto?")
    await _say(customer, "sí, ¿aceptan paypal?")
    await expect(_messages(customer, "bot").last).to_contain_text("PayPal")
    assert scripts_failed == []


async def test_a_promise_made_in_the_chat_stands_on_the_desks_list(system: System, chromium: Browser) -> None:
    PICTURES.mkdir(exist_ok=True)
    customer = await (await chromium.new_context(locale="en-US")).new_page()
    desk = await (
        await chromium.new_context(locale="en-US", viewport={"width": 1280, "height": 700})
    ).new_page()

    await customer.goto(f"{system.page}/?lang=en")
    await _say(customer, "can someone call me tomorrow at 5 pm? my number is 55 8000 4321")
    await expect(_messages(customer, "bot").last).to_contain_text("5:00 PM")
    await _sign_in(desk, system)
    await desk.goto(f"{system.desk}/follow-ups")
    await expect(desk.get_by_test_id("follow-up-row").filter(has_text="55 8000 4321")).to_have_count(1)
    await desk.screenshot(path=PICTURES / "desk-follow-ups.png")


def _messages(page: Page, author: str):  # type: ignore[no-untyped-def]
    return page.locator(f'[data-testid="message"][data-author="{author}"]')


async def _say(page: Page, text: str) -> None:
    await page.get_by_test_id("input").fill(text)
    await page.get_by_test_id("input").press("Enter")
    await expect(_messages(page, "customer").last).to_contain_text(text)


async def _sign_in(page: Page, system: System) -> None:
    await page.goto(f"{system.desk}/login")
    await page.fill("#name", "supervisor")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url(f"{system.desk}/")
