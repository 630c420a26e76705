"""The website chat's connector as browsers meet it: messages, events, receipts, files, ratings, limits."""

from __future__ import annotations

import asyncio
import io
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis.asyncio as redis
from builders import NOON, a_case, eventually
from chat_site import BASE, SHOP, ChatSite, Visitor, serve_chat
from PIL import Image

from relevo.cases.queue import CaseQueue
from relevo.channels.webchat import door, event_streams
from relevo.channels.webchat import files as files_module
from relevo.protocol import Protocol
from relevo.store import keys, live_entries
from relevo.store.out_stream import OutStream
from relevo.store.rate_limit import RateLimit
from relevo.store.receipts import Receipts


@pytest.fixture
async def site(redis_client: redis.Redis, redis_url: str, tmp_path: Path) -> AsyncIterator[ChatSite]:
    async with serve_chat(redis_client, redis_url, tmp_path) as site:
        yield site


@pytest.fixture
async def ana(site: ChatSite) -> Visitor:
    return await site.visitor()


def a_picture(kind: str = "PNG", side: int = 20) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (side, side), "purple").save(file, kind)
    return file.getvalue()


def a_pdf(size: int = 400) -> bytes:
    return b"%PDF-1.7\n" + b" " * (size - 16) + b"\n%%EOF\n"


async def said_by_person(site: ChatSite, conversation: str, key: str, text: str) -> None:
    entry = {"type": "message", "author": "agent", "agent": "Beto", "text": text}
    await OutStream(site.client, conversation).post(key, entry)


async def test_message_and_answer_come_to_the_open_page_in_order(ana: Visitor) -> None:
    async with ana.page() as page:
        greeting = await page.next()
        assert greeting["author"] == "bot"
        assert (await ana.say("Hola", "message-1")).status_code == 202
        assert (await ana.say("Hola", "message-1")).status_code == 202
        assert (await page.next())["client_id"] == "message-1"
        assert (await page.next())["text"] == "«Hola»"
        await ana.say("¿Sigues ahí?")
        assert (await page.next())["text"] == "¿Sigues ahí?"


async def test_page_reads_on_after_what_it_has_seen(ana: Visitor) -> None:
    async with ana.page() as page:
        await page.next()
        last_id = page.last_id
    await ana.say("Hola")
    async with ana.page(last_id) as page:
        assert (await page.next())["text"] == "Hola"


@pytest.mark.parametrize("last_id", ["99999999999999999999999-0", "1-18446744073709551616", "x", "-"])
async def test_page_with_an_impossible_position_is_given_everything(ana: Visitor, last_id: str) -> None:
    async with ana.page(last_id) as page:
        assert (await page.next())["author"] == "bot"


async def test_slow_reader_is_let_go_of_and_loses_nothing(
    site: ChatSite, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, port = site.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1_024)
    head = f"GET /webhooks/webchat/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ana.token}"
    writer.write(f"{head}\r\n\r\n".encode())
    await reader.readuntil(b"welcome")
    stream = OutStream(site.client, ana.conversation)
    streams = site.app.ctx.input_channels[0]._streams
    with monkeypatch.context() as slow:
        slow.setattr(event_streams, "SLOW_SECONDS", 0.2)
        for number in range(40):
            await stream.post(str(number), {"type": "message", "text": str(number) + "x" * 500_000})
        await eventually(lambda: not streams._open, 10)
    writer.close()
    async with ana.page() as page:
        texts = [entry["text"] for entry in [await page.next() for _ in range(41)]]
    assert texts[-1].startswith("39x")


async def test_conversation_has_so_many_pages_and_no_more(
    ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_streams, "MAX_OF_ONE", 1)
    async with ana.page() as page:
        await page.next()
        refused = await ana.site.http.get("/events", headers=ana.headers)
        assert refused.status_code == 429
        assert refused.headers["Retry-After"]


async def test_typing_is_heard_and_not_kept(site: ChatSite, ana: Visitor) -> None:
    async with ana.page() as page:
        await page.next()
        await ana.say("Hola")
        await page.until("message")
        await page.until("message")
        await OutStream(site.client, ana.conversation).show(live_entries.typing("agent"))
        assert await page.next() == {"type": "typing", "author": "agent"}
    async with ana.page() as page:
        assert [(await page.next())["type"] for _ in range(3)] == ["message"] * 3


async def test_persons_words_are_sent_then_delivered_then_read(site: ChatSite, ana: Visitor) -> None:
    receipts = Receipts(site.client, ana.conversation)
    await said_by_person(site, ana.conversation, "a1:0", "Ya lo reviso.")
    position = await OutStream(site.client, ana.conversation).last_position()
    assert (await receipts.seen()).receipt(position) == "sent"
    async with ana.page() as page:
        await page.next()
        await page.next()
        await eventually(lambda: _is(receipts, position, "delivered"))
        assert (await ana.post("/read", {"position": page.last_id})).status_code == 204
    assert (await receipts.seen()).receipt(position) == "read"


async def test_customer_cant_have_read_what_is_not_there_yet(site: ChatSite, ana: Visitor) -> None:
    assert (await ana.post("/read", {"position": f"{2**64 - 1}-0"})).status_code == 204
    await said_by_person(site, ana.conversation, "a1:0", "Ya lo reviso.")
    position = await OutStream(site.client, ana.conversation).last_position()
    seen = await Receipts(site.client, ana.conversation).seen()
    assert seen.receipt(position) == "sent"


async def test_receipt_goes_only_forward(site: ChatSite, ana: Visitor) -> None:
    for key in ("a1:0", "a2:0"):
        await said_by_person(site, ana.conversation, key, "Hola")
    positions = list((await OutStream(site.client, ana.conversation).positions_of(["a1:0", "a2:0"])).values())
    for position in reversed(positions):
        await ana.post("/read", {"position": position})
    assert (await Receipts(site.client, ana.conversation).seen()).read == positions[1]


async def test_customer_hears_that_a_person_has_read_also_on_coming_back(
    site: ChatSite, ana: Visitor
) -> None:
    await ana.say("¿Hay alguien?", "message-1")
    async with ana.page() as page:
        await page.until("message")
        await page.until("message")
        await page.until("message")
        await Receipts(site.client, ana.conversation).note_read_at_desk()
        assert await page.until("read") == {"type": "read", "position": page.last_id}
    async with ana.page(page.last_id) as again:
        assert await again.next() == {"type": "read", "position": page.last_id}


async def test_customer_who_waits_hears_their_place_when_a_page_opens(
    site: ChatSite, ana: Visitor, protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_streams, "time", SimpleNamespace(time=lambda: NOON))
    queue = CaseQueue(site.client, protocol)
    await queue.open(a_case(1, target_at=NOON + 60), "c1")
    await queue.open(a_case(2, target_at=NOON + 90, conversation=ana.conversation), "c2")
    async with ana.page() as page:
        assert await page.until("place") == {"type": "place", "position": 2, "wait_minutes": None}


async def test_case_that_has_ended_can_be_rated(site: ChatSite, ana: Visitor, protocol: Protocol) -> None:
    assert (await ana.post("/rating", {"score": 5})).status_code == 409
    queue = CaseQueue(site.client, protocol)
    case, _ = await queue.open(a_case(1, conversation=ana.conversation), "c1")
    await queue.claim(case.folio, "Ana", NOON)
    await queue.close(case.folio, "Ana", NOON + 60)
    given = await ana.post("/rating", {"score": 4, "comment": " Muy\u202e amable "})
    assert given.status_code == 204
    rated = await queue.get(case.folio)
    assert (rated.rating, rated.rating_comment) == (4, "Muy amable")


@pytest.mark.parametrize(
    "body", [{"score": 0}, {"score": 6}, {"score": "5"}, {"score": True}, {}, {"score": 4.5}]
)
async def test_rating_is_one_to_five(ana: Visitor, body: dict[str, object]) -> None:
    assert (await ana.post("/rating", body)).status_code == 400


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_picture_is_shown_to_who_sent_it_and_to_nobody_else(
    site: ChatSite, ana: Visitor, kind: str
) -> None:
    data = a_picture(kind)
    assert (await ana.send_file(data, "../recibo de ayer.html", "file-0001")).status_code == 202
    async with ana.page() as page:
        entry = await page.until("attachment")
    assert entry["client_id"] == "file-0001"
    assert entry["name"].startswith("recibo de ayer.")
    assert (entry["kind"], entry["size"]) == ("image", len(data))
    shown = await site.http.get(f"/{entry['url']}", headers=ana.headers)
    assert (shown.status_code, shown.content) == (200, data)
    assert shown.headers["Content-Security-Policy"].startswith("sandbox")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    other = await site.visitor()
    assert (await site.http.get(f"/{entry['url']}", headers=other.headers)).status_code == 404
    assert (await site.http.get(f"/{entry['url']}")).status_code == 401


async def test_repeated_file_is_kept_once(site: ChatSite, ana: Visitor) -> None:
    for _ in range(2):
        assert (await ana.send_file(a_pdf(), "garantía.pdf", "file-0001")).status_code == 202
    assert await site.client.hlen(keys.ConversationKeys(ana.conversation).attachments) == 1
    kept = [file for file in (site.data_dir / "attachments").rglob("*") if file.is_file()]
    assert len(kept) == 1


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"<html><script>alert(1)</script>", 415),
        (b"\x89PNG\r\n\x1a\n broken", 415),
        (b"%PDF-1.7 without an end", 415),
        (b"MZ" + bytes(200), 415),
        (b"GIF89a", 415),
        (a_pdf(10_000_001), 413),
        (a_picture() + bytes(5_000_001), 413),
    ],
    ids=[
        "empty",
        "a page",
        "broken picture",
        "endless PDF",
        "a program",
        "GIF",
        "large PDF",
        "large picture",
    ],
)
async def test_what_is_no_picture_or_pdf_of_a_fair_size_is_refused_and_not_kept(
    site: ChatSite, ana: Visitor, data: bytes, status: int
) -> None:
    assert (await ana.send_file(data, "foto.png")).status_code == status
    assert not [file for file in site.data_dir.rglob("*") if file.is_file()]
    assert await site.client.zcard(keys.ATTACHMENTS) == 0


async def test_picture_that_unfolds_to_gigabytes_is_refused(ana: Visitor) -> None:
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(file, "PNG")
    assert len(file.getvalue()) < 100_000
    assert (await ana.send_file(file.getvalue())).status_code == 415


async def test_file_that_comes_too_slowly_is_given_up(
    site: ChatSite, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_module, "UPLOAD_SECONDS", 0.2)
    answer = await _slowly(
        site,
        f"POST /webhooks/webchat/attachments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ana.token}\r\n"
        "X-Client-Id: file-0001\r\nContent-Length: 5000\r\n\r\n%PDF-1.7",
    )
    assert answer.startswith(b"HTTP/1.1 408")
    assert not [file for file in site.data_dir.rglob("*") if file.is_file()]


async def test_message_that_comes_too_slowly_is_given_up(
    site: ChatSite, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "BODY_SECONDS", 0.2)
    answer = await _slowly(
        site,
        f"POST /webhooks/webchat/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ana.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{",
    )
    assert answer.startswith(b"HTTP/1.1 408")


async def _slowly(site: ChatSite, request: str) -> bytes:
    """All that is answered to a request that never ends, until the server closes."""
    host, port = site.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request.encode())
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


async def test_pages_of_allowed_origins_may_use_the_chat(site: ChatSite) -> None:
    asked = await site.http.options(
        "/messages", headers={"Origin": SHOP, "Access-Control-Request-Method": "POST"}
    )
    assert asked.status_code in (200, 204)
    assert asked.headers["Access-Control-Allow-Origin"] == SHOP
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in asked.headers
    begun = await site.http.post("/conversations", json={}, headers={"Origin": SHOP})
    assert begun.status_code == 201
    assert begun.headers["Access-Control-Allow-Origin"] == SHOP
    script = await site.http.get("/widget/relevo.js", headers={"Origin": SHOP})
    assert script.headers["Access-Control-Allow-Origin"] == SHOP
    assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://shop.example.evil.example", "http://shop.example"]
)
async def test_other_sites_pages_may_not(site: ChatSite, origin: str) -> None:
    asked = await site.http.options(
        "/messages", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
    )
    assert "Access-Control-Allow-Origin" not in asked.headers
    begun = await site.http.post("/conversations", json={}, headers={"Origin": origin})
    assert begun.status_code == 403
    assert "Access-Control-Allow-Origin" not in begun.headers


async def test_own_page_allows_no_style_or_script_but_its_files(site: ChatSite) -> None:
    rules = (await site.http.get("/")).headers["Content-Security-Policy"]
    assert "default-src 'self'" in rules
    assert "unsafe" not in rules
    assert "style-src" not in rules


async def test_own_page_may_use_the_chat(site: ChatSite) -> None:
    begun = await site.http.post("/conversations", json={}, headers={"Origin": site.url})
    assert begun.status_code == 201


async def test_stream_is_open_to_allowed_pages(site: ChatSite, ana: Visitor) -> None:
    headers = {**ana.headers, "Origin": SHOP}
    async with site.http.stream("GET", "/events", headers=headers, timeout=5) as stream:
        assert stream.headers["Access-Control-Allow-Origin"] == SHOP


async def test_requests_of_an_address_are_limited_over_all_its_conversations(
    site: ChatSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "REQUESTS", RateLimit("requests", 4, 60))
    ana, other = await site.visitor(), await site.visitor()
    assert [(await v.say("Hola")).status_code for v in (ana, other, ana)] == [202, 202, 429]
    elsewhere = {"X-Forwarded-For": "203.0.113.9"}
    body = {"id": str(uuid.uuid4()), "text": "Hola"}
    assert (await ana.post("/messages", body, **elsewhere)).status_code == 202


@pytest.mark.parametrize(
    "declared", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_body_that_is_declared_as_something_else_is_refused(
    site: ChatSite, ana: Visitor, declared: str
) -> None:
    headers = {**ana.headers, "Content-Type": declared}
    answer = await site.http.post(
        "/messages", content=b'{"id": "message-1", "text": "Hola"}', headers=headers
    )
    assert answer.status_code == 415


async def test_megabytes_for_a_message_are_refused_before_they_are_read(site: ChatSite, ana: Visitor) -> None:
    headers = {**ana.headers, "Content-Type": "application/json"}
    started = time.process_time()
    answer = await site.http.post("/messages", content=b" " * 11_000_000, headers=headers)
    assert answer.status_code == 413
    assert time.process_time() - started < 5


async def test_endless_body_is_refused(site: ChatSite, ana: Visitor) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 10_000

    headers = {**ana.headers, "Content-Type": "application/json"}
    answer = await site.http.post("/messages", content=pieces(), headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "head",
    [
        *(
            f"POST {BASE}/messages HTTP/1.1\r\nContent-Length: {length}"
            for length in ("abc", "-5", "1e3", "", "٣")
        ),
        f"POST {BASE}/messages HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3",
        f"POST {BASE}/messages HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked",
        f"POST {BASE}/messages HTTP/1.1\r\nContent-Length : 2",
        f"POST {BASE}/messages HTTP/1.1\r\nTransfer-Encoding: gzip",
        f"POST {BASE}/messages HTTP/9.9",
        "GET  HTTP/1.1",
        f"GET {BASE}/ñ HTTP/1.1",
        f"GET http://[::1{BASE}/ HTTP/1.1",
        f"GET {BASE}/widget/%00 HTTP/1.1",
        f"GET {BASE}/ HTTP/1.1\r\nno colon",
        f"GET {BASE}/ HTTP/1.1\r\n: no name",
        "\x16\x03\x01",
        f"POST {BASE}/messages HTTP/1.1\r\nOrigin: http://[::1",
    ],
)
async def test_malformed_head_is_refused_and_no_fault_of_ours(site: ChatSite, head: str) -> None:
    host, _, port = site.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"{head}\r\nHost: x\r\n\r\n{{}}".encode())
    answer = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    # On an address that can't even be read, Sanic hangs up.
    assert answer[9:12] in (b"400", b"403", b"")


async def _is(receipts: Receipts, position: str, expected: str) -> bool:
    return (await receipts.seen()).receipt(position) == expected
