"""Rules on triggers that events set off: what can't be asked for there, and events without a trigger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from relevo.protocol.conditions import names_event, nested
from relevo.protocol.lint.situations import needs_event
from relevo.protocol.parts.contingency import Event, Outcome, Trigger
from relevo.protocol.problems import At, Finding
from relevo.protocol.schema import Protocol

OF_MESSAGES = (
    *("intent", "tone", "tones_lately", "rising_frustration", "misunderstandings", "again"),
    *("amount_above", "earlier_cases"),
)
"""Conditions that are looked at when a customer writes."""
OF_CASES = ("area", "priority")
"""Conditions on the case that an event happens to; when a customer writes there may be none."""
OUTCOMES: dict[Event, Outcome] = {
    "resolution_rejected": "reopen_as_claim",
    "nobody_available": "offer_follow_up",
    "target_at_risk": "escalate",
    "target_missed": "escalate",
}
"""What follows an event: it happens where nothing else can be done."""


def outcome_needs_an_event(protocol: Protocol) -> Iterator[Finding]:
    """A trigger of messages has an outcome that only follows events: nothing would be done."""
    for i, trigger in enumerate(protocol.contingency.triggers):
        if trigger.outcome in ("reopen_as_claim", "escalate") and not names_event(trigger.when):
            message = f"the outcome {trigger.outcome} follows events only, and this trigger has none"
            advice = "choose another outcome, or add an event to its condition"
            yield Finding(("contingency", "triggers", i, "outcome"), message, advice)


def outcome_does_not_follow_its_event(protocol: Protocol) -> Iterator[Finding]:
    """A trigger's outcome is none that can follow what it waits for."""
    for i, trigger in enumerate(protocol.contingency.triggers):
        for event in _events_of(trigger):
            if trigger.outcome != OUTCOMES[event]:
                message = f"the outcome {trigger.outcome} can't follow the event {event}"
                at: At = ("contingency", "triggers", i)
                # An outcome that is left out is a hand-off, and stands in no line.
                is_written = "outcome" in trigger.__fields_set__
                yield Finding((*at, "outcome") if is_written else at, message, f"write {OUTCOMES[event]}")
                break


def event_has_no_message(protocol: Protocol) -> Iterator[Finding]:
    """A trigger asks for a message beside its event, which comes without one: it would never fire."""
    for at, key in _conditions(protocol, OF_MESSAGES, with_event=True):
        message = f"an event comes without a message, so there is no {key} to look at"
        advice = "ask for area, priority, channel, opening or notice, or take the event out"
        yield Finding((*at, key), message, advice)


def case_is_not_known(protocol: Protocol) -> Iterator[Finding]:
    """A trigger of messages asks for the case, which there is only once the trigger has fired."""
    for at, key in _conditions(protocol, OF_CASES, with_event=False):
        message = f"the {key} of a case is known beside an event only"
        yield Finding((*at, key), message, "add an event, or take it out")


def event_is_not_needed(protocol: Protocol) -> Iterator[Finding]:
    """A trigger names an event and fires on others, too: which, nobody could say."""
    for i, trigger in enumerate(protocol.contingency.triggers):
        if names_event(trigger.when) and not needs_event(trigger.when):
            message = f'the trigger "{trigger.id}" names an event, and would fire on any other one, too'
            advice = "put the event and the rest under all, and name every event that is meant"
            yield Finding(("contingency", "triggers", i, "when"), message, advice)


def event_has_no_trigger(protocol: Protocol) -> Iterator[Finding]:
    """Nothing is planned for something that will happen."""
    planned = {event for trigger in protocol.contingency.triggers for event in _events_of(trigger)}
    for event in get_args(Event):
        if event not in planned:
            message = f"nothing is planned for this event: {event}"
            yield Finding(("contingency", "triggers"), message, "add a trigger for it", "warning")


def _events_of(trigger: Trigger) -> list[Event]:
    return [condition.event for _, condition in nested(trigger.when, ()) if condition.event]


def _conditions(protocol: Protocol, names: tuple[str, ...], *, with_event: bool) -> Iterator[tuple[At, str]]:
    """Plain conditions of some kinds, in triggers that name an event or in those that don't."""
    for i, trigger in enumerate(protocol.contingency.triggers):
        if names_event(trigger.when) is with_event:
            for at, condition in nested(trigger.when, ("contingency", "triggers", i, "when")):
                yield from ((at, name) for name in names if getattr(condition, name) is not None)
