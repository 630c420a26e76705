"""Rules on notices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from relevo.protocol.lint.walk import texts_of
from relevo.protocol.problems import Finding, Severity
from relevo.protocol.schema import Protocol


def notice_is_past(protocol: Protocol, today: date) -> Iterator[Finding]:
    """A notice is over; worse if customers are to be greeted with it."""
    for name, notice in protocol.notices.items():
        if notice.last_day < today:
            message = f"this notice ended on {notice.last_day.isoformat()}"
            if notice.in_greeting:
                message += ", and customers are to be greeted with it"
            severity: Severity = "error" if notice.in_greeting else "warning"
            yield Finding(
                ("notices", name, "last_day"), message, "take it out, or give it new days", severity
            )


def notice_outgrows_greeting(protocol: Protocol) -> Iterator[Finding]:
    """A notice in greetings is longer than the greeting, or makes it too long for its channel."""
    for name, notice in protocol.notices.items():
        if notice.in_greeting and notice.audience != "staff":
            for said in texts_of(notice.short, ("notices", name, "short")):
                greetings = [
                    (len(rules.greeting.in_language(said.language)), rules.max_characters, channel)
                    for channel, rules in protocol.channels.items()
                    if channel in notice.channels
                ]
                for length, limit, channel in greetings:
                    whole = length + 1 + len(said.text)
                    if limit and whole > limit:
                        message = (
                            f"with this notice the greeting has {whole} characters; {channel} sends {limit}"
                        )
                        yield Finding(said.at, message, "shorten the notice or the greeting")
                if longer := [channel for length, _, channel in greetings if len(said.text) > length]:
                    message = f"this notice is longer than the greeting of {', '.join(longer)}"
                    yield Finding(
                        said.at, message, "one short sentence is enough; `text` tells the rest", "warning"
                    )


def notice_is_for_staff_in_greeting(protocol: Protocol) -> Iterator[Finding]:
    """A notice for staff can't be in a greeting."""
    for name, notice in protocol.notices.items():
        if notice.in_greeting and notice.audience == "staff":
            message = "this notice is for staff, so it is in no greeting"
            advice = "write in_greeting: no, or let the audience be everyone"
            yield Finding(("notices", name, "in_greeting"), message, advice, "warning")
