"""The protocol, for all who work by it."""

from __future__ import annotations

import asyncio
from typing import Any

from relevo.desk.rendering import show


async def show_protocol(request: Any) -> Any:
    """The page, in the desk's language."""
    desk, language = request.app.ctx.desk, request.ctx.visit.locale.language
    today = desk.protocol.company.hours.local(desk.now()).date()
    # In a thread: others shouldn't wait while it is written for the first time.
    document = await asyncio.to_thread(desk.handbook.article, desk.protocol, language, today)
    return show(request, "protocol.html", document=document)
