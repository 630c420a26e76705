"""The first page: the cases that wait and those that people have."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError

from relevo.cases.case import Case
from relevo.cases.folio import find_folio
from relevo.cases.routing import Workforce
from relevo.desk.gate import is_still_admitted
from relevo.desk.live import BEAT_SECONDS, EventStream
from relevo.desk.related import open_elsewhere
from relevo.desk.rendering import show

MAX_ROWS = 200
"""Nobody reads further down, and a browser stays quick."""
MAX_READ = 1_000
"""Cases of each line that a filter by language looks through."""
NOTICES = ("closed", "released", "resolved", "transferred")


@dataclass(frozen=True)
class Filters:
    """What of the queue is shown; empty means all."""

    area: str = ""
    language: str = ""

    def fits(self, case: Case) -> bool:
        return self.area in ("", case.area) and self.language in ("", case.language)


@dataclass(frozen=True)
class Row:
    """A case in the table, why it is suggested to whoever looks, and what its area lacks for it."""

    case: Case
    suits: str = ""
    lack: str = ""


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
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    filters = Filters(request.args.get("area", ""), request.args.get("language", ""))
    waiting, waiting_count, taken, taken_count = await _cases(desk, filters)
    workforce = await desk.queue.workforce(desk.now())
    rows = sorted((_row(workforce, case, user.person) for case in waiting), key=_grave_then_suitable)
    # Stable: the waiting ones keep the order of their lines; after them come one's own.
    taken.sort(key=lambda case: case.claimed_by != user.display_name)
    rows += [Row(case) for case in taken]
    shown = rows[:MAX_ROWS]
    notice = request.args.get("notice", "")
    return {
        "rows": shown,
        "elsewhere": await open_elsewhere(desk.client, [row.case for row in shown]),
        "hidden": max(0, waiting_count + taken_count - MAX_ROWS),
        "waiting": waiting_count,
        "claimed": taken_count,
        "filters": filters,
        "notice": notice if notice in NOTICES else "",
        "folio": find_folio(request.args.get("folio", "")),
        "alerts": await desk.alerts.all(),
    }


async def _cases(desk: Any, filters: Filters) -> tuple[list[Case], int, list[Case], int]:
    """The cases that wait and those that people have, as far as they are shown, and how many there are."""
    areas = list(desk.protocol.roster.areas)
    total = await desk.queue.count_waiting(areas) + await desk.queue.count_taken()
    if total != await desk.queue.count_open():
        # Some stand in the line of an area that the protocol no longer has: read them all.
        fitting = [case for case in await desk.queue.open_cases() if filters.fits(case)]
        waiting = [case for case in fitting if case.state == "waiting"]
        taken = [case for case in fitting if case.state != "waiting"]
        return waiting, len(waiting), taken, len(taken)
    chosen = [area for area in areas if filters.area in ("", area)]
    limit = MAX_READ if filters.language else MAX_ROWS
    waiting = [case for case in await desk.queue.waiting(chosen, limit) if filters.fits(case)]
    taken = [case for case in await desk.queue.taken(MAX_READ) if filters.fits(case)]
    waiting_count = len(waiting) if filters.language else await desk.queue.count_waiting(chosen)
    return waiting, waiting_count, taken, len(taken)


def _row(workforce: Workforce, case: Case, person: str) -> Row:
    route = workforce.route(case)
    # Outside of opening hours nobody is at work for any case: that is no news.
    lack = route.lack if route.lack in ("language", "channel") else ""
    return Row(case, route.step if person in route.people else "", lack)


def _grave_then_suitable(row: Row) -> tuple[int, bool]:
    """The graver comes first for everyone, then what suits one; each in the order of the lines."""
    return row.case.rank, not row.suits
