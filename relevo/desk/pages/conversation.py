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
    desk, conversation = request.app.ctx.desk, unquote(conversation)
    lines = await desk.transcript(conversation)
    if not lines:
        raise NotFound("no such conversation")
    marks = await desk.marks(conversation, lines)
    return show(request, "conversation.html", lines=lines, conversation=conversation, marks=marks)
