"""Pictures and documents in the chat: picked, pasted and dropped, shown, saved, refused."""

from __future__ import annotations

import io

import pytest
from chat_page import ChatPage, open_chat
from PIL import Image
from playwright.async_api import BrowserContext, FilePayload, expect
from widget_site import WidgetSite

pytest_plugins = ["widget_fixtures"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PDF = FilePayload(name="ticket año.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7 ticket")

HAND_OVER = """([event, name, type, size]) => {
  const target = document.querySelector('relevo-chat').shadowRoot.querySelector('textarea');
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(size)], name, { type }));
  const about = { bubbles: true, cancelable: true, composed: true };
  target.dispatchEvent(event === 'paste' ? new ClipboardEvent(event, { ...about, clipboardData: data })
    : new DragEvent(event, { ...about, dataTransfer: data }));
}"""
"""Pastes or drops a file of zeros on the text field."""


def picture(width: int = 600, height: int = 300) -> FilePayload:
    data = io.BytesIO()
    Image.new("RGB", (width, height), "#c33").save(data, "PNG")
    return FilePayload(name="broken.png", mimeType="image/png", buffer=data.getvalue())


async def test_a_picked_picture_is_sent_with_the_words_and_shown(
    chat: ChatPage, widget_site: WidgetSite
) -> None:
    await chat.part("picker").set_input_files([picture()])
    await expect(chat.part("chip")).to_have_accessible_name("Remove broken.png")
    assert widget_site.posted("attachments") == []  # it waits for "send"
    await chat.type("it came like this")
    await expect(chat.part("tick")).to_have_count(2)
    assert widget_site.posted("attachments") == ["broken.png"]
    await expect(chat.part("picture")).to_have_js_property("width", 240)
    await expect(chat.part("picture")).to_have_accessible_name("broken.png")


async def test_after_a_reload_pictures_are_fetched_with_the_token_in_the_header(
    customer: BrowserContext, widget_site: WidgetSite
) -> None:
    # The strictest page: it allows no image at all, from nowhere.
    chat = await open_chat(customer, widget_site.page("strict", open="true", language="en"))
    await chat.part("picker").set_input_files([picture(), PDF])
    await chat.part("send").click()
    await expect(chat.part("tick")).to_have_count(2)
    await chat.page.reload()
    await expect(chat.part("picture")).to_have_js_property("height", 120)
    await expect(chat.part("picture")).to_be_in_viewport()
    async with chat.page.expect_download() as download:
        await chat.part("file").last.click()
    assert (await (await download.value).path()).read_bytes() == PDF["buffer"]
    assert not [address for address in widget_site.addresses if "token" in address]
    assert chat.failures == []


async def test_files_can_be_pasted_and_dropped_and_taken_back(
    chat: ChatPage, widget_site: WidgetSite
) -> None:
    await chat.page.evaluate(HAND_OVER, ["paste", "a.pdf", "application/pdf", 99])
    await chat.page.evaluate(HAND_OVER, ["drop", "b.pdf", "application/pdf", 99])
    await expect(chat.part("chip")).to_have_text(["a.pdf ✕", "b.pdf ✕"])
    await expect(chat.part("input")).to_be_focused()
    await chat.part("chip").first.click()
    await chat.part("send").click()
    await expect(chat.messages("customer")).to_contain_text("b.pdf")
    await expect(chat.part("tick")).to_have_count(1)
    assert widget_site.posted("attachments") == ["b.pdf"]


async def test_what_the_server_would_refuse_is_not_sent(chat: ChatPage) -> None:
    refused = {
        "a.exe": ("application/x-msdownload", 9),
        "a.png": ("image/png", 5_000_001),
        "a.pdf": ("application/pdf", 10_000_001),
    }
    for name, (kind, size) in refused.items():
        await chat.page.evaluate(HAND_OVER, ["drop", name, kind, size])
        await expect(chat.part("line").filter(has_text=f"{name} can't be sent")).to_have_count(1)
    await expect(chat.part("chip")).to_have_count(0)


async def test_a_file_waits_for_the_network(
    chat: ChatPage, customer: BrowserContext, widget_site: WidgetSite
) -> None:
    await chat.say("hello")
    await customer.set_offline(True)
    await chat.part("picker").set_input_files([PDF])
    await chat.part("send").click()
    await expect(chat.page.locator('[data-state="pending"]')).to_contain_text("ticket año.pdf")
    await customer.set_offline(False)
    await expect(chat.part("tick")).to_have_count(2)
    assert widget_site.posted("attachments") == ["ticket%20a%C3%B1o.pdf"]
