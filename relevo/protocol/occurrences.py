"""What happens without a message of the customer, and which trigger of the contingency plan it sets off.

A trigger that names an event fires on events alone, and all others on messages alone. Beside its event it may
ask for what is known of the case at that time; the lint refuses what needs a message.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relevo.protocol.conditions import names_event
from relevo.protocol.deciding import Decision, Observation, facts_for
from relevo.protocol.explanation import Reason
from relevo.protocol.parts.contingency import Event, Trigger, When
from relevo.protocol.schema import Protocol


class Occurrence(NamedTuple):
    """An event and what is known of its case.

    Attributes:
        is_open: whether the area is at work.
        priority: "" for a promise that is no case yet.
        notices: names of those in force on the channel today.
    """

    event: Event
    channel: str
    area: str
    priority: str
    is_open: bool
    notices: frozenset[str]


def occurrence_at(
    now: float, protocol: Protocol, event: Event, *, channel: str, area: str, priority: str = ""
) -> Occurrence:
    """An event that happens now (UTC epoch seconds)."""
    today = protocol.company.hours.local(now).date()
    return Occurrence(
        event,
        channel,
        area,
        priority,
        is_open=protocol.hours_of(area).is_open(now),
        notices=frozenset(protocol.notices_in_force(today, channel)),
    )


def decide_on(triggers: Sequence[Trigger], occurrence: Occurrence) -> Decision | None:
    """The first trigger that an event sets off; None if nothing is planned for it."""

    def look(when: When) -> Observation:
        return _look(when, occurrence)

    for trigger in triggers:
        if names_event(trigger.when) and (facts := facts_for(trigger.when, look)) is not None:
            reasons = (Reason(fact.written, fact.wanted, (), fact.observation.found) for fact in facts)
            return Decision(trigger, tuple(reasons))
    return None


def _look(when: When, now: Occurrence) -> Observation:
    """Look at a plain condition; what asks for messages never holds."""
    match when:
        case When(event=str(event)):
            return Observation(event == now.event)
        case When(channel=str(channel)):
            return Observation(channel == now.channel, (), {"channel": now.channel})
        case When(area=str(area)):
            return Observation(area == now.area, (), {"area": now.area})
        case When(priority=str(priority)):
            return Observation(priority == now.priority, (), {"priority": now.priority})
        case When(opening=str(opening)):
            return Observation(now.is_open is (opening == "open"), (), {"is_open": now.is_open})
        case When(notice=str(notice)):
            return Observation(notice in now.notices, (), {"notice": notice})
    return Observation(holds=False)
