"""A follow-up as a calendar entry (RFC 5545) that customers can add to their own calendar."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from icalendar import Calendar, Event

from relevo.follow_ups.follow_up import FollowUp

DURATION = timedelta(minutes=15)
CALLED_OFF = ("cancelled", "unreached")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def to_icalendar(follow_up: FollowUp, summary: str) -> bytes:
    """The follow-up as an iCalendar file; `summary` is its title, in the customer's language.

    The contact is left out: calendars are shared. The id stays the same, so that a file that is fetched again
    after a change takes the place of the first.
    """
    event = Event()
    event.add("uid", f"{follow_up.folio}@relevo")
    event.add("dtstamp", _utc(follow_up.created_at))
    event.add("dtstart", _utc(follow_up.due_at))
    event.add("duration", DURATION)
    event.add("summary", _CONTROL.sub(" ", summary))
    event.add("status", "CANCELLED" if follow_up.state in CALLED_OFF else "CONFIRMED")
    event.add("sequence", follow_up.attempts)
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Relevo//Follow-ups//EN")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _utc(instant: float) -> datetime:
    return datetime.fromtimestamp(int(instant), timezone.utc)
