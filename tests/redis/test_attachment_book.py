"""Files of customers: kept by content, found by their conversation, forgotten in time."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis.asyncio as redis

from relevo.store import keys
from relevo.store.attachment_book import AttachmentBook
from relevo.store.attachments import FOLDER, UNFINISHED, UNFINISHED_SECONDS, AttachmentRefused, Attachments

PDF = b"%PDF-1.7\n%%EOF"


@pytest.fixture
def book(redis_client: redis.Redis, tmp_path: Path) -> AttachmentBook:
    return AttachmentBook.of_folder(redis_client, tmp_path)


def files_in(folder: Path) -> list[Path]:
    return [file for file in (folder / FOLDER).rglob("*") if file.is_file()]


async def test_file_is_found_by_its_conversation_only(book: AttachmentBook) -> None:
    kept = await book.files.keep(PDF, "factura.pdf")
    await book.enter("c1", kept)
    assert await book.find("c1", kept.id) == kept
    assert await book.find("c2", kept.id) is None
    assert await book.find("c1", "../secret") is None


async def test_file_is_forgotten_with_all_that_is_known_of_it_when_its_time_is_over(
    book: AttachmentBook, redis_client: redis.Redis, tmp_path: Path
) -> None:
    kept = await book.files.keep(PDF, "factura.pdf")
    await book.enter("web-c1", kept)
    over = kept.at + keys.TRANSCRIPT_SECONDS
    assert await book.forget_old(over - 1) == 0
    assert files_in(tmp_path) != []
    assert await book.forget_old(over + 1) == 1
    assert files_in(tmp_path) == []
    assert await redis_client.keys("*") == []
    assert await book.forget_old(over + 1) == 0


async def test_file_whose_server_died_while_it_came_is_removed(book: AttachmentBook, tmp_path: Path) -> None:
    unfinished = tmp_path / FOLDER / UNFINISHED / "abc"
    unfinished.parent.mkdir(parents=True)
    unfinished.write_bytes(b"%PDF-")
    os.utime(unfinished, (1_000_000.0, 1_000_000.0))
    await book.forget_old(1_000_000.0 + UNFINISHED_SECONDS - 1)
    assert unfinished.exists()
    await book.forget_old(1_000_000.0 + UNFINISHED_SECONDS + 1)
    assert not unfinished.exists()


async def test_sender_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield PDF
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await Attachments(tmp_path / FOLDER).keep(pieces(), "a.pdf")
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Factura enero.PDF", "Factura enero.PDF"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\fotos\\recibo.html", "recibo.pdf"),
        ("recibo.pdf.exe", "recibo.pdf.pdf"),
        ("a\r\nSet-Cookie: x", "a Set-Cookie: x.pdf"),
        (".pdf", "pdf.pdf"),
        ("", "pdf.pdf"),
        ("ñandú 🦤.pdf", "ñandú 🦤.pdf"),
        ("x" * 500 + ".pdf", "x" * 95 + ".pdf"),
    ],
)
async def test_name_is_one_line_without_folders_and_tells_the_truth(
    given: str, shown: str, tmp_path: Path
) -> None:
    assert (await Attachments(tmp_path).keep(PDF, given)).name == shown


async def test_refusal_says_why(tmp_path: Path) -> None:
    files = Attachments(tmp_path)
    for data, reason in ((b"", "empty"), (b"hello", "wrong_type"), (PDF + bytes(10_000_000), "too_large")):
        with pytest.raises(AttachmentRefused) as refused:
            await files.keep(data, "a.pdf")
        assert refused.value.reason == reason
