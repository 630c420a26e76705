"""Follow-ups: those that are due and those to come."""

from __future__ import annotations

from typing import Any

from sanic import response

from relevo.cases.folio import find_folio
from relevo.desk.rendering import show

MAX_UPCOMING = 100


async def show_follow_ups(request: Any) -> Any:
    """The page."""
    return show(request, "follow_ups.html", **await _follow_ups(request))


async def show_follow_ups_fragment(request: Any) -> Any:
    """The lists alone, for the page's script."""
    return show(request, "_follow_ups.html", **await _follow_ups(request))


async def complete(request: Any, folio: str) -> Any:
    """Mark a follow-up as done."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    await desk.agenda.complete(folio, user.display_name, desk.now())
    return response.redirect(f"/follow-ups?notice=done&folio={folio}", status=303)


async def _follow_ups(request: Any) -> dict[str, Any]:
    agenda = request.app.ctx.desk.agenda
    return {
        "due": await agenda.due(),
        "upcoming": await agenda.upcoming(MAX_UPCOMING),
        "notice": "done" if request.args.get("notice") == "done" else "",
        "folio": find_folio(request.args.get("folio", "")),
    }
