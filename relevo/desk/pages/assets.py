"""The style sheet, scripts and icon: few and small, so they are kept in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sanic import response
from sanic.exceptions import NotFound

from relevo.protocol.render.html import ASSETS

FOLDER = Path(__file__).parent.with_name("static")
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FILES = ASSETS | {file.name: file.read_bytes() for file in FOLDER.iterdir() if file.suffix in TYPES}


async def show_asset(request: Any, name: str) -> Any:
    """One file.

    Raises:
        NotFound: there is none of this name.
    """
    if name not in FILES:
        raise NotFound("no such file")
    return response.raw(FILES[name], content_type=TYPES[Path(name).suffix])
