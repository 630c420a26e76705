"""What a person can do with a case besides answering: one form each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sanic import response

from relevo.cases.folio import new_folio
from relevo.cases.queue import (
    CaseBarred,
    CaseClosed,
    CaseNotYours,
    CaseTaken,
    HandsFull,
    UnknownChoice,
)
from relevo.desk.pages.case import change_id_of, clean, show_page, to_case
from relevo.follow_ups.agenda import FolioTaken
from relevo.follow_ups.contact import parse_contact
from relevo.follow_ups.follow_up import FollowUp, Method
from relevo.follow_ups.method import kind_of_contact
from relevo.follow_ups.zones import zone_of

MAX_NOTE_CHARACTERS = 2_000
METHODS: tuple[Method, ...] = ("call", "whatsapp", "email", "chat")


async def claim(request: Any, folio: str) -> Any:
    """Take the case; its page tells if somebody was faster, or why it can't be taken."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    capacity = None if user.is_supervisor else desk.queue.rules.capacity_of(user.person)
    try:
        await desk.queue.claim(
            folio,
            user.display_name,
            desk.now(),
            person=user.person,
            capacity=capacity,
            may_decide_again=user.is_supervisor,
        )
    except (CaseTaken, CaseClosed):
        return to_case(folio, "taken")
    except HandsFull:
        return to_case(folio, "full")
    except CaseBarred:
        return to_case(folio, "barred")
    return to_case(folio)


async def release(request: Any, folio: str) -> Any:
    """Put the case back in line; supervisors may do so with cases of others."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    try:
        await desk.queue.release(
            folio,
            user.display_name,
            desk.now(),
            change_id_of(request),
            may_take_away=user.is_supervisor,
        )
    except CaseNotYours:
        return to_case(folio, "not_yours")
    return response.redirect(f"/?notice=released&folio={folio}", status=303)


async def transfer(request: Any, folio: str) -> Any:
    """Send the case to another area, with a note."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    area, note = request.form.get("area", ""), _note_of(request)
    try:
        change_id = change_id_of(request)
        await desk.queue.transfer(folio, user.display_name, area, desk.now(), note=note, change_id=change_id)
    except CaseNotYours:
        return to_case(folio, "not_yours")
    except UnknownChoice:
        return to_case(folio)
    return response.redirect(f"/?notice=transferred&folio={folio}", status=303)


async def note(request: Any, folio: str) -> Any:
    """Keep a note among colleagues."""
    desk, user, text = request.app.ctx.desk, request.ctx.visit.user, _note_of(request)
    if not text:
        return to_case(folio)
    await desk.queue.note(folio, user.display_name, text, desk.now(), change_id_of(request))
    return to_case(folio, "noted")


async def wait(request: Any, folio: str) -> Any:
    """The customer was asked something: the case rests until they write."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    try:
        await desk.queue.wait_for_customer(folio, user.display_name, desk.now(), change_id_of(request))
    except CaseNotYours:
        return to_case(folio, "not_yours")
    return to_case(folio)


async def resolve(request: Any, folio: str) -> Any:
    """Resolve the case with a reason; the customer is asked whether it is solved."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    try:
        reason, change_id = request.form.get("reason", ""), change_id_of(request)
        await desk.queue.resolve(folio, user.display_name, desk.now(), reason, change_id)
    except CaseNotYours:
        return to_case(folio, "not_yours")
    except UnknownChoice:
        return to_case(folio)
    return response.redirect(f"/?notice=resolved&folio={folio}", status=303)


async def book(request: Any, folio: str) -> Any:
    """Promise the customer a follow-up; it stands in the agenda, and in the case's history."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    locale, now = request.ctx.visit.locale, desk.now()
    wanted = await _wanted_follow_up(request, folio)
    if wanted is None:
        return await show_page(request, folio, status=400, problem=locale.text("follow_up.unclear"))
    while True:
        try:
            booked = await desk.agenda.book(wanted, user.display_name)
            break
        except FolioTaken:
            wanted = wanted.with_folio(new_folio())
    local = desk.protocol.company.hours.local
    when = locale.moment(local(booked.due_at), local(now))
    text = locale.text("follow_up.noted", when=when, folio=booked.folio)
    await desk.queue.note(folio, user.display_name, text, now, change_id_of(request))
    return to_case(folio, "follow_up")


async def show_work(request: Any, folio: str) -> Any:
    """A sign from someone who writes an answer: the case stays with them, and the customer sees it."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    case = await desk.queue.get(folio)
    lapses_at = desk.queue.rules.lapses_at(case, desk.now())
    await desk.queue.presence.sign(
        user.display_name, desk.now(), user.person, folio=folio, lapses_at=lapses_at
    )
    if case.is_in_hand and case.claimed_by == user.display_name:
        await desk.show_typing(case.conversation)
    return response.empty()


async def _wanted_follow_up(request: Any, folio: str) -> FollowUp | None:
    """What the form asks for; None if it is in the past, incomplete, or of another kind than its contact."""
    desk, form = request.app.ctx.desk, request.form
    case = await desk.queue.get(folio)
    method, contact = form.get("method", ""), parse_contact(form.get("contact", ""))
    due_at = _instant(form.get("when", ""), desk)
    if method not in METHODS or due_at is None or due_at <= desk.now():
        return None
    if method != "chat" and (contact is None or contact.kind != kind_of_contact(method)):
        return None
    zone = zone_of(contact.value) if contact else None
    return FollowUp(
        folio=new_folio(),
        conversation=case.conversation,
        channel=case.channel,
        language=case.language,
        method=method,
        contact=contact.value if contact and method != "chat" else "",
        topic=case.topic or "schedule_follow_up",
        due_at=due_at,
        created_at=desk.now(),
        cause=f"desk:{change_id_of(request) or new_folio()}",
        zone=zone.key if zone else "",
    )


def _instant(text: str, desk: Any) -> float | None:
    """A browser's local date and time, which are the company's; UTC epoch seconds."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=desk.protocol.company.hours.zone).timestamp()


def _note_of(request: Any) -> str:
    return clean(request.form.get("note", ""))[:MAX_NOTE_CHARACTERS]
