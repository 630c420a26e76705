"""The protocol's document in a real browser: search, folded cards, and drawings that hold their texts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from relevo.protocol import Language, Protocol
from relevo.protocol.render.document import write_document
from relevo.protocol.render.html import page as html_of

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).resolve().parents[1] / "output"

TEXTS_BEYOND_THEIR_BOX = """() => {
  const beyond = [];
  for (const svg of document.querySelectorAll('.picture svg')) {
    if (!svg.getClientRects().length) continue;
    const boxes = [...svg.querySelectorAll('rect')].map((box) => box.getBoundingClientRect());
    for (const text of svg.querySelectorAll('text:not(.flow-label)')) {
      const at = text.getBoundingClientRect();
      const isInside = (box) => box.left <= at.left && at.right <= box.right + 0.5 && box.top - 1 <= at.top && at.bottom <= box.bottom + 1;
      if (!boxes.some(isInside)) beyond.push(text.textContent);
    }
  }
  return beyond;
}"""  # noqa: E501


@pytest.fixture(params=["en", "es"])
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


@pytest.fixture
async def page(
    chromium: Browser, protocol: Protocol, language: Language, tmp_path: Path
) -> AsyncIterator[Page]:
    """The document as a file; an error in its script or a breach of its policy fails the test."""
    file = tmp_path / "protocol.html"
    file.write_text(html_of(write_document(protocol, language, date(2026, 12, 1))), encoding="utf-8")
    failures: list[str] = []
    page = await chromium.new_page(viewport={"width": 1280, "height": 900})
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda line: failures.append(line.text))
    await page.goto(file.as_uri())
    yield page
    await page.close()
    assert failures == []


async def test_search_leaves_what_holds_all_words_and_ends_with_escape(
    page: Page, protocol: Protocol, language: Language
) -> None:
    title = protocol.topics["track_order"].title.in_language(language)
    sections = page.locator("[data-section]")
    everything = await sections.count()
    # In capitals and without accents, as people type in a hurry.
    await page.get_by_test_id("search").fill(title.upper())
    await expect(page.locator("#protocol-found")).not_to_be_empty()
    await expect(page.locator("#topic-track_order")).to_be_visible()
    await expect(page.locator("#topic-newsletter_subscription")).to_be_hidden()
    await page.get_by_test_id("search").fill("xyzzy")
    await expect(page.locator("[data-section]:visible")).to_have_count(0)
    await page.get_by_test_id("search").press("Escape")
    await expect(page.locator("[data-section]:visible")).to_have_count(everything)
    await expect(page.locator("details.fold[open]")).to_have_count(0)


async def test_the_chart_names_everyone_and_is_pictured(
    page: Page, protocol: Protocol, language: Language
) -> None:
    chart = page.locator(".picture svg").first
    await chart.scroll_into_view_if_needed()
    for person in protocol.roster.people.values():
        await expect(chart).to_contain_text(person.name.split()[0])
    PICTURES.mkdir(exist_ok=True)
    if language == protocol.company.default_language:
        await page.screenshot(path=PICTURES / "protocol.png")


async def test_a_link_opens_what_is_folded(page: Page, protocol: Protocol) -> None:
    trigger = protocol.contingency.triggers[-1]
    card = page.locator(f"#trigger-{trigger.id}")
    await expect(card).not_to_have_attribute("open", "")
    await page.locator(f"#overview a[href='#trigger-{trigger.id}']").click()
    await expect(card).to_have_attribute("open", "")
    await expect(card).to_be_in_viewport()


async def test_no_text_of_a_drawing_leaves_its_box_and_no_page_is_wider_than_its_screen(page: Page) -> None:
    for width in (1280, 768, 360):
        await page.set_viewport_size({"width": width, "height": 900})
        assert await page.evaluate(TEXTS_BEYOND_THEIR_BOX) == []
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def test_everything_is_open_on_paper(page: Page) -> None:
    await page.emulate_media(media="print")
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    await expect(page.locator("details.fold:not([open])")).to_have_count(0)
    await expect(page.get_by_test_id("search")).to_be_hidden()
    await page.evaluate("dispatchEvent(new Event('afterprint'))")
    await expect(page.locator("details.fold[open]")).to_have_count(0)
