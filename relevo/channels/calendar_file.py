"""The calendar file of a follow-up, for the conversation that agreed on it."""

from __future__ import annotations

import redis.asyncio as redis

from relevo.cases.folio import find_folio
from relevo.follow_ups.agenda import Agenda
from relevo.follow_ups.calendar import to_icalendar
from relevo.follow_ups.rules import FollowUpRules
from relevo.protocol import Protocol

CONTENT_TYPE = "text/calendar; charset=utf-8"


async def calendar_file(
    client: redis.Redis, protocol: Protocol, conversation: str, name: str
) -> bytes | None:
    """The file called `name` (a folio and `.ics`); None if this conversation has no such follow-up."""
    folio = find_folio(name.removesuffix(".ics"))
    follow_up = await Agenda(client).get(folio) if folio else None
    if follow_up is None or follow_up.conversation != conversation:
        return None
    method = FollowUpRules(protocol).method_in_words(follow_up)
    title = protocol.say(
        "follow_up_in_calendar", follow_up.language, company=protocol.company.name, method=method
    )
    return to_icalendar(follow_up, title)
