"""A follow-up as a calendar entry (RFC 5545) that people can add to their own calendar."""

from __future__ import annotations

import re
from datetime import datetime, timezone

from relevo.follow_ups.follow_up import FollowUp

DURATION = "PT15M"
MAX_LINE_BYTES = 75
"""RFC 5545, 3.1: longer lines are folded."""
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def to_icalendar(follow_up: FollowUp, summary: str) -> str:
    """The follow-up as an iCalendar file; `summary` is its title, in the customer's language.

    The contact is left out: calendars are shared.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Relevo//Follow-ups//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{_escape(follow_up.folio)}@relevo",
        f"DTSTAMP:{_utc(follow_up.created_at)}",
        f"DTSTART:{_utc(follow_up.due_at)}",
        f"DURATION:{DURATION}",
        f"SUMMARY:{_escape(summary)}",
        f"STATUS:{'CANCELLED' if follow_up.state == 'cancelled' else 'CONFIRMED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_fold(line)}\r\n" for line in lines)


def _utc(instant: float) -> str:
    return datetime.fromtimestamp(instant, timezone.utc).strftime("%Y%m%dT%H%M%SZ")


def _escape(text: str) -> str:
    """RFC 5545, 3.3.11: backslash, semicolon, comma and line break are escaped; controls are not allowed."""
    text = _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\n", "\\n")


def _fold(line: str) -> str:
    """Fold a line at 75 bytes, never inside a character; a continuation begins with a space."""
    folded, length = [], 0
    for character in line:
        size = len(character.encode())
        if length + size > MAX_LINE_BYTES:
            folded.append("\r\n ")
            length = 1
        folded.append(character)
        length += size
    return "".join(folded)
