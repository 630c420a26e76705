"""What a file is, by its content: Pillow opens images (four formats, no others), the rest has its signature.

Nothing but images is ever opened on our side: a person's browser plays it, or saves it under a name whose
ending is that of the content. What could carry a program is nothing that is known here.
"""

from __future__ import annotations

import codecs
import warnings
import zipfile
from pathlib import Path
from typing import Literal

from PIL import Image

Kind = Literal["image", "pdf", "audio", "video", "document"]

CONTENT_TYPES: dict[str, tuple[Kind, tuple[str, ...]]] = {
    "image/png": ("image", (".png",)),
    "image/jpeg": ("image", (".jpg", ".jpeg")),
    "image/webp": ("image", (".webp",)),
    "image/gif": ("image", (".gif",)),
    "application/pdf": ("pdf", (".pdf",)),
    "audio/ogg": ("audio", (".ogg", ".oga", ".opus")),
    "audio/mpeg": ("audio", (".mp3",)),
    "audio/aac": ("audio", (".aac",)),
    "audio/amr": ("audio", (".amr",)),
    "audio/mp4": ("audio", (".m4a",)),
    "video/mp4": ("video", (".mp4",)),
    "video/3gpp": ("video", (".3gp",)),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("document", (".docx",)),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("document", (".xlsx",)),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ("document", (".pptx",)),
    "text/plain": ("document", (".txt",)),
}
"""What is known: kind, and the endings that its names may have, the usual one first."""
FROM_PAGES: frozenset[Kind] = frozenset({"image", "pdf"})
"""What a visitor of the website may send; a messenger's customers may send all kinds."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MAX_PIXELS = 100_000_000
"""A small file can unfold to gigabytes in the browser that shows it."""
PDF_SIGNATURE = b"%PDF-"
PDF_END = b"%%EOF"
NEAR_END_BYTES = 2_048
"""Viewers look for the end mark in about the last kilobyte."""
HEAD_BYTES = 32
_SIGNATURES = {b"OggS": "audio/ogg", b"ID3": "audio/mpeg", b"#!AMR": "audio/amr"}
_MPEG_FRAMES = {0xFB: "audio/mpeg", 0xFA: "audio/mpeg", 0xF3: "audio/mpeg", 0xF2: "audio/mpeg"}
_AAC_FRAMES = {0xF1: "audio/aac", 0xF9: "audio/aac"}
_FRAME_MARK = 0xFF
"""The first byte of a frame of MP3 or AAC; the second one tells which."""
_BOX_MARK, _AUDIO_BRANDS, _PHONE_BRANDS = b"ftyp", (b"M4A", b"M4B"), (b"3gp", b"3g2")
_OFFICE = dict(
    zip(("word/", "xl/", "ppt/"), [name for name in CONTENT_TYPES if "officedocument" in name], strict=True)
)
_OFFICE_INDEX = "[Content_Types].xml"
_PROGRAMS = ("vbaproject", "activex", "oleobject", "/embeddings/")
"""Parts of an office file that can hold a program."""
_TEXT_PIECE_BYTES = 65_536


def find_content_type(path: Path, *, is_audio: bool = False) -> str | None:
    """One of `CONTENT_TYPES`; None if the file is nothing of these, or broken.

    Args:
        is_audio: what its sender says of an MP4 container, which tells it only in its depths.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(PDF_SIGNATURE):
        return _if_complete_pdf(path)
    if found := _recording_type(head, is_audio=is_audio):
        return found
    if zipfile.is_zipfile(path):
        return _office_type(path)
    return _image_type(path) or ("text/plain" if _is_text(path) else None)


def _recording_type(head: bytes, *, is_audio: bool) -> str | None:
    if head[4:8] == _BOX_MARK:
        if head[8:11] in _PHONE_BRANDS:
            return "audio/mp4" if is_audio else "video/3gpp"
        return "audio/mp4" if is_audio or head[8:11] in _AUDIO_BRANDS else "video/mp4"
    if len(head) > 1 and head[0] == _FRAME_MARK:
        return {**_MPEG_FRAMES, **_AAC_FRAMES}.get(head[1])
    return next((name for mark, name in _SIGNATURES.items() if head.startswith(mark)), None)


def _office_type(path: Path) -> str | None:
    """Of a document, workbook or presentation without programs; nothing else that is zipped is taken."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return None
    if _OFFICE_INDEX not in parts or any(mark in part.lower() for part in parts for mark in _PROGRAMS):
        return None
    return next((name for folder, name in _OFFICE.items() if any(p.startswith(folder) for p in parts)), None)


def _is_text(path: Path) -> bool:
    """Whether it is UTF-8 without control characters, read piece by piece."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while piece := file.read(_TEXT_PIECE_BYTES):
                if any(character < " " and character not in "\t\r\n" for character in decoder.decode(piece)):
                    return False
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _if_complete_pdf(path: Path) -> str | None:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - NEAR_END_BYTES))
        return "application/pdf" if PDF_END in file.read() else None


def _image_type(path: Path) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                format_name, pixels = str(image.format), image.width * image.height
                image.verify()
    except Exception:  # noqa: BLE001 - a decoder that is given anything at all may raise anything at all
        return None
    return Image.MIME[format_name] if pixels <= MAX_PIXELS else None
