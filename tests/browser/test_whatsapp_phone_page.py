"""The phone-like page in a real browser: a whole conversation, with pictures of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from graph_api import NUMBER, VERSION, ServedPhone, buttons, listed, serve_phone, template, text, typed
from playwright.async_api import Browser, Locator, Page, expect

from relevo.whatsapp.stand_in.customers import Customer

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).resolve().parents[1] / "output"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8ffff3f0005fe02fea7b5b5e40000000049454e44ae426082"
)


TITLES = (("/track_order", "Mi pedido"), ("/get_invoice", "Mi factura"), ("/stop", "Nada más"))
QUESTION = {
    "type": "button",
    "body": {"text": "¿Con qué te ayudo?"},
    "action": {
        "buttons": [{"type": "reply", "reply": {"id": topic, "title": title}} for topic, title in TITLES]
    },
}
LIST = {
    "type": "list",
    "body": {"text": "Claro. ¿Qué necesitas de tu factura?"},
    "action": {
        "button": "Ver opciones",
        "sections": [
            {
                "rows": [
                    {"id": "/get_invoice", "title": "Pedir una factura", "description": "CFDI de una compra"},
                    {"id": "/check_invoice", "title": "Buscar una factura", "description": "Ya timbrada"},
                    {"id": "/contact_human_agent", "title": "Hablar con una persona"},
                ]
            }
        ],
    },
}


@pytest.fixture
async def served() -> AsyncIterator[ServedPhone]:
    async with serve_phone() as running:
        yield running


@pytest.fixture
async def page(served: ServedPhone, chromium: Browser) -> AsyncIterator[Page]:
    """The page in Spanish; an error in its script or a breach of its policy fails the test."""
    context = await chromium.new_context(locale="es-MX", viewport={"width": 1100, "height": 860})
    page = await context.new_page()
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("console", lambda message: failed.append(message.text) if message.type == "error" else None)
    await page.goto(served.url)
    yield page
    assert failed == []


async def take_phone(page: Page) -> None:
    await page.get_by_test_id("start").click()
    await expect(page.get_by_test_id("input")).to_be_focused()


async def say(page: Page, words: str) -> None:
    await page.get_by_test_id("input").fill(words)
    await page.get_by_test_id("input").press("Enter")
    await expect(messages(page, "customer").last).to_contain_text(words)


def messages(page: Page, author: str) -> Locator:
    return page.locator(f'[data-testid="message"][data-author="{author}"]')


async def picture(page: Page, name: str) -> None:
    """A picture when nothing moves any more."""
    await page.evaluate("scrollTo(0, 0)")
    await page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})))")
    await page.screenshot(path=PICTURES / f"{name}.png")


async def newest_id(served: ServedPhone) -> str:
    """The customer's last message."""
    (chat,) = served.simulation.api.chats.values()
    return [message.id for message in chat.messages.values() if message.direction == "to_business"][-1]


async def mark_read(served: ServedPhone, *, typing: bool) -> None:
    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": await newest_id(served)}
    if typing:
        mark["typing_indicator"] = {"type": "text"}  # type: ignore[assignment]
    await served.business.post(f"/{VERSION}/{NUMBER}/messages", json=mark)


async def test_a_customer_writes_taps_and_reads(served: ServedPhone, page: Page) -> None:
    PICTURES.mkdir(exist_ok=True)
    await page.screenshot(path=PICTURES / "whatsapp-start.png")
    await take_phone(page)
    await say(page, "hola, ¿y mi pedido? <b>ya</b>")
    ticks = page.get_by_test_id("ticks").first
    await expect(ticks).to_have_attribute("data-progress", "delivered")
    await mark_read(served, typing=True)
    await expect(ticks).to_have_attribute("data-progress", "read")
    await expect(page.locator("#state")).to_have_text("escribiendo…")

    sent = await served.answer(
        text("*Hola, Lupe.* Tu pedido llega _mañana_: https://casajacaranda.example/r/1")
    )
    await expect(messages(page, "business").last.locator("strong")).to_have_text("Hola, Lupe.")
    await expect(messages(page, "business").last.get_by_role("link")).to_have_attribute(
        "href", "https://casajacaranda.example/r/1"
    )
    await expect(page.locator("#state")).to_have_text("cuenta de empresa")
    await served.answer(typed("interactive", QUESTION))
    await messages(page, "business").last.get_by_test_id("option").nth(1).click()
    await expect(messages(page, "customer").last).to_contain_text("Mi factura")
    await served.answer(typed("interactive", LIST))
    await page.get_by_test_id("list").click()
    await page.screenshot(path=PICTURES / "whatsapp-list.png")
    await page.get_by_test_id("row").nth(1).click()
    await expect(messages(page, "customer").last).to_contain_text("Buscar una factura")
    (chat,) = served.simulation.api.chats.values()
    assert chat.messages[sent].progress == "read"
    await picture(page, "whatsapp-chat")


async def test_a_customer_quotes_reacts_and_sends_a_picture_and_a_place(
    served: ServedPhone, page: Page
) -> None:
    await take_phone(page)
    await say(page, "hola")
    await served.answer(text("¿Nos mandas una foto?"))
    asked = messages(page, "business").last
    await asked.get_by_test_id("react").click()
    await page.locator("#reactions button").first.click()
    await expect(asked.locator(".reactions")).to_have_text("👍")
    await asked.get_by_test_id("reply").click()
    await say(page, "va")
    await expect(messages(page, "customer").last.locator(".quote")).to_contain_text("¿Nos mandas una foto?")
    await page.get_by_test_id("attach").click()
    photo = {"name": "foto.png", "mimeType": "image/png", "buffer": PIXEL}
    await page.get_by_test_id("image").set_input_files(photo)  # type: ignore[arg-type]
    image = messages(page, "customer").last.locator("img")
    await expect(image).to_have_js_property("naturalWidth", 1)
    await page.get_by_test_id("attach").click()
    await page.get_by_test_id("place").click()
    await page.get_by_test_id("send-place").click()
    await expect(messages(page, "customer").last).to_contain_text("19.427, -99.1677")
    await picture(page, "whatsapp-media")


async def test_the_window_closes_and_only_the_template_arrives(served: ServedPhone, page: Page) -> None:
    await take_phone(page)
    await say(page, "hola")
    await expect(page.get_by_test_id("window")).to_contain_text("Abierta hasta")
    await page.get_by_test_id("day").click()
    await expect(page.get_by_test_id("window")).to_contain_text("Cerrada")
    await served.answer(text("esto ya no llega"))
    await served.answer(template("Lupe", "A-1"))
    await expect(messages(page, "business")).to_have_count(1)
    await expect(messages(page, "business").last).to_contain_text("Hola Lupe, tu pedido A-1 está listo.")
    await messages(page, "business").last.get_by_test_id("option").click()
    await expect(page.get_by_test_id("window")).to_contain_text("Abierta hasta")
    await picture(page, "whatsapp-window")


async def test_phone_that_is_off_gets_nothing_until_it_is_on(served: ServedPhone, page: Page) -> None:
    await take_phone(page)
    await say(page, "hola")
    await page.get_by_test_id("reachable").uncheck()
    await expect(page.get_by_test_id("reachable")).not_to_be_checked()
    (customer,) = served.simulation.api.customers.values()
    await served.answer(text("¿sigues ahí?"))
    await expect(messages(page, "business")).to_have_count(0)
    await page.get_by_test_id("reachable").check()
    await expect(messages(page, "business")).to_have_count(1)
    assert isinstance(customer, Customer)
    assert customer.is_reachable


async def test_page_speaks_english_and_fits_a_phone_in_the_dark(
    served: ServedPhone, chromium: Browser
) -> None:
    context = await chromium.new_context(
        locale="en-US", viewport={"width": 390, "height": 844}, color_scheme="dark", has_touch=True
    )
    page = await context.new_page()
    await page.goto(served.url)
    await take_phone(page)
    await say(page, "hi, where is my order?")
    await served.answer(buttons(2, body="Hi, Lupe! *How* can I help you?"))
    await expect(messages(page, "business")).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await page.screenshot(path=PICTURES / "whatsapp-dark.png", full_page=True)
    await page.get_by_role("button", name="Español").click()
    await expect(page.get_by_test_id("input")).to_have_attribute("placeholder", "Mensaje")


async def test_everything_can_be_done_by_keyboard(served: ServedPhone, page: Page) -> None:
    await page.get_by_test_id("number").press("Enter")
    await expect(page.get_by_test_id("input")).to_be_focused()
    await page.keyboard.type("hola")
    await page.keyboard.press("Enter")
    await expect(messages(page, "customer")).to_have_count(1)
    await served.answer(listed(2))
    await page.get_by_test_id("list").press("Enter")
    await page.get_by_test_id("row").first.press("Enter")
    await expect(messages(page, "customer").last).to_contain_text("Row 0")
    assert await page.evaluate(NAMELESS) == []


NAMELESS = """() => [...document.querySelectorAll('button, a, input, select, textarea, summary')]
  .filter((one) => !one.textContent.trim() && !one.ariaLabel && !one.labels?.length)
  .map((one) => one.outerHTML)"""
"""Controls that a screen reader could not name."""
