"""What a file is, by its content: Pillow opens images (four formats, no others), a PDF has its signature.

A PDF is never opened on our side. A person's browser shows it in its own sandboxed viewer, or saves it.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Literal

from PIL import Image

Kind = Literal["image", "pdf"]

CONTENT_TYPES: dict[str, tuple[Kind, tuple[str, ...]]] = {
    "image/png": ("image", (".png",)),
    "image/jpeg": ("image", (".jpg", ".jpeg")),
    "image/webp": ("image", (".webp",)),
    "image/gif": ("image", (".gif",)),
    "application/pdf": ("pdf", (".pdf",)),
}
"""What is taken: kind, and the endings that its names may have, the usual one first."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MAX_PIXELS = 100_000_000
"""A small file can unfold to gigabytes in the browser that shows it."""
PDF_SIGNATURE = b"%PDF-"
PDF_END = b"%%EOF"
NEAR_END_BYTES = 2_048
"""Viewers look for the end mark in about the last kilobyte."""


def find_content_type(path: Path) -> str | None:
    """One of `CONTENT_TYPES`; None if the file is nothing of these, or broken."""
    with path.open("rb") as file:
        is_pdf = file.read(len(PDF_SIGNATURE)) == PDF_SIGNATURE
    return _if_complete_pdf(path) if is_pdf else _image_type(path)


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
