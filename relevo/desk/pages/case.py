"""One case: the conversation, what is known, the protocol's guidance, and the answer to the customer.

What else a person can do with it is in `case_verbs`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import Any, Literal

from redis.exceptions import RedisError
from sanic import response

from relevo.cases.case import Case
from relevo.cases.queue import CaseNotYours
from relevo.desk.desk import Desk
from relevo.desk.explanation import because
from relevo.desk.feed import Subscription
from relevo.desk.gate import is_still_admitted
from relevo.desk.live import BEAT_SECONDS, EventStream, merge
from relevo.desk.pages.correction import corrections
from relevo.desk.receipts import Known, as_event
from relevo.desk.related import known_of
from relevo.desk.rendering import show
from relevo.desk.sentences import happening, nobody_there
from relevo.desk.titles import Titles
from relevo.desk.unread import UnreadMark
from relevo.store.keys import digest_of
from relevo.store.transcript import FROM_START, TranscriptLine

MAX_ANSWER_CHARACTERS = 4000
MAX_LINES = 400
"""Of a long conversation the newest lines are shown; a link leads to all of it."""
NOTICES_OF_MINE = ("sent", "noted", "joined", "not_joined", "follow_up", "confirmed", "withdrawn")
NOTICES_OF_OTHERS = ("taken", "not_yours", "noted", "full", "barred", "changed")
_CHANGE_ID = re.compile(r"[0-9a-f]{32}")
_POSITION = re.compile(r"\d{1,20}-\d{1,20}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

Mode = Literal["waiting", "mine", "taken", "resolved", "closed"]


async def show_case(request: Any, folio: str) -> Any:
    """The page."""
    return await show_page(request, folio)


async def show_case_fragment(request: Any, folio: str) -> Any:
    """What of the page changes with the case, for the page's script."""
    case = await request.app.ctx.desk.queue.get(folio)
    return show(request, "_case.html", **await _details(request, case))


async def answer(request: Any, folio: str) -> Any:
    """Send the answer to the customer; text that can't be sent comes back in the page."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    t = request.ctx.visit.locale.text
    text = clean(request.form.get("text", ""))
    if not text:
        return await show_page(request, folio, status=400, problem=t("answer.empty"))
    if len(text) > MAX_ANSWER_CHARACTERS:
        problem = t("answer.too_long", count=f"{len(text):,}", limit=f"{MAX_ANSWER_CHARACTERS:,}")
        return await show_page(request, folio, status=400, problem=problem, draft=text)
    try:
        answer_id = change_id_of(request, "answer_id")
        await desk.queue.answer(folio, user.display_name, text, desk.now(), answer_id)
    except CaseNotYours:
        return await show_page(request, folio, status=409, problem=t("answer.not_yours"), draft=text)
    return to_case(folio, "sent")


async def insert_phrase(request: Any, folio: str) -> Any:
    """The page with a phrase of the protocol at the end of the answer; its script does that by itself."""
    case = await request.app.ctx.desk.queue.get(folio)
    titles = Titles(request.app.ctx.desk.protocol, request.ctx.visit.locale)
    said = [*titles.phrases(case), *(words for _, _, words in titles.offers(case))]
    number, text = request.form.get("phrase", ""), clean(request.form.get("text", ""))
    phrase = said[int(number)] if number.isascii() and number.isdecimal() and int(number) < len(said) else ""
    return await show_page(request, folio, draft="\n".join(part for part in (text, phrase) if part))


async def stream_case(request: Any, folio: str) -> None:
    """Events of one case: `line`, `ticks`, `file` with their HTML, `seen`, `unread`, `changed` if it was."""
    desk = request.app.ctx.desk
    case = await desk.queue.get(folio)
    after = request.headers.get("last-event-id") or request.args.get("after", "")
    position = after if _POSITION.fullmatch(after) else FROM_START
    values = {"conversation": case.conversation, **await corrections(request, case, ())}
    with desk.feed.subscribe({folio}) as subscription, suppress(RedisError):
        subscription.about = await _names_of(desk, case)
        stream = await EventStream.open(request)
        lines = desk.new_lines(case, position, BEAT_SECONDS)
        known = desk.known(case.conversation, BEAT_SECONDS)
        told = UnreadMark(request).follow()
        changes = _changes(subscription, desk, case)
        async with aclosing(merge(lines, changes, known, told)) as updates:
            async for update in updates:
                if not await is_still_admitted(request):
                    return
                if update is None:
                    await stream.send("changed")
                elif isinstance(update, Known):
                    await _send_known(request, stream, case, update)
                elif isinstance(update, UnreadMark):
                    await update.renew(stream)
                elif not update:
                    await stream.beat()
                else:
                    await _send_lines(request, stream, case, update, values)


async def _send_lines(
    request: Any, stream: EventStream, case: Case, lines: list[TranscriptLine], values: dict[str, Any]
) -> None:
    """New lines as HTML; whoever has the case has read them."""
    desk, visit = request.app.ctx.desk, request.ctx.visit
    marks = await desk.marks(case.conversation, lines)
    for line in lines:
        html = desk.renderer.render("_line.html", visit, desk.now(), line=line, marks=marks, **values)
        await stream.send("line", html, line.position)
    if any(line.author == "customer" for line in lines):
        await _note_read(request, await desk.queue.get(case.folio))


async def _send_known(request: Any, stream: EventStream, case: Case, known: Known) -> None:
    """What is new of receipts, ticks and files."""
    desk, visit = request.app.ctx.desk, request.ctx.visit
    await stream.send("seen", as_event(known.seen))
    if known.ticks:
        await stream.send("ticks", desk.renderer.render("_ticks.html", visit, desk.now(), ticks=known.ticks))
    for file in known.files.values():
        values = {"file": file, "conversation": case.conversation}
        await stream.send("file", desk.renderer.render("_remote_file.html", visit, desk.now(), **values))


async def _note_read(request: Any, case: Case) -> None:
    """Tell the customer that what they wrote was read, if the person who has their case has it open."""
    if _mode(case, request.ctx.visit.user.display_name) == "mine":
        await request.app.ctx.desk.note_read(case.conversation)


async def _changes(
    subscription: Subscription, desk: Desk, case: Case
) -> AsyncIterator[list[TranscriptLine] | None]:
    """None for each change of the case, or of another one that is its customer's, perhaps."""
    while True:
        if await subscription.wait(BEAT_SECONDS):
            yield None
        subscription.about = await _names_of(desk, case)


async def _names_of(desk: Desk, case: Case) -> set[str]:
    """What events call the case and all that may be its customer's; contacts and links add to it."""
    return {case.folio, case.conversation} | (await known_of(desk.client, case)).names


async def show_page(
    request: Any, folio: str, *, status: int = 200, problem: str = "", draft: str = ""
) -> Any:
    """The page, perhaps with what was wrong and with the text that was not sent."""
    desk = request.app.ctx.desk
    case = await desk.queue.get(folio)
    lines = await desk.transcript(case.conversation)
    shown = lines[-MAX_LINES:]
    await _note_read(request, case)
    details = await _details(request, case, problem=problem, draft=draft)
    return show(
        request,
        "case.html",
        status=status,
        lines=shown,
        earlier=max(0, len(lines) - MAX_LINES),
        position=lines[-1].position if lines else FROM_START,
        marks=await desk.marks(case.conversation, shown),
        **details | await corrections(request, case, shown),
    )


async def _details(request: Any, case: Case, *, problem: str = "", draft: str = "") -> dict[str, Any]:
    desk, visit = request.app.ctx.desk, request.ctx.visit
    locale, titles = visit.locale, Titles(desk.protocol, visit.locale)
    mode = _mode(case, visit.user.display_name)
    notice = request.args.get("notice", "")
    workforce = await desk.queue.workforce(desk.now())
    history = await desk.queue.history(case.folio)
    return {
        "case": case,
        "conversation": case.conversation,
        "mode": mode,
        "notice": notice if notice in (NOTICES_OF_MINE if mode == "mine" else NOTICES_OF_OTHERS) else "",
        "problem": problem,
        "draft": draft,
        "max_characters": MAX_ANSWER_CHARACTERS,
        "because": because(case.explanation, desk.protocol, locale, desk.now()),
        "event_because": because(case.event_explanation, desk.protocol, locale, desk.now()),
        "reasons": desk.queue.rules.reasons(case.kind),
        "history": [(event, happening(event, case, titles, locale)) for event in reversed(history)],
        "known": await known_of(desk.client, case),
        "digest_of": digest_of,
        "follow_up": await desk.agenda.booked_for(case.conversation),
        "nobody": nobody_there(case, workforce.route(case), titles, locale) if mode == "waiting" else "",
    }


def _mode(case: Case, display_name: str) -> Mode:
    if case.is_in_hand:
        return "mine" if case.claimed_by == display_name else "taken"
    match case.state:
        case "resolved":
            return "resolved"
        case "closed":
            return "closed"
    return "waiting"


def clean(text: str) -> str:
    """What somebody wrote, without control characters and surrounding space."""
    return _CONTROL.sub("", text.replace("\r\n", "\n")).strip()


def change_id_of(request: Any, field: str = "change_id") -> str | None:
    """The id that a form carries, so that sending it twice does no more than once."""
    given = request.form.get(field, "")
    return given if _CHANGE_ID.fullmatch(given) else None


def to_case(folio: str, notice: str = "") -> Any:
    """On to the case's page."""
    return response.redirect(f"/cases/{folio}" + (f"?notice={notice}" if notice else ""), status=303)
