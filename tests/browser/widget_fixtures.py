"""Fixtures for the chat widget's tests: one browser for all of them, a server each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from chat_page import ChatPage, open_chat
from conftest import CHROMIUM_FLAGS
from playwright.async_api import Browser, BrowserContext, async_playwright, expect
from widget_site import WidgetSite, serve_widget


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def widget_browser(chromium_path: str) -> AsyncIterator[Browser]:
    """The machine's Chromium, started once: a new context is as good as a new browser, and faster."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
def report(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Tells a measured figure at the end of the run."""
    return lambda figure: record_property("chat widget", figure)


@pytest_asyncio.fixture(loop_scope="session")
async def widget_site() -> AsyncIterator[WidgetSite]:
    async with serve_widget() as site:
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def customer(widget_browser: Browser) -> AsyncIterator[BrowserContext]:
    """One person's browser, with nothing stored; its tabs share what they store."""
    context = await widget_browser.new_context(locale="en-US", viewport={"width": 1000, "height": 760})
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def chat(customer: BrowserContext, widget_site: WidgetSite) -> AsyncIterator[ChatPage]:
    """A tab with the chat open, greeted; a failed script or a breach of policy fails the test."""
    chat = await open_chat(customer, widget_site.page(open="true", language="en", title="Casa Jacaranda"))
    await expect(chat.messages("bot")).to_have_count(1)
    yield chat
    assert chat.failures == []
