"""What could not be delivered, and what stops sending: people settle it, or have it tried again."""

from __future__ import annotations

import re
from typing import Any

from sanic import response
from sanic.exceptions import NotFound

from relevo.desk.rendering import show

NOTICES = ("settled", "retried")
_POSITION = re.compile(r"\d{1,19}-\d{1,19}")
_ALERT = re.compile(r"[a-z]+:\w+(:[a-z]+)?")


async def show_undelivered(request: Any) -> Any:
    """The page."""
    return show(request, "undelivered.html", **await _undelivered(request))


async def show_undelivered_fragment(request: Any) -> Any:
    """The lists alone, for the page's script."""
    return show(request, "_undelivered.html", **await _undelivered(request))


async def settle_undelivered(request: Any, position: str) -> Any:
    """Somebody has seen to a message."""
    desk, by = request.app.ctx.desk, request.ctx.visit.user.display_name
    await desk.undelivered.settle(_checked(_POSITION, position), by, desk.now())
    return _back("settled")


async def retry_undelivered(request: Any, position: str) -> Any:
    """Put a message back into its queue."""
    desk, by = request.app.ctx.desk, request.ctx.visit.user.display_name
    await desk.undelivered.retry(_checked(_POSITION, position), by, desk.now())
    return _back("retried")


async def end_alert(request: Any, what: str) -> Any:
    """What was stopped is mended: it is tried again at once."""
    desk = request.app.ctx.desk
    await desk.alerts.end(_checked(_ALERT, what), desk.now())
    await desk.outgoing.hasten_all(desk.now())
    return _back("retried")


def _checked(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise NotFound("there is nothing of this name")
    return text


def _back(notice: str) -> Any:
    return response.redirect(f"/undelivered?notice={notice}", status=303)


async def _undelivered(request: Any) -> dict[str, Any]:
    desk, notice = request.app.ctx.desk, request.args.get("notice", "")
    return {
        "entries": await desk.undelivered.all(),
        "alerts": await desk.alerts.all(),
        "notice": notice if notice in NOTICES else "",
    }
