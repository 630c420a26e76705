"""What customers send on WhatsApp besides words: fetched for the desk, once, and from nowhere else."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, after_each_command, client_of, eventually
from graph_api import TOKEN, VERSION, Served, serve_graph_api
from PIL import Image
from small_graph import whatsapp_settings

from relevo.channels.whatsapp.fetching import MAX_DAMAGED, MAX_EXPIRED, STOPPED_SECONDS, Fetcher
from relevo.channels.whatsapp.graph_api import GraphApi
from relevo.privacy.erasure import erase_conversation
from relevo.store import keys
from relevo.store.attachment_book import AttachmentBook
from relevo.store.attachments import FOLDER
from relevo.store.remote_files import RemoteFile, RemoteFiles
from relevo.whatsapp.stand_in.account import Token
from relevo.whatsapp.stand_in.faults import Fault

C1 = "wa-1"


def a_picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, "PNG")
    return file.getvalue()


def an_office_file(*parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for part in ("[Content_Types].xml", *parts):
            archive.writestr(part, "<x/>")
    return file.getvalue()


@dataclass
class Desk:
    """The fetcher, the stand-in where customers' files lie, and a clock that goes only when told."""

    client: redis.Redis
    folder: Path
    graph: Served
    now: float = NOON

    @property
    def book(self) -> AttachmentBook:
        return AttachmentBook.of_folder(self.client, self.folder)

    async def gets(self, data: bytes, kind: str = "image", mime: str = "image/png", **values: Any) -> str:
        """A customer's file is announced; its id."""
        media = self.graph.api.media.keep(data, mime, kind)
        digest = str(media.content()["sha256"])
        file = RemoteFile(media.id, kind, self.now, sha256=digest)
        await RemoteFiles(self.client).expect([(C1, replace(file, **values))], self.now)
        return media.id

    async def fetch(self, seconds: float = 0.0, url: str = "") -> None:
        """Time passes, and what is due is fetched by a fetcher that has just started."""
        self.now += seconds
        given = replace(whatsapp_settings(url or self.graph.url), token=TOKEN, version=VERSION)
        async with GraphApi(given) as api:
            await Fetcher(self.client, api, self.book, now=lambda: self.now).visit_due()

    async def file(self, media: str) -> RemoteFile:
        return (await RemoteFiles(self.client).all(C1))[media]

    @property
    def asked(self) -> list[str]:
        """What the API was asked for."""
        return [entry.path for entry in self.graph.app.ctx.requests]

    def files(self) -> list[Path]:
        return [path for path in (self.folder / FOLDER).rglob("*") if path.is_file()]


@pytest.fixture
async def desk(redis_client: redis.Redis, tmp_path: Path) -> AsyncIterator[Desk]:
    async with serve_graph_api() as graph:
        yield Desk(redis_client, tmp_path, graph)


@pytest.mark.parametrize(
    ("data", "kind", "mime", "kept"),
    [
        (a_picture(), "image", "image/png", "image"),
        (b"%PDF-1.7\n%%EOF", "document", "application/pdf", "pdf"),
        (b"OggS\0\2" + b"\0" * 40, "audio", "audio/ogg", "audio"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 40, "video", "video/mp4", "video"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 40, "audio", "audio/mp4", "audio"),
        (an_office_file("word/document.xml"), "document", "application/msword", "document"),
        ("Calle Ámbar 12\n".encode(), "document", "text/plain", "document"),
    ],
)
async def test_file_is_kept_as_what_it_is(desk: Desk, data: bytes, kind: str, mime: str, kept: str) -> None:
    file = await desk.file(media := await desk.gets(data, kind, mime))
    assert file.state == "waiting"
    await desk.fetch()
    known = (await desk.file(media)).attachment
    assert known
    assert known.kind == kept
    assert await desk.book.find(C1, known.id) == known
    assert desk.book.files.path(known.id).read_bytes() == data
    assert await desk.client.zcard(keys.REMOTE_FILES) == 0


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\0" + b"\0" * 60,
        an_office_file("word/document.xml", "word/vbaProject.bin"),
        an_office_file("classes.dex"),
        b"\0\1\2\3",
    ],
)
async def test_what_could_do_harm_is_not_kept(desk: Desk, data: bytes) -> None:
    media = await desk.gets(data, "document", "application/pdf", name="factura.pdf")
    await desk.fetch()
    assert (await desk.file(media)).problem == "wrong_type"
    assert desk.files() == []


async def test_page_is_kept_as_text_that_no_browser_runs(desk: Desk) -> None:
    media = await desk.gets(b"<script>alert(1)</script>", "document", "text/html", name="pedido.html")
    await desk.fetch()
    kept = (await desk.file(media)).attachment
    assert kept
    assert (kept.content_type, kept.name) == ("text/plain", "pedido.txt")


async def test_address_that_has_expired_is_asked_for_again(desk: Desk) -> None:
    desk.graph.api.media_faults.script(Fault("media_expired"))
    media = await desk.gets(a_picture())
    await desk.fetch()
    assert (await desk.file(media)).state == "waiting"
    await desk.fetch(1)
    assert len(desk.asked) == 1
    await desk.fetch(1)
    assert (await desk.file(media)).state == "kept"
    assert desk.asked == [f"/{VERSION}/{media}"] * 2


@pytest.mark.parametrize(
    ("fault", "tries", "problem"),
    [("media_expired", MAX_EXPIRED, "gone"), ("media_damaged", MAX_DAMAGED, "damaged")],
)
async def test_what_goes_wrong_again_and_again_is_given_up_with_the_reason(
    desk: Desk, fault: Any, tries: int, problem: str
) -> None:
    desk.graph.api.media_faults.script(Fault(fault), 100)
    media = await desk.gets(a_picture())
    for _ in range(tries + 2):
        await desk.fetch(3_600)
    assert (await desk.file(media)).problem == problem
    assert len(desk.asked) == tries
    assert desk.files() == []


@pytest.mark.parametrize("form", ["hex", "base64", "none"])
async def test_digest_is_known_in_each_form(desk: Desk, form: str) -> None:
    digest = hashlib.sha256(a_picture())
    told = {"hex": digest.hexdigest(), "base64": base64.b64encode(digest.digest()).decode(), "none": ""}
    media = await desk.gets(a_picture(), sha256=told[form])
    await desk.fetch()
    assert (await desk.file(media)).state == "kept"


async def test_other_file_than_the_one_announced_is_not_kept(desk: Desk) -> None:
    media = await desk.gets(a_picture(), sha256="00" * 32)
    await desk.fetch()
    assert (await desk.file(media)).tries == 1
    assert desk.files() == []


async def test_file_that_whatsapp_does_not_know_is_gone_at_once(desk: Desk) -> None:
    await RemoteFiles(desk.client).expect([(C1, RemoteFile("42", "image", NOON))], NOON)
    await desk.fetch()
    assert (await desk.file("42")).problem == "gone"


@pytest.mark.parametrize("media", ["..", "../messages", "a/b?c=d", "%2e%2e"])
async def test_id_leads_to_no_other_address_of_the_api(desk: Desk, media: str) -> None:
    await RemoteFiles(desk.client).expect([(C1, RemoteFile(media, "image", NOON))], NOON)
    await desk.fetch()
    assert (await desk.file(media)).state == "failed"
    assert all(path.count("/") <= 2 for path in desk.asked)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/x",
        "http://169.254.169.254/latest/meta-data",
        "https://lookaside.fbsbx.com.evil.example/x",
        "https://lookaside.fbsbx.com:8443/x",
        "http://lookaside.fbsbx.com/x",
        "https://user@lookaside.fbsbx.com/x",
        "file:///etc/passwd",
        "//x",
        "",
    ],
)
async def test_token_goes_nowhere_but_to_whatsapp(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    async def told(self: GraphApi, media_id: str) -> str:
        return address

    monkeypatch.setattr(GraphApi, "address_of", told)
    media = await desk.gets(a_picture())
    await desk.fetch()
    assert (await desk.file(media)).problem == "gone"


async def test_expired_token_costs_no_file(desk: Desk) -> None:
    media = await desk.gets(a_picture())
    desk.graph.api.account.token = Token("another")
    for _ in range(30):
        await desk.fetch(STOPPED_SECONDS)
    assert (await desk.file(media)).tries == 0
    desk.graph.api.account.token = Token(TOKEN)
    await desk.fetch(STOPPED_SECONDS)
    assert (await desk.file(media)).state == "kept"


async def test_api_that_is_away_is_tried_again_after_growing_pauses(desk: Desk) -> None:
    media = await desk.gets(a_picture())
    await desk.fetch(url="http://127.0.0.1:9")
    first = await desk.file(media)
    await desk.fetch(first.again_at - desk.now, url="http://127.0.0.1:9")
    second = await desk.file(media)
    assert (second.tries, second.again_at - desk.now) == (2, 2 * (first.again_at - NOON))
    await desk.fetch(second.again_at - desk.now)
    assert (await desk.file(media)).state == "kept"


async def test_fault_of_ours_is_tried_again_and_keeps_no_other_file_waiting(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = await desk.gets(a_picture()), await desk.gets(a_picture())
    before = GraphApi.address_of

    async def sometimes(self: GraphApi, media_id: str) -> str:
        if media_id == bad:
            raise KeyError("the customer's words")
        return await before(self, media_id)

    monkeypatch.setattr(GraphApi, "address_of", sometimes)
    await desk.fetch()
    assert [(await desk.file(media)).state for media in (bad, good)] == ["waiting", "kept"]
    assert (await desk.file(bad)).tries == 1


async def test_file_that_is_announced_twice_is_fetched_once(desk: Desk) -> None:
    media = await desk.gets(a_picture())
    await desk.fetch()
    await RemoteFiles(desk.client).expect([(C1, RemoteFile(media, "image", NOON))], NOON)
    await desk.fetch()
    assert len(desk.asked) == 1


async def test_file_is_fetched_whenever_the_fetcher_looks_while_it_is_announced(
    desk: Desk, redis_url: str
) -> None:
    media = desk.graph.api.media.keep(a_picture(), "image/png", "image").id
    async with client_of(redis_url) as client:
        after_each_command(client, desk.fetch)
        await RemoteFiles(client).expect([(C1, RemoteFile(media, "image", NOON))], NOON)
    await desk.fetch()
    assert (await desk.file(media)).state == "kept"


async def test_new_file_is_fetched_at_once_though_another_waits_for_its_next_try(desk: Desk) -> None:
    desk.graph.api.media_faults.script(Fault("media_expired"))
    await desk.gets(a_picture())
    await desk.fetch()
    media = await desk.gets(a_picture())
    await desk.fetch()
    assert (await desk.file(media)).state == "kept"


async def test_fetcher_that_died_before_it_noted_the_file_leaves_no_second_one(desk: Desk) -> None:
    media = await desk.gets(a_picture())
    waiting = await desk.file(media)
    await desk.fetch()
    names = keys.ConversationKeys(C1)
    async with RemoteFiles(desk.client).marks.around([C1], desk.now):
        await desk.client.hset(names.remote_files, media, json.dumps(waiting.__dict__))
    await desk.fetch()
    assert len(desk.files()) == 1
    assert await desk.client.hlen(names.attachments) == 1


async def test_file_of_a_customer_who_was_forgotten_meanwhile_is_forgotten_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.gets(a_picture())
    before = GraphApi.address_of

    async def slow(self: GraphApi, media_id: str) -> str:
        await erase_conversation(desk.client, C1)
        return await before(self, media_id)

    monkeypatch.setattr(GraphApi, "address_of", slow)
    await desk.fetch()
    assert desk.files() == []
    assert await desk.client.keys("*attachments*") == []


async def test_erased_customers_files_are_forgotten(desk: Desk) -> None:
    await desk.gets(a_picture())
    await desk.fetch()
    await desk.gets(b"%PDF-1.7\n%%EOF", "document", "application/pdf")
    await erase_conversation(desk.client, C1)
    assert await desk.client.keys(f"*{C1}*") == []
    assert await desk.client.zcard(keys.REMOTE_FILES) == 0
    await desk.book.forget_old(desk.now)
    assert desk.files() == []


async def test_running_fetcher_works_alone_and_stops_when_it_is_told(desk: Desk) -> None:
    media = await desk.gets(a_picture(), at=0.0)
    given = replace(whatsapp_settings(desk.graph.url), token=TOKEN, version=VERSION)
    async with GraphApi(given) as api:
        workers = [Fetcher(desk.client, api, desk.book) for _ in range(2)]
        running = [asyncio.create_task(worker.run()) for worker in workers]
        await eventually(lambda: is_kept(desk, media))
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    assert len(desk.asked) == 1
    assert not await desk.client.exists(keys.FETCHER)


async def is_kept(desk: Desk, media: str) -> bool:
    return (await desk.file(media)).state == "kept"


async def test_large_file_is_not_taken_to_its_end(desk: Desk) -> None:
    media = await desk.gets(b"%PDF-" + b"x" * 20_000_000, "document", "application/pdf")
    await desk.fetch()
    assert (await desk.file(media)).problem == "too_large"
    assert desk.files() == []
