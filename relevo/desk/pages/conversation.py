"""A conversation to read, for follow-ups and whatever has no open case."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from sanic.exceptions import NotFound

from relevo.desk.rendering import show


async def show_conversation(request: Any, conversation: str) -> Any:
    """The page.

    Raises:
        NotFound: nothing was ever said in it.
    """
    lines = await request.app.ctx.desk.transcript(unquote(conversation))
    if not lines:
        raise NotFound("no such conversation")
    return show(request, "conversation.html", lines=lines)
