"""Follow-ups: those that are due and those to come, and one with all that is needed to keep it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sanic import response

from relevo.cases.folio import find_folio
from relevo.desk.rendering import show
from relevo.follow_ups.agenda import UnknownFollowUp
from relevo.follow_ups.follow_up import FollowUp, Method
from relevo.follow_ups.rules import FollowUpRules
from relevo.follow_ups.zones import agree, zone_name, zone_named
from relevo.protocol.parts.channels import ChannelName
from relevo.store.outbox import says

MAX_UPCOMING = 100
NOTICES = ("done", "tried")
CHANNELS: dict[Method, ChannelName] = {
    "call": "phone",
    "whatsapp": "whatsapp",
    "email": "email",
    "chat": "webchat",
}
"""Where the protocol says how to speak, by the way of contact."""
VOICEMAIL: ChannelName = "voicemail"


async def show_follow_ups(request: Any) -> Any:
    """The page."""
    return show(request, "follow_ups.html", **await _follow_ups(request))


async def show_follow_ups_fragment(request: Any) -> Any:
    """The lists alone, for the page's script."""
    return show(request, "_follow_ups.html", **await _follow_ups(request))


async def show_follow_up(request: Any, folio: str) -> Any:
    """One follow-up: what was promised, the customer's cases, and the script of the call."""
    desk, locale = request.app.ctx.desk, request.ctx.visit.locale
    item = await _known(request, folio)
    trigger, channels = FollowUpRules(desk.protocol).trigger_of(item), desk.protocol.channels
    voicemail = channels.get(VOICEMAIL) if item.method == "call" else None
    return show(
        request,
        "follow_up.html",
        item=item,
        there=_there(request),
        cases=await desk.queue.of_conversation(item.conversation),
        guidance=trigger.guidance.in_language(locale.language),
        phrases=[phrase.in_language(item.language) for phrase in trigger.phrases],
        channel=channels.get(CHANNELS[item.method]),
        voicemail=voicemail,
    )


async def complete(request: Any, folio: str) -> Any:
    """Mark a follow-up as done."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    await desk.agenda.complete(folio, user.display_name, desk.now())
    return response.redirect(f"/follow-ups?notice=done&folio={folio}", status=303)


async def no_answer(request: Any, folio: str) -> Any:
    """The customer did not answer: the plan says when they are tried again, and they are told."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    item, rules = await _known(request, folio), FollowUpRules(desk.protocol)
    next_at = rules.next_attempt_at(item, desk.now())
    note = rules.note_after_attempt(item, next_at)
    told = [says(note)] if note else []
    attempt = _attempt_of(request) or item.attempts + 1
    await desk.agenda.retry(folio, attempt, user.display_name, desk.now(), next_at=next_at, says=told)
    return response.redirect(f"/follow-ups?notice=tried&folio={folio}", status=303)


async def _follow_ups(request: Any) -> dict[str, Any]:
    agenda, notice = request.app.ctx.desk.agenda, request.args.get("notice", "")
    return {
        "due": await agenda.due(),
        "upcoming": await agenda.upcoming(MAX_UPCOMING),
        "there": _there(request),
        "notice": notice if notice in NOTICES else "",
        "folio": find_folio(request.args.get("folio", "")),
    }


async def _known(request: Any, folio: str) -> FollowUp:
    item: FollowUp | None = await request.app.ctx.desk.agenda.get(folio)
    if item is None:
        raise UnknownFollowUp("there is no such follow-up")
    return item


def _there(request: Any) -> Any:
    """A function: when a follow-up is on its customer's clock; empty if that shows what ours does."""
    desk, locale = request.app.ctx.desk, request.ctx.visit.locale

    def there(item: FollowUp) -> str:
        zone = zone_named(item.zone)
        if zone is None or agree(zone, desk.protocol.company.hours.zone, item.due_at):
            return ""
        moment, now = (datetime.fromtimestamp(instant, zone) for instant in (item.due_at, desk.now()))
        return f"{locale.moment(moment, now)} ({zone_name(zone, locale.language)})"

    return there


def _attempt_of(request: Any) -> int | None:
    """Which attempt the form was shown for, so that sending it twice counts once."""
    given = request.form.get("attempt", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= len("99") else None
