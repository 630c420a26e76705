"""Whether conditions of the contingency plan can hold, and whether one holds wherever another does.

A condition only tells some situations from others: by the topics, tones, counts and so on that it names. So
it is enough to look at one situation of each kind that the conditions in question can tell apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, combinations, product
from math import prod
from typing import Any, get_args

from relevo.protocol.conditions import nested
from relevo.protocol.parts.contingency import Tone, ToneWindow, When

MISUNDERSTOOD = "nlu_fallback"
MAX_SITUATIONS = 2_000
"""Conditions that tell more situations apart are not judged."""
_OTHER, _OTHER_SMALL_TALK = "…", "… …"
"""Names that no topic has: any other one."""

Window = tuple[frozenset[str], int, int]
"""Tones, how many messages, of the last how many."""


@dataclass(frozen=True)
class _Situation:
    intent: str
    tone: str
    channel: str
    opening: str
    event: str
    misunderstandings: int
    times: int
    windows: frozenset[Window]


@dataclass
class _Named:
    """All that some conditions name, and one value besides for whatever else there is."""

    intents: set[str] = field(default_factory=lambda: {_OTHER})
    tones: set[str] = field(default_factory=lambda: {_OTHER})
    channels: set[str] = field(default_factory=lambda: {_OTHER})
    openings: set[str] = field(default_factory=lambda: {_OTHER})
    events: set[str] = field(default_factory=lambda: {_OTHER})
    misunderstandings: set[int] = field(default_factory=lambda: {0})
    times: set[int] = field(default_factory=lambda: {0})
    windows: set[Window] = field(default_factory=set)


def is_possible(when: When) -> bool:
    """Whether there is a situation in which a condition holds."""
    situations = _situations([when])
    return situations is None or any(_holds(when, situation, frozenset()) for situation in situations)


def covers(earlier: When, later: When, small_talk: frozenset[str]) -> bool:
    """Whether `earlier` holds in all situations in which `later` does.

    Args:
        small_talk: topics that don't count as asked again.
    """
    situations = _situations([earlier, later])
    return situations is not None and all(
        _holds(earlier, situation, small_talk)
        for situation in situations
        if _holds(later, situation, small_talk)
    )


def _holds(when: When, now: _Situation, small_talk: frozenset[str]) -> bool:
    if when.all:
        return all(_holds(inner, now, small_talk) for inner in when.all)
    if when.any:
        return any(_holds(inner, now, small_talk) for inner in when.any)
    if when.not_:
        return not _holds(when.not_, now, small_talk)
    if when.tones_lately:
        return _window(when.tones_lately) in now.windows
    if when.misunderstandings:
        return now.misunderstandings >= when.misunderstandings
    if when.again:
        is_topic = now.intent not in (*small_talk, MISUNDERSTOOD, _OTHER_SMALL_TALK)
        counts = now.intent == when.again.intent if when.again.intent else is_topic
        return counts and now.times >= when.again.times
    pairs = (
        (when.intent, now.intent),
        (when.tone, now.tone),
        (when.channel, now.channel),
        (when.opening, now.opening),
        (when.event, now.event),
    )
    return any(wanted is not None and wanted == present for wanted, present in pairs)


def _situations(conditions: list[When]) -> list[_Situation] | None:
    """All situations that some conditions tell apart; None if they are too many."""
    named = _named(conditions)
    sides: list[set[Any]] = [
        named.intents,
        named.tones,
        named.channels,
        named.openings,
        named.events,
        named.misunderstandings,
        named.times,
    ]
    if prod(map(len, sides)) * 2 ** len(named.windows) > MAX_SITUATIONS:
        return None
    windows = [
        frozenset(group)
        for group in chain.from_iterable(
            combinations(named.windows, size) for size in range(len(named.windows) + 1)
        )
    ]
    found = (_Situation(*values) for values in product(*sides, windows))
    return [situation for situation in found if _is_real(situation, named.windows)]


def _named(conditions: list[When]) -> _Named:
    named = _Named()
    for _, when in chain.from_iterable(nested(condition, ()) for condition in conditions):
        named.intents |= {when.intent} if when.intent else set()
        named.tones |= set(get_args(Tone)) if when.tone or when.tones_lately else set()
        named.channels |= {when.channel} if when.channel else set()
        named.openings |= {"open", "closed"} if when.opening else set()
        named.events |= {when.event} if when.event else set()
        if when.misunderstandings:
            named.intents.add(MISUNDERSTOOD)
            named.misunderstandings.add(when.misunderstandings)
        if when.again:
            named.intents |= {when.again.intent or _OTHER_SMALL_TALK}
            named.times.add(when.again.times)
        if when.tones_lately:
            named.windows.add(_window(when.tones_lately))
    return named


def _is_real(situation: _Situation, known: set[Window]) -> bool:
    """Whether the sides of a situation go together."""
    held = situation.windows
    is_misunderstood = situation.intent == MISUNDERSTOOD
    return (is_misunderstood or not situation.misunderstandings) and all(
        # The present message has one of the window's tones; if one message is enough, it is this one.
        (window not in held or situation.tone in window[0])
        and (window in held or window[1] > 1 or situation.tone not in window[0])
        and (window in held or not any(_implies(other, window) for other in held))
        for window in known
    )


def _window(window: ToneWindow) -> Window:
    return frozenset(window.tones), window.messages, window.of_last


def _implies(one: Window, other: Window) -> bool:
    """Whether messages that fill one window fill the other one too."""
    lost = max(0, one[2] - other[2])
    return one[0] <= other[0] and one[1] - lost >= other[1]
