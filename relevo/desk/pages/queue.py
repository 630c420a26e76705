"""The first page: the cases that wait and those that people have."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError

from relevo.cases.case import Case
from relevo.cases.folio import find_folio
from relevo.desk.gate import is_still_admitted
from relevo.desk.live import BEAT_SECONDS, EventStream
from relevo.desk.rendering import show

MAX_ROWS = 200
"""Nobody reads further down, and a browser stays quick."""
NOTICES = ("closed", "released")


@dataclass(frozen=True)
class Filters:
    """What of the queue is shown; empty means all."""

    area: str = ""
    language: str = ""

    def fits(self, case: Case) -> bool:
        return self.area in ("", case.area) and self.language in ("", case.language)


async def show_queue(request: Any) -> Any:
    """The page."""
    return show(request, "queue.html", **await _queue(request))


async def show_queue_fragment(request: Any) -> Any:
    """The table alone, for the page's script."""
    return show(request, "_queue.html", **await _queue(request))


async def stream_changes(request: Any) -> None:
    """Events that tell a page to load its fragment again: a case or follow-up changed."""
    with request.app.ctx.desk.feed.subscribe() as subscription, suppress(RedisError):
        stream = await EventStream.open(request)
        while await is_still_admitted(request):
            if await subscription.wait(BEAT_SECONDS):
                await stream.send("changed")
            else:
                await stream.beat()


async def _queue(request: Any) -> dict[str, Any]:
    desk, visit = request.app.ctx.desk, request.ctx.visit
    filters = Filters(request.args.get("area", ""), request.args.get("language", ""))
    fitting = [case for case in await desk.queue.open_cases() if filters.fits(case)]
    # Stable: the waiting ones keep the order of their lines; after them come one's own.
    cases = sorted(
        fitting, key=lambda case: (case.state != "waiting", case.claimed_by != visit.user.display_name)
    )
    notice = request.args.get("notice", "")
    return {
        "cases": cases[:MAX_ROWS],
        "hidden": max(0, len(cases) - MAX_ROWS),
        "waiting": sum(case.state == "waiting" for case in cases),
        "claimed": sum(case.state != "waiting" for case in cases),
        "filters": filters,
        "notice": notice if notice in NOTICES else "",
        "folio": find_folio(request.args.get("folio", "")),
    }
