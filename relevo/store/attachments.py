"""Files that customers send, outside of anything that a web server hands out by itself.

What a file is says its content alone, never its name or what its sender claims. It lies under a random id in
a folder that all processes of a server share; what is known of it stands in Redis (`attachment_book`).
"""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from relevo.errors import RelevoError
from relevo.store.attachment_content import CONTENT_TYPES, FROM_PAGES, Kind, find_content_type

FOLDER = "attachments"
"""Beneath the folder of data."""
MAX_BYTES: dict[Kind, int] = {
    "image": 5_000_000,
    "pdf": 10_000_000,
    "audio": 17_000_000,
    "video": 17_000_000,
    "document": 10_000_000,
}
"""WhatsApp takes 16 MiB of sound and moving pictures."""
MAX_NAME_CHARACTERS = 100
UNFINISHED = "incoming"
"""Beneath that: files that are being received."""
UNFINISHED_SECONDS = 3_600
"""A file that was not finished within this time never will be."""

Refusal = Literal["empty", "too_large", "wrong_type"]


class AttachmentRefused(RelevoError):
    """The file is none that is taken; `reason` says why."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(f"the file was refused: {reason}")
        self.reason: Refusal = reason


@dataclass(frozen=True)
class Attachment:
    """A kept file.

    Attributes:
        name: what people call it; safe to show and to save under.
        size: bytes.
        at: when it was kept, UTC epoch seconds.
    """

    id: str
    name: str
    kind: Kind
    content_type: str
    size: int
    at: float


class Attachments:
    """The files in a folder, which is made when the first one comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(
        self,
        data: bytes | AsyncIterable[bytes],
        name: str,
        *,
        kinds: Collection[Kind] = FROM_PAGES,
        attachment_id: str = "",
        is_audio: bool = False,
    ) -> Attachment:
        """Keep a file.

        Args:
            data: its bytes, or these as they come; what comes is written on, not held in memory.
            name: what its sender calls it; "" if there is none.
            kinds: what is taken; images are PNG, JPEG, WebP, GIF.
            attachment_id: 32 hexadecimal digits, under which a repeat replaces the first; made up if "".
            is_audio: as of `find_content_type`.
        Raises:
            AttachmentRefused: empty, too large, or nothing of these kinds.
        """
        attachment_id = attachment_id or secrets.token_hex(16)
        unfinished = self._folder / UNFINISHED / secrets.token_hex(16)
        unfinished.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            size = await self._write(unfinished, _in_pieces(data), max(MAX_BYTES[kind] for kind in kinds))
            found = await asyncio.to_thread(find_content_type, unfinished, is_audio=is_audio)
            content_type = _taken(found, size, kinds)
            unfinished.replace(self.path(attachment_id))
        finally:
            unfinished.unlink(missing_ok=True)
        kind, endings = CONTENT_TYPES[content_type]
        return Attachment(
            attachment_id, _safe_name(name, kind, endings), kind, content_type, size, time.time()
        )

    def path(self, attachment_id: str) -> Path:
        """Where a file lies. The id must be one of ours: callers take it from the book."""
        return self._folder / attachment_id

    async def remove(self, attachment_id: str) -> None:
        """Remove a file; one that is gone is no harm."""
        await asyncio.to_thread(self.path(attachment_id).unlink, missing_ok=True)

    async def remove_unfinished(self, now: float) -> None:
        """Remove what was left when a server died while it was receiving."""
        await asyncio.to_thread(self._remove_older, now - UNFINISHED_SECONDS)

    def _remove_older(self, limit: float) -> None:
        for file in (self._folder / UNFINISHED).glob("*"):
            with suppress(FileNotFoundError):
                if file.stat().st_mtime < limit:
                    file.unlink()

    async def _write(self, path: Path, pieces: AsyncIterable[bytes], max_bytes: int) -> int:
        size = 0
        with await asyncio.to_thread(path.open, "xb") as file:
            async for piece in pieces:
                size += len(piece)
                if size > max_bytes:
                    raise AttachmentRefused("too_large")
                await asyncio.to_thread(file.write, piece)
            if not size:
                raise AttachmentRefused("empty")
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        return size


def _taken(content_type: str | None, size: int, kinds: Collection[Kind]) -> str:
    """The content type, if a file of it and of this size is taken.

    Raises:
        AttachmentRefused
    """
    if content_type is None or CONTENT_TYPES[content_type][0] not in kinds:
        raise AttachmentRefused("wrong_type")
    if size > MAX_BYTES[CONTENT_TYPES[content_type][0]]:
        raise AttachmentRefused("too_large")
    return content_type


async def _in_pieces(data: bytes | AsyncIterable[bytes]) -> AsyncIterable[bytes]:
    if isinstance(data, bytes):
        yield data
        return
    async for piece in data:
        yield piece


def _safe_name(name: str, kind: Kind, endings: tuple[str, ...]) -> str:
    """What is left of a sender's name: one line without folders, with the ending that the content has.

    Example:
        >>> _safe_name("../recibo.html", "pdf", (".pdf",))
        'recibo.pdf'
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = " ".join("".join(c if c.isprintable() else " " for c in last).split())
    stem, dot, ending = shown.rpartition(".")
    is_right = f".{ending.lower()}" in endings and bool(stem)
    stem = (stem if dot else shown).strip(". ")[: MAX_NAME_CHARACTERS - len(".jpeg")]
    return f"{stem or kind}.{ending}" if is_right else f"{stem or kind}{endings[0]}"
