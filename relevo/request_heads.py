"""Heads of requests that no proper client sends, refused with 400 before anything looks at them.

Sanic stumbles over some of them (500, or no answer at all), and where a length is told twice or in two ways,
a proxy and a server may disagree on where the next request begins.
"""

from __future__ import annotations

import re

from sanic import Sanic

_TARGET = re.compile(rb"/[\x21-\x7e]*")
_LENGTH = re.compile(rb"\d{1,15}")
_NUL = b"%00"
"""No path of ours and no word that anybody writes holds it, and file systems raise at it."""
_REQUEST_LINE_PARTS = 3


class MalformedHead(Exception):
    """The head is none that can be understood in one way only."""


def refuse_malformed_heads(app: Sanic) -> None:
    """Let an application answer them with 400."""

    # Whatever is raised here makes Sanic answer so.
    @app.signal("http.lifecycle.read_head")
    async def check(head: bytes) -> None:
        if not is_well_formed(head):
            raise MalformedHead


def is_well_formed(head: bytes) -> bool:
    """Whether a head, without its trailing empty line, is one that a proper client sends."""
    line, *fields = head.split(b"\r\n")
    parts = line.split(b" ")
    if len(parts) != _REQUEST_LINE_PARTS or not _TARGET.fullmatch(parts[1]) or _NUL in parts[1]:
        return False
    named = [(name.lower(), value.strip()) for name, _, value in (field.partition(b":") for field in fields)]
    if any(not name or name != name.strip() for name, _ in named):
        return False
    lengths = [value for name, value in named if name == b"content-length"]
    codings = [value.lower() for name, value in named if name == b"transfer-encoding"]
    if len(lengths) + len(codings) > 1:
        return False
    return all(map(_LENGTH.fullmatch, lengths)) and codings in ([], [b"chunked"])
