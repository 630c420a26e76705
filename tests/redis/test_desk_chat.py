"""What the desk shows of the customer's chat: files, receipts, and that somebody types; and what it tells."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import get_args

import pytest
import redis.asyncio as redis
from builders import hearing
from desk_site import NOW, Browser, Site, open_case, serve_desk
from PIL import Image

from relevo.cases.case import Case
from relevo.channels.whatsapp.messages import Messages
from relevo.sending.carrier import Refused
from relevo.sending.failures import Failures
from relevo.sending.outgoing import Outgoing
from relevo.store.attachment_book import AttachmentBook
from relevo.store.attachment_content import Kind
from relevo.store.attachments import Attachment
from relevo.store.customers import Customer, Customers
from relevo.store.keys import ConversationKeys
from relevo.store.out_stream import OutStream
from relevo.store.outbox import OutboxWriter, says
from relevo.store.receipts import Receipts
from relevo.store.remote_files import Problem, RemoteFile, RemoteFiles


@pytest.fixture
async def site(redis_client: redis.Redis, tmp_path: Path) -> AsyncIterator[Site]:
    async with serve_desk(redis_client, data_dir=tmp_path) as site:
        yield site


@pytest.fixture
async def ana(site: Site) -> Browser:
    return await site.signed_in("ana", **{"accept-language": "en"})


async def a_claimed_case(site: Site, ana: Browser) -> Case:
    case = await open_case(site)
    await ana.post(f"/cases/{case.folio}/claim")
    return case


async def has_sent_file(site: Site, data: bytes, name: str) -> Attachment:
    """The customer has sent a file, and the bot has its note of it."""
    book = AttachmentBook.of_folder(site.client, site.desk.settings.data_dir)
    attachment = await book.files.keep(data, name)
    await book.enter("c1", attachment)
    event = {"event": "user", "text": attachment.name, "timestamp": NOW}
    note = {**event, "metadata": {"attachment": asdict(attachment)}}
    await site.client.xadd(ConversationKeys("c1").log, {"e": json.dumps(note)})
    return attachment


async def has_answered(site: Site, text: str) -> str:
    """The clock has delivered a person's words, to the stream and to the log; where they stand."""
    [event] = OutboxWriter("c1", "webchat").message([says(text, agent="Ana")], now=NOW).events
    stream = OutStream(site.client, "c1")
    await stream.post(event["metadata"]["key"], {"type": "message", "author": "agent", "text": text})
    await site.client.xadd(ConversationKeys("c1").log, {"e": json.dumps({**event, "timestamp": NOW})})
    return await stream.last_position()


def a_picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "purple").save(file, "PNG")
    return file.getvalue()


async def test_picture_is_shown_in_the_conversation(site: Site, ana: Browser) -> None:
    case, data = await a_claimed_case(site, ana), a_picture()
    picture = await has_sent_file(site, data, "recibo <b>.png")
    page = await ana.page(f"/cases/{case.folio}")
    address = f"/conversations/c1/files/{picture.id}"
    assert f'<img src="{address}"' in page
    assert "recibo &lt;b&gt;.png" in page
    assert "1 kB" in page
    shown = await ana.get(address)
    assert (shown.content, shown.headers["content-type"]) == (data, "image/png")
    assert shown.headers["content-disposition"].startswith("inline; filename*=UTF-8''recibo%20")
    assert shown.headers["content-security-policy"].startswith("sandbox")
    assert shown.headers["x-content-type-options"] == "nosniff"


async def test_pdf_is_saved_not_opened(site: Site, ana: Browser) -> None:
    pdf = await has_sent_file(site, b"%PDF-1.7\n%%EOF", "factura.pdf")
    shown = await ana.get(f"/conversations/c1/files/{pdf.id}")
    assert shown.headers["content-disposition"] == "attachment; filename*=UTF-8''factura.pdf"


async def test_file_is_for_people_who_are_signed_in_and_of_its_conversation_only(
    site: Site, ana: Browser
) -> None:
    picture = await has_sent_file(site, a_picture(), "foto.png")
    stranger = site.browser()
    assert (await stranger.get(f"/conversations/c1/files/{picture.id}")).status_code == 303
    assert (await ana.get(f"/conversations/c2/files/{picture.id}")).status_code == 404
    assert (await ana.get("/conversations/c1/files/..%2f..%2fsecret")).status_code == 404


async def has_sent_on_whatsapp(site: Site, kind: str = "image") -> RemoteFile:
    """The customer has sent a file on WhatsApp, and the bot has its note of it."""
    file = RemoteFile("media-1", kind, NOW)
    await RemoteFiles(site.client).expect([("c1", file)], file.at)
    event = {"event": "user", "text": "📷 Foto", "timestamp": NOW, "metadata": {"media": {"id": file.id}}}
    await site.client.xadd(ConversationKeys("c1").log, {"e": json.dumps(event)})
    return file


async def is_fetched(site: Site, file: RemoteFile, data: bytes) -> Attachment:
    book = AttachmentBook.of_folder(site.client, site.desk.settings.data_dir)
    kept = await book.files.keep(data, "", kinds=get_args(Kind))
    await book.will_forget("c1", kept)
    await RemoteFiles(site.client).settle("c1", replace(file, state="kept", attachment=kept))
    return kept


async def test_file_from_whatsapp_is_shown_once_it_was_fetched(site: Site, ana: Browser) -> None:
    case, file = await a_claimed_case(site, ana), await has_sent_on_whatsapp(site)
    assert "The file is on its way" in await ana.page(f"/cases/{case.folio}")
    kept = await is_fetched(site, file, a_picture())
    for page in (f"/cases/{case.folio}", "/conversations/c1"):
        shown = await ana.page(page)
        assert f'<img src="/conversations/c1/files/{kept.id}"' in shown
        assert "on its way" not in shown


async def test_voice_note_is_played_part_by_part(site: Site, ana: Browser) -> None:
    case, file = await a_claimed_case(site, ana), await has_sent_on_whatsapp(site, "audio")
    data = b"OggS" + bytes(range(200))
    address = f"/conversations/c1/files/{(await is_fetched(site, file, data)).id}"
    assert f'<audio src="{address}" controls' in await ana.page(f"/cases/{case.folio}")
    part = await ana.get(address, range="bytes=4-9")
    assert (part.status_code, part.content) == (206, data[4:10])
    assert part.headers["content-range"] == "bytes 4-9/204"
    assert (await ana.get(address, range="bytes=x-")).status_code == 400
    assert (await ana.get(address)).headers["content-disposition"].startswith("inline")


@pytest.mark.parametrize("problem", get_args(Problem))
async def test_desk_says_why_a_file_can_not_be_had_in_both_languages(
    site: Site, ana: Browser, problem: Problem
) -> None:
    case, file = await a_claimed_case(site, ana), await has_sent_on_whatsapp(site)
    await RemoteFiles(site.client).settle("c1", replace(file, state="failed", problem=problem))
    told = []
    for language in ("en", "es"):
        await ana.get(f"/language/{language}")
        page = await ana.page(f"/cases/{case.folio}")
        told.append(page.split('data-testid="file-problem">')[1].split("<")[0])
    assert all(len(text) > 40 for text in told)
    assert told[0] != told[1]


async def test_open_page_gets_the_file_as_soon_as_it_was_fetched(site: Site, ana: Browser) -> None:
    case, file = await a_claimed_case(site, ana), await has_sent_on_whatsapp(site)
    async with ana.http.stream("GET", f"/events/cases/{case.folio}", timeout=10) as stream:
        lines = stream.aiter_lines()
        while "on its way" not in await anext(lines):
            pass
        kept = await is_fetched(site, file, a_picture())
        while kept.id not in await asyncio.wait_for(anext(lines), 5):
            pass


async def has_said_on_whatsapp(site: Site, wamid: str = "wamid.out1") -> Outgoing:
    """The bot has answered a message of the customer's, and WhatsApp has taken the answer."""
    for event in (
        {"event": "user", "text": "¿Y mi silla?", "message_id": "wamid.in1", "timestamp": NOW},
        {"event": "bot", "text": "Llega el lunes.", "timestamp": NOW, "metadata": {}},
    ):
        await site.client.xadd(ConversationKeys("c1").log, {"e": json.dumps(event)})
    message = Outgoing("wamid.in1:0/0", "c1", "whatsapp", {"type": "text"}, NOW, "Llega el lunes.")
    await Customers(site.client).note("c1", Customer("whatsapp", "1055", "5215512345678", NOW))
    await Messages(site.client).note_sent("c1", wamid, message)
    return message


def tick_of(page: str) -> str:
    return page.split('data-testid="tick"')[1].split(">")[1].split("<", maxsplit=1)[0]


async def test_what_was_said_on_whatsapp_has_its_ticks(site: Site, ana: Browser) -> None:
    case, message = await a_claimed_case(site, ana), await has_said_on_whatsapp(site)
    messages, told = Messages(site.client), []
    told.append(tick_of(await ana.page(f"/cases/{case.folio}")))
    for status in ("delivered", "read", "sent"):
        await messages.note_status("c1", "wamid.out1", status, NOW)
        told.append(tick_of(await ana.page(f"/cases/{case.folio}")))
    assert told == ["Sent", "Delivered", "Read", "Read"]
    await Failures(site.client, site.desk.protocol).hand_over(message, Refused("opted_out"), NOW)
    assert tick_of(await ana.page("/conversations/c1")).startswith("Not delivered: The customer has asked")
    await ana.get("/language/es")
    assert tick_of(await ana.page("/conversations/c1")).startswith("No entregado: El cliente pidió")


async def test_open_page_hears_of_ticks(site: Site, ana: Browser) -> None:
    case = await a_claimed_case(site, ana)
    await has_said_on_whatsapp(site)
    async with ana.http.stream("GET", f"/events/cases/{case.folio}", timeout=10) as stream:
        lines = stream.aiter_lines()
        while ">Sent</p>" not in await anext(lines):
            pass
        await Messages(site.client).note_status("c1", "wamid.out1", "read", NOW)
        while (line := await asyncio.wait_for(anext(lines), 5)) != (
            'data: <p data-key="wamid.in1:0" data-state="read">Read</p>'
        ):
            assert "Delivered" not in line


async def test_persons_words_are_marked_sent_delivered_and_read(site: Site, ana: Browser) -> None:
    case = await a_claimed_case(site, ana)
    position = await has_answered(site, "Ya lo reviso.")
    receipts = Receipts(site.client, "c1")
    pages = [await ana.page(f"/cases/{case.folio}")]
    await receipts.note_delivered(position)
    pages.append(await ana.page(f"/cases/{case.folio}"))
    await receipts.note_read(position)
    pages.append(await ana.page(f"/cases/{case.folio}"))
    assert [page.split('data-testid="receipt"')[1].split(">")[1].split("<")[0] for page in pages] == [
        "Sent",
        "Delivered",
        "Read",
    ]


async def test_open_page_hears_that_its_words_were_read(site: Site, ana: Browser) -> None:
    case = await a_claimed_case(site, ana)
    position = await has_answered(site, "Ya lo reviso.")
    async with ana.http.stream("GET", f"/events/cases/{case.folio}", timeout=10) as stream:
        lines = stream.aiter_lines()
        while "event: line" not in await anext(lines):
            pass
        await Receipts(site.client, "c1").note_read(position)
        while '"read"' not in (line := await asyncio.wait_for(anext(lines), 5)) or position not in line:
            pass


async def test_customer_hears_that_who_has_the_case_is_typing_and_nobody_else(
    site: Site, ana: Browser
) -> None:
    case = await a_claimed_case(site, ana)
    beto = await site.signed_in("beto")
    news = ConversationKeys("c1").news
    async with hearing(site.client, news) as heard:
        await beto.post(f"/cases/{case.folio}/work")
        await ana.post(f"/cases/{case.folio}/work")
        [(_, words)] = await heard()
    assert json.loads(words) == {"type": "typing", "author": "agent"}


async def test_customer_hears_that_who_has_the_case_has_read(site: Site, ana: Browser) -> None:
    case = await a_claimed_case(site, ana)
    await OutStream(site.client, "c1").post("m1", {"type": "message", "author": "customer", "text": "¿Y?"})
    beto = await site.signed_in("beto")
    await beto.page(f"/cases/{case.folio}")
    assert (await Receipts(site.client, "c1").seen()).agent == "0-0"
    await ana.page(f"/cases/{case.folio}")
    seen = await Receipts(site.client, "c1").seen()
    assert seen.agent == await OutStream(site.client, "c1").last_position()


async def test_rating_is_shown_with_its_words(site: Site, ana: Browser) -> None:
    case = await a_claimed_case(site, ana)
    await site.queue.close(case.folio, "Ana", NOW + 60)
    await site.queue.rate("c1", 2, "<i>Tardaron</i>", NOW + 90)
    page = await ana.page(f"/cases/{case.folio}")
    assert "2 of 5" in page
    assert "&lt;i&gt;Tardaron&lt;/i&gt;" in page
    assert "The customer gave 2 of 5" in page
