"""One case: the conversation, what is known, the protocol's guidance, and what a person can do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import Any, Literal
from uuid import uuid4

from redis.exceptions import RedisError
from sanic import response

from relevo.cases.case import Case
from relevo.cases.queue import CaseClosed, CaseNotYours, CaseTaken
from relevo.desk.feed import Subscription
from relevo.desk.gate import is_still_admitted
from relevo.desk.live import BEAT_SECONDS, EventStream, merge
from relevo.desk.pages.correction import corrections
from relevo.desk.rendering import show
from relevo.store.transcript import FROM_START, TranscriptLine

MAX_ANSWER_CHARACTERS = 4000
MAX_LINES = 400
"""Of a long conversation the newest lines are shown; a link leads to all of it."""
NOTICES = ("taken", "sent", "not_yours")
_ANSWER_ID = re.compile(r"[0-9a-f]{32}")
_POSITION = re.compile(r"\d{1,20}-\d{1,20}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

Mode = Literal["waiting", "mine", "taken", "closed"]


async def show_case(request: Any, folio: str) -> Any:
    """The page."""
    return await _page(request, folio)


async def show_case_fragment(request: Any, folio: str) -> Any:
    """What of the page changes with the case, for the page's script."""
    case = await request.app.ctx.desk.queue.get(folio)
    return show(request, "_case.html", **_details(request, case))


async def claim(request: Any, folio: str) -> Any:
    """Take the case; its page tells if somebody was faster."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    try:
        await desk.queue.claim(folio, user.display_name, desk.now())
    except (CaseTaken, CaseClosed):
        return _to_case(folio, "taken")
    return _to_case(folio)


async def answer(request: Any, folio: str) -> Any:
    """Send the answer to the customer; text that can't be sent comes back in the page."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    t = request.ctx.visit.locale.text
    text = _clean(request.form.get("text", ""))
    answer_id = request.form.get("answer_id", "")
    if not text:
        return await _page(request, folio, status=400, problem=t("answer.empty"))
    if len(text) > MAX_ANSWER_CHARACTERS:
        problem = t("answer.too_long", count=f"{len(text):,}", limit=f"{MAX_ANSWER_CHARACTERS:,}")
        return await _page(request, folio, status=400, problem=problem, draft=text)
    try:
        await desk.queue.answer(
            folio,
            user.display_name,
            text,
            desk.now(),
            answer_id if _ANSWER_ID.fullmatch(answer_id) else None,
        )
    except CaseNotYours:
        return await _page(request, folio, status=409, problem=t("answer.not_yours"), draft=text)
    return _to_case(folio, "sent")


async def release(request: Any, folio: str) -> Any:
    """Put the case back in line."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    try:
        await desk.queue.release(folio, user.display_name, desk.now())
    except CaseNotYours:
        return _to_case(folio, "not_yours")
    return response.redirect(f"/?notice=released&folio={folio}", status=303)


async def close(request: Any, folio: str) -> Any:
    """Close the case; the assistant takes the conversation again."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    try:
        await desk.queue.close(folio, user.display_name, desk.now())
    except CaseNotYours:
        return _to_case(folio, "not_yours")
    return response.redirect(f"/?notice=closed&folio={folio}", status=303)


async def stream_case(request: Any, folio: str) -> None:
    """Events of one case: `line` with a new line's HTML, `changed` when the case itself did."""
    desk, visit = request.app.ctx.desk, request.ctx.visit
    case = await desk.queue.get(folio)
    after = request.headers.get("last-event-id") or request.args.get("after", "")
    position = after if _POSITION.fullmatch(after) else FROM_START
    values = await corrections(request, case, ())
    with desk.feed.subscribe(folio) as subscription, suppress(RedisError):
        stream = await EventStream.open(request)
        lines = desk.new_lines(case.conversation, position, BEAT_SECONDS)
        async with aclosing(merge(lines, _changes(subscription))) as updates:
            async for update in updates:
                if not await is_still_admitted(request):
                    return
                if update is None:
                    await stream.send("changed")
                elif not update:
                    await stream.beat()
                for line in update or ():
                    html = desk.renderer.render("_line.html", visit, desk.now(), line=line, **values)
                    await stream.send("line", html, line.position)


async def _changes(subscription: Subscription) -> AsyncIterator[list[TranscriptLine] | None]:
    """None for each change of the case."""
    while True:
        if await subscription.wait(BEAT_SECONDS):
            yield None


async def _page(request: Any, folio: str, *, status: int = 200, problem: str = "", draft: str = "") -> Any:
    desk = request.app.ctx.desk
    case = await desk.queue.get(folio)
    lines = await desk.transcript(case.conversation)
    shown = lines[-MAX_LINES:]
    details = _details(request, case, problem=problem, draft=draft)
    return show(
        request,
        "case.html",
        status=status,
        lines=shown,
        earlier=max(0, len(lines) - MAX_LINES),
        position=lines[-1].position if lines else FROM_START,
        **details | await corrections(request, case, shown),
    )


def _details(request: Any, case: Case, *, problem: str = "", draft: str = "") -> dict[str, Any]:
    mode = _mode(case, request.ctx.visit.user.display_name)
    notice = request.args.get("notice", "")
    shown = notice in NOTICES and (mode == "mine") == (notice == "sent")
    return {
        "case": case,
        "mode": mode,
        "notice": notice if shown else "",
        "problem": problem,
        "draft": draft,
        "answer_id": uuid4().hex,
        "max_characters": MAX_ANSWER_CHARACTERS,
    }


def _mode(case: Case, display_name: str) -> Mode:
    if case.state != "claimed":
        return case.state
    return "mine" if case.claimed_by == display_name else "taken"


def _clean(text: str) -> str:
    return _CONTROL.sub("", text.replace("\r\n", "\n")).strip()


def _to_case(folio: str, notice: str = "") -> Any:
    return response.redirect(f"/cases/{folio}" + (f"?notice={notice}" if notice else ""), status=303)
