"""Rules on the contingency plan: triggers that never get their turn, offers that nobody may make."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import get_args

from relevo.protocol.conditions import names_event
from relevo.protocol.lint.situations import covers, is_possible
from relevo.protocol.parts.contingency import Priority, Trigger
from relevo.protocol.problems import At, Finding
from relevo.protocol.schema import Protocol

MAX_COMPARED = 60
"""Each trigger is compared with all earlier ones; those behind this many are not."""


def trigger_never_fires(protocol: Protocol) -> Iterator[Finding]:
    """The conditions of a trigger contradict each other."""
    for i, trigger in enumerate(protocol.contingency.triggers):
        if not is_possible(trigger.when):
            message = f'the trigger "{trigger.id}" can never fire: its conditions contradict each other'
            yield Finding(_at(i), message, "use any instead of all, or take a condition out")


def trigger_is_shadowed(protocol: Protocol) -> Iterator[Finding]:
    """An earlier trigger fires whenever this one would."""
    triggers = protocol.contingency.triggers[:MAX_COMPARED]
    small_talk = frozenset(name for name, topic in protocol.topics.items() if topic.is_small_talk)
    possible = [trigger if is_possible(trigger.when) else None for trigger in triggers]
    for i, trigger in enumerate(possible):
        earlier = [other for other in possible[:i] if other and trigger and _compete(other, trigger)]
        for other in earlier:
            if trigger and covers(other.when, trigger.when, small_talk):
                message = f'the trigger "{trigger.id}" never gets its turn: "{other.id}" fires before it'
                advice = f'move it above "{other.id}", or narrow the condition of "{other.id}"'
                yield Finding(_at(i), message, advice)
                break


def recovery_is_granted_by_nobody(protocol: Protocol) -> Iterator[Finding]:
    """No person of the roster may grant an offer."""
    people = protocol.roster.people
    superiors = {person.reports_to for person in people.values()}
    granted = {"assistant"}
    granted |= {"agent" for person in people.values() if person.reports_to is not None}
    granted |= {"supervisor" for name in people if name in superiors}
    granted |= {"head" for person in people.values() if person.reports_to is None}
    for name, recovery in protocol.contingency.recovery.items():
        if recovery.granted_by not in granted:
            message = f"nobody in the roster may grant this: there is no {recovery.granted_by}"
            advice = f"choose one of: {', '.join(sorted(granted))}"
            yield Finding(("contingency", "recovery", name, "granted_by"), message, advice)


def priorities_are_out_of_order(protocol: Protocol) -> Iterator[Finding]:
    """Lines are ordered as the targets stand: the most urgent must come first, and be the quickest."""
    targets = protocol.contingency.targets
    order: list[Priority] = [priority for priority in get_args(Priority) if priority in targets]
    if list(targets) != order:
        message = "the priorities stand in the wrong order; cases are taken in the order of this list"
        yield Finding(("contingency", "targets"), message, f"write them as {', '.join(order)}")
    for higher, lower in pairwise(order):
        if targets[higher].first_response > targets[lower].first_response:
            message = f"cases of priority {higher} wait longer than those of priority {lower}"
            at: At = ("contingency", "targets", higher, "first_response")
            yield Finding(at, message, "give the more urgent priority less time", "warning")


def _compete(one: Trigger, other: Trigger) -> bool:
    """Whether both are looked at on the same occasions: when a customer writes, or when something happens."""
    return names_event(one.when) is names_event(other.when)


def _at(number: int) -> At:
    return ("contingency", "triggers", number, "when")
