"""The chat on strict and hostile pages and on phones, by keyboard and for screen readers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from chat_page import ChatPage, open_chat
from playwright.async_api import Browser, BrowserContext, FilePayload, expect
from widget_site import WidgetSite

pytest_plugins = ["widget_fixtures"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "tests" / "output"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {
    "viewport": {"width": 375, "height": 720},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
DESKTOP = {"viewport": {"width": 1000, "height": 760}}
VIEWS: dict[str, dict[str, Any]] = {
    "desktop": {**DESKTOP, "language": "en"},
    "dark": {**DESKTOP, "language": "en", "color_scheme": "dark"},
    "spanish": {**DESKTOP, "language": "es"},
    "phone": {**PHONE, "language": "es"},
    "zoomed": {"viewport": {"width": 500, "height": 380}, "language": "en"},
}
"""Each a browser's settings; `zoomed` is what is left of 1000 x 760 at 200 %."""
SAID = {
    "en": (
        "Where is my order?",
        "*On its way*: it arrives on Thursday.\n- Details: https://shop.example",
        "Thanks!",
    ),
    "es": (
        "¿Dónde está mi pedido?",
        "*Va en camino*: llega el jueves.\n- Detalles: https://shop.example",
        "¡Gracias!",
    ),
}
TICKET = FilePayload(name="ticket.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7")
UNDER_THE_MINIMUM = """() => {
  const root = document.querySelector('relevo-chat').shadowRoot;
  const targets = [...root.querySelectorAll('button, input, textarea')];
  return targets.map((target) => [target.outerHTML, target.getBoundingClientRect()])
    .filter(([, { width, height }]) => width && (width < 24 || height < 24)).map(([html]) => html);
}"""
"""Targets smaller than WCAG 2.2 asks for (2.5.8)."""
PLACES = """() => {
  const elements = [...document.querySelector('relevo-chat').shadowRoot.querySelectorAll('[part]')];
  const look = ({ color, font, visibility, letterSpacing }) => [color, font, visibility, letterSpacing];
  return Object.fromEntries(elements.map((element) => [
    element.getAttribute('part'),
    [JSON.stringify(element.getBoundingClientRect()), ...look(getComputedStyle(element))],
  ]));
}"""
"""Where each part is, and how it looks."""


async def fill(chat: ChatPage, site: WidgetSite, language: str) -> None:
    """Everything that the chat can show."""
    question, answer, thanks = SAID[language]
    await chat.say(question)
    talk = site.conversation
    talk.tell({"type": "read", "position": talk.position(2)})
    site.say(answer)
    talk.keep({"type": "status", "status": "waiting", "folio": "RV-7K3M-9QXT", "place": 2})
    talk.keep({"type": "status", "status": "claimed", "agent": "Ana"})
    site.say(answer, author="agent", agent="Ana")
    card = {"folio": "RV-7K3M-9QXT", "starts_at": 1_764_000_000, "calendar_url": "follow-ups/calendar"}
    talk.keep({"type": "follow_up", "label": "", **card})
    talk.keep({"type": "rating", "folio": "RV-7K3M-9QXT"})
    site.refusals.append((413, {"code": "too_large", "message": answer}))
    await chat.type(thanks)
    site.say(thanks, quick_replies=[{"title": thanks, "payload": "/thank"}])
    await expect(chat.part("retry")).to_be_visible()
    await expect(chat.part("quick-reply")).to_be_visible()
    await chat.part("picker").set_input_files(TICKET)
    await chat.page.get_by_label("4").check()
    await expect(chat.part("comment")).to_be_visible()


@pytest.mark.parametrize("view", VIEWS)
async def test_an_audit_of_everything_shown_finds_nothing(
    widget_browser: Browser, widget_site: WidgetSite, view: str
) -> None:
    if not AXE.exists() and not os.environ.get("RELEVO_BROWSER_REQUIRED"):
        pytest.skip("axe-core is not installed (npm ci)")
    settings = dict(VIEWS[view])
    language = settings.pop("language")
    context = await widget_browser.new_context(**settings, reduced_motion="reduce")
    chat = await open_chat(context, widget_site.demo_page(language))
    await chat.page.evaluate(AXE.read_text(encoding="utf-8"))
    await chat.page.evaluate("document.querySelector('relevo-chat').open()")  # on small screens it waits
    await fill(chat, widget_site, language)
    assert await violations(chat) == []
    await chat.part("close").click()
    assert await violations(chat) == []
    await chat.part("launcher").click()
    assert await chat.page.evaluate(UNDER_THE_MINIMUM) == []
    assert await chat.part("log").evaluate("log => log.scrollWidth - log.clientWidth") == 0
    await chat.part("log").evaluate("log => log.scrollTo(0, 0)")
    PICTURES.mkdir(exist_ok=True)
    await chat.page.screenshot(path=PICTURES / f"widget-{view}.png")
    assert chat.failures == []
    await context.close()


async def violations(chat: ChatPage) -> list[tuple[str, str]]:
    """What axe-core finds against its rules and WCAG 2.2 AA: the rule, and where."""
    found = await chat.page.evaluate("axe.run()")
    return [(rule["id"], node["html"]) for rule in found["violations"] for node in rule["nodes"]]


async def test_a_page_without_any_style_or_image_or_string_of_html_has_the_whole_chat(
    customer: BrowserContext, widget_site: WidgetSite
) -> None:
    chat = await open_chat(customer, widget_site.page("strict", open="true", language="en"))
    await fill(chat, widget_site, "en")
    header = chat.part("header")
    assert await header.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(91, 58, 158)"
    assert chat.failures == []


async def test_a_page_with_hostile_styles_changes_nothing(
    customer: BrowserContext, widget_site: WidgetSite
) -> None:
    looks = []
    for kind in ("plain", "hostile"):
        chat = await open_chat(customer, widget_site.page(kind, open="true", language="en"))
        await chat.page.emulate_media(reduced_motion="reduce")
        await expect(chat.messages("bot")).to_have_count(1)
        looks.append(await chat.page.evaluate(PLACES))
        await chat.part("close").click()
        await chat.part("launcher").click()
        await expect(chat.part("input")).to_be_focused()
    assert looks[0] == looks[1]


async def test_a_page_themes_the_chat_by_variables(chat: ChatPage) -> None:
    await chat.page.add_style_tag(
        content="relevo-chat { --accent: rgb(0, 90, 60); --radius: 0; --right: 50px }"
    )
    header, panel = chat.part("header"), chat.part("panel")
    assert await header.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(0, 90, 60)"
    assert await panel.evaluate("e => getComputedStyle(e).borderRadius") == "0px"
    assert await panel.evaluate("e => innerWidth - e.getBoundingClientRect().right") == 50


async def test_the_whole_chat_works_by_keyboard(customer: BrowserContext, widget_site: WidgetSite) -> None:
    chat = await open_chat(customer, widget_site.page(language="en"))
    press = chat.page.keyboard.press
    await press("Tab")
    await expect(chat.part("launcher")).to_be_focused()
    await press("Enter")
    await expect(chat.part("input")).to_be_focused()
    await chat.page.keyboard.type("first line")
    await press("Shift+Enter")
    await chat.page.keyboard.type("second line")
    await press("Enter")
    await expect(chat.messages("customer")).to_contain_text("first line\nsecond line", use_inner_text=True)
    # Its own words are shown before they have arrived; the answer must come after them.
    await expect(chat.page.get_by_role("img", name="Delivered")).to_be_visible()
    widget_site.say("Really?", quick_replies=[{"title": "Yes", "payload": "/affirm"}])
    await expect(chat.part("quick-reply")).to_be_visible()
    await press("Shift+Tab")  # the paper clip
    await press("Shift+Tab")  # a person
    await press("Shift+Tab")
    await expect(chat.part("quick-reply")).to_be_focused()
    await press("Space")
    await expect(chat.part("input")).to_be_focused()
    widget_site.conversation.keep({"type": "rating", "folio": "RV-7K3M-9QXT"})
    await chat.page.get_by_label("3 of 5 stars").focus()
    await press("Space")
    await press("ArrowRight")
    await press("Tab")
    await expect(chat.part("comment")).to_be_focused()
    await press("Tab")
    await press("Enter")
    await expect(chat.part("card")).to_have_text("Thank you for your rating!")
    assert widget_site.posted("rating") == [{"score": 4}]
    await press("Escape")
    await expect(chat.part("panel")).to_be_hidden()
    await expect(chat.part("launcher")).to_be_focused()


async def test_on_a_phone_the_chat_fills_the_screen_and_holds_the_focus(
    widget_browser: Browser, widget_site: WidgetSite
) -> None:
    context = await widget_browser.new_context(**PHONE, reduced_motion="reduce")
    chat = await open_chat(context, widget_site.page(language="es", open="true"))
    await chat.part("launcher").click()  # unasked it would have covered the page
    assert await chat.part("panel").bounding_box() == {"x": 0, "y": 0, "width": 375, "height": 720}
    for _ in range(12):
        await chat.page.keyboard.press("Tab")
        # The browser's own bar may be among the stops, but never the page behind.
        assert await chat.page.evaluate("['RELEVO-CHAT', 'BODY'].includes(document.activeElement.tagName)")
    await chat.part("close").click()
    await expect(chat.part("launcher")).to_be_focused()
    await context.close()


async def test_screen_readers_hear_what_comes_and_who_says_it(
    chat: ChatPage, widget_site: WidgetSite
) -> None:
    await chat.say("hello")
    widget_site.conversation.keep({"type": "status", "status": "waiting", "place": 2})
    await expect(chat.page.get_by_role("dialog", name="Casa Jacaranda")).to_be_visible()
    log = chat.page.get_by_role("log", name="Conversation")
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(log).to_contain_text("You")
    await expect(log).to_contain_text("Virtual assistant")
    states = chat.page.get_by_role("status")
    await expect(states.first).to_contain_text("number 2 in line")
    await expect(log).to_have_attribute("aria-busy", "false")
