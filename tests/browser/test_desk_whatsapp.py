"""What the desk's page shows by itself of a conversation on WhatsApp: ticks, and files that were fetched."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis.asyncio as redis
from desk_site import NOW, PASSWORD, Site, open_case, serve_desk
from PIL import Image
from playwright.async_api import Browser, Page, expect

from relevo.channels.whatsapp.messages import Messages
from relevo.sending.outgoing import Outgoing
from relevo.store.attachment_book import AttachmentBook
from relevo.store.customers import Customer, Customers
from relevo.store.keys import ConversationKeys
from relevo.store.remote_files import RemoteFile, RemoteFiles

pytestmark = pytest.mark.browser


@pytest.fixture
async def site(redis_client: redis.Redis, tmp_path: Path) -> AsyncIterator[Site]:
    async with serve_desk(redis_client, data_dir=tmp_path) as site:
        yield site


@pytest.fixture
async def page(site: Site, chromium: Browser) -> AsyncIterator[Page]:
    """A supervisor's page; an error in a script or a breach of the content policy fails the test."""
    await site.desk.users.add("ana", "Ana", PASSWORD)
    context = await chromium.new_context(base_url=site.url, locale="es-MX")
    failures: list[str] = []
    page = await context.new_page()
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda line: failures.append(line.text) if "Content Security" in line.text else None)
    await page.goto("/login")
    await page.fill("#name", "ana")
    await page.fill("#password", PASSWORD)
    await page.click("[data-testid=login-form] button")
    await page.wait_for_url("**/")
    yield page
    assert failures == []


async def test_ticks_and_files_come_to_the_open_page(site: Site, page: Page) -> None:
    file = RemoteFile("media-1", "image", NOW)
    for event in (
        {
            "event": "user",
            "text": "📷 Foto",
            "message_id": "wamid.in1",
            "metadata": {"media": {"id": file.id}},
        },
        {"event": "bot", "text": "Gracias, ya la recibí.", "metadata": {}},
    ):
        entry = json.dumps({**event, "timestamp": NOW})
        await site.client.xadd(ConversationKeys("c1").log, {"e": entry})
    await RemoteFiles(site.client).expect([("c1", file)], file.at)
    case = await open_case(site)
    await page.goto(f"/cases/{case.folio}")
    await expect(page.locator("[data-file]")).to_contain_text("viene en camino")
    await expect(page.get_by_test_id("tick")).to_be_hidden()

    message = Outgoing("wamid.in1:0/0", "c1", "whatsapp", {"type": "text"}, NOW)
    await Customers(site.client).note("c1", Customer("whatsapp", "1055", "5215512345678", NOW))
    await Messages(site.client).note_sent("c1", "wamid.out1", message)
    await expect(page.get_by_test_id("tick")).to_have_text("Enviado")
    await Messages(site.client).note_status("c1", "wamid.out1", "read", NOW)
    await expect(page.get_by_test_id("tick")).to_have_text("Leído")

    picture = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(picture, "PNG")
    kept = await AttachmentBook.of_folder(site.client, site.desk.settings.data_dir).files.keep(
        picture.getvalue(), ""
    )
    await RemoteFiles(site.client).settle("c1", replace(file, state="kept", attachment=kept))
    shown = page.locator("[data-file] img")
    await expect(shown).to_be_visible()
    await expect(shown).to_have_js_property("naturalWidth", 60)
