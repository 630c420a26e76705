"""What the visitor was told because it is late, until they have seen to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from sanic import response
from sanic.exceptions import NotFound

from relevo.cases.case import Case
from relevo.cases.errors import UnknownCase
from relevo.cases.folio import find_folio
from relevo.desk.rendering import show
from relevo.desk.titles import Titles
from relevo.desk.unread import people_reached_by
from relevo.follow_ups.follow_up import FollowUp
from relevo.store.notifications import About, Notification


@dataclass(frozen=True)
class Row:
    """A notification with what it is about, as that stands now."""

    told: Notification
    case: Case | None = None
    follow_up: FollowUp | None = None
    late: str = ""
    """What of a case is late, as a clause."""


async def show_notifications(request: Any) -> Any:
    """The page."""
    return show(request, "notifications.html", **await _notifications(request))


async def show_notifications_fragment(request: Any) -> Any:
    """The list alone, for the page's script."""
    return show(request, "_notifications.html", **await _notifications(request))


async def acknowledge(request: Any) -> Any:
    """The visitor has seen to one of theirs.

    Raises:
        NotFound: there is no such notification that reaches them.
    """
    desk, user, form = request.app.ctx.desk, request.ctx.visit.user, request.form
    person, about, folio = form.get("person", ""), form.get("about", ""), find_folio(form.get("folio", ""))
    if about not in get_args(About) or not folio or person not in await people_reached_by(desk, user):
        # The last one of somebody who can't sign in may have been seen to by another supervisor.
        raise NotFound("there is no such notification")
    told = Notification(person, about, folio, _instant(form.get("at", "")))
    await desk.notifications.acknowledge(told, user.display_name, desk.now())
    return response.redirect("/notifications?notice=seen", status=303)


def _instant(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise NotFound("there is no such notification") from None


async def _notifications(request: Any) -> dict[str, Any]:
    desk, visit = request.app.ctx.desk, request.ctx.visit
    people = await people_reached_by(desk, visit.user)
    rows = [await _row(request, told) for told in await desk.notifications.of(people)]
    return {
        "rows": [row for row in rows if row],
        "own": visit.user.person,
        "notice": "seen" if request.args.get("notice") == "seen" else "",
    }


async def _row(request: Any, told: Notification) -> Row | None:
    """None for what is kept no longer."""
    desk = request.app.ctx.desk
    if told.about == "follow_up":
        if follow_up := await desk.agenda.get(told.folio):
            return Row(told, follow_up=follow_up)
    else:
        try:
            case = await desk.queue.get(told.folio)
            return Row(told, case=case, late=await _lateness(request, told))
        except UnknownCase:
            pass
    await desk.notifications.forget(told)
    return None


async def _lateness(request: Any, told: Notification) -> str:
    """What of the case was late when the person was told last."""
    desk, titles = request.app.ctx.desk, Titles(request.app.ctx.desk.protocol, request.ctx.visit.locale)
    for event in reversed(await desk.queue.history(told.folio)):
        if event.kind == "case_escalated" and event.details.get("person") == told.person:
            return titles.lateness(event.details.get("target", ""), event.details.get("late", ""))
    return ""
