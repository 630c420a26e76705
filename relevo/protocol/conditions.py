"""Conditions of the contingency plan, taken apart."""

from __future__ import annotations

from collections.abc import Iterator

from relevo.protocol.parts.contingency import When
from relevo.protocol.problems import At


def nested(when: When, at: At) -> Iterator[tuple[At, When]]:
    """A condition and all that stand inside it, each with its place."""
    yield at, when
    for name, inner in (("all", when.all), ("any", when.any)):
        for i, condition in enumerate(inner or ()):
            yield from nested(condition, (*at, name, i))
    if when.not_:
        yield from nested(when.not_, (*at, "not"))


def intents_of(when: When, at: At) -> Iterator[tuple[At, str]]:
    """The intents that a condition names, each with its place."""
    for place, condition in nested(when, at):
        if condition.intent:
            yield (*place, "intent"), condition.intent
        if condition.again and condition.again.intent:
            yield (*place, "again", "intent"), condition.again.intent


def names_event(when: When) -> bool:
    """Whether a condition asks for an event: then it is decided when one happens, and not on messages."""
    if when.not_ is not None:
        return names_event(when.not_)
    return when.event is not None or any(map(names_event, when.all or when.any or ()))
