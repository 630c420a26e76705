"""Files that customers sent, for people who are signed in."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from sanic import response
from sanic.compat import stat_async
from sanic.exceptions import NotFound
from sanic.handlers import ContentRangeHandler

HEADERS = {
    # Whatever is in it, it may do nothing here: no script, no form, no request, an origin of its own.
    "content-security-policy": (
        "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
    ),
    "cache-control": "private, no-store",
}


INLINE = ("image", "audio", "video")


async def show_file(request: Any, conversation: str, attachment: str) -> Any:
    """A picture to look at, a recording to play, or anything else to save.

    Raises:
        NotFound: the conversation has no such file, or no longer.
        ContentRangeError: it has no such part.
    """
    found = await request.app.ctx.desk.file_of(unquote(conversation), attachment)
    if found is None:
        raise NotFound("no such file")
    known, path = found
    # Browsers show no PDF in a sandbox; saved, it opens in the reader that the office trusts.
    way = "inline" if known.kind in INLINE else "attachment"
    disposition = f"{way}; filename*=UTF-8''{quote(known.name)}"
    headers = {**HEADERS, "content-disposition": disposition, "accept-ranges": "bytes"}
    # Players ask for parts, and Safari plays nothing without them.
    part = ContentRangeHandler(request, await stat_async(path)) if "range" in request.headers else None
    return await response.file(path, mime_type=known.content_type, headers=headers, _range=part)
