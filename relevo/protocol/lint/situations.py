"""Whether conditions of the contingency plan can hold, and whether one holds wherever another does.

A condition only tells some situations from others: by the topics, tones, counts and so on that it names. So
it is enough to look at one situation of each kind that the conditions in question can tell apart.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import chain, combinations, product
from math import prod
from typing import Any, get_args

from relevo.protocol.conditions import nested
from relevo.protocol.parts.contingency import LOUDNESS, EarlierCases, Rising, Tone, ToneWindow, When

MISUNDERSTOOD = "nlu_fallback"
MAX_SITUATIONS = 2_000
"""Conditions that tell more situations apart are not judged."""
_OTHER, _OTHER_SMALL_TALK = "…", "… …"
"""Names that no topic has: any other one."""


@dataclass(frozen=True)
class _Window:
    """Tones in several of the last messages."""

    tones: frozenset[str]
    messages: int
    of_last: int

    def needs(self, tone: str) -> bool:
        """Whether the present message may have this tone when the window is filled."""
        return tone in self.tones

    def is_filled_by(self, tone: str) -> bool:
        """Whether the present message is enough."""
        return self.messages == 1 and tone in self.tones

    def implies(self, other: _Past) -> bool:
        """Whether messages that fill this window fill the other one too."""
        if not isinstance(other, _Window):
            return False
        lost = max(0, self.of_last - other.of_last)
        return self.tones <= other.tones and self.messages - lost >= other.messages


@dataclass(frozen=True)
class _Rise:
    """A tone that has risen several times within the last messages."""

    rises: int
    of_last: int

    def needs(self, tone: str) -> bool:
        return LOUDNESS.get(tone, 0) >= self.rises

    def is_filled_by(self, tone: str) -> bool:
        return False

    def implies(self, other: _Past) -> bool:
        if not isinstance(other, _Rise):
            return False
        lost = max(0, self.of_last - other.of_last)
        return self.rises - lost >= other.rises


@dataclass(frozen=True)
class _Earlier:
    """Cases that the customer has had within some days."""

    cases: int
    days: int

    def needs(self, tone: str) -> bool:
        return True

    def is_filled_by(self, tone: str) -> bool:
        return False

    def implies(self, other: _Past) -> bool:
        return isinstance(other, _Earlier) and self.cases >= other.cases and self.days <= other.days


_Past = _Window | _Rise | _Earlier
"""What depends on more than the present message: it is so, or it isn't."""


@dataclass(frozen=True)
class _Situation:
    intent: str
    tone: str
    channel: str
    opening: str
    event: str
    area: str
    priority: str
    misunderstandings: int
    times: int
    amount: int
    notices: frozenset[str]
    past: frozenset[_Past]


@dataclass
class _Named:
    """All that some conditions name, and one value besides for whatever else there is."""

    intents: set[str] = field(default_factory=lambda: {_OTHER})
    tones: set[str] = field(default_factory=lambda: {_OTHER})
    channels: set[str] = field(default_factory=lambda: {_OTHER})
    openings: set[str] = field(default_factory=lambda: {_OTHER})
    events: set[str] = field(default_factory=lambda: {_OTHER})
    areas: set[str] = field(default_factory=lambda: {_OTHER})
    priorities: set[str] = field(default_factory=lambda: {_OTHER})
    misunderstandings: set[int] = field(default_factory=lambda: {0})
    times: set[int] = field(default_factory=lambda: {0})
    amounts: set[int] = field(default_factory=lambda: {0})
    notices: set[str] = field(default_factory=set)
    past: set[_Past] = field(default_factory=set)


def is_possible(when: When) -> bool:
    """Whether there is a situation in which a condition holds."""
    situations = _situations([when])
    return situations is None or any(_holds(when, situation, frozenset()) for situation in situations)


def needs_event(when: When) -> bool:
    """Whether a condition holds only if one of the events happens that it names."""
    situations = _situations([when])
    return situations is None or not any(
        _holds(when, situation, frozenset()) for situation in situations if situation.event == _OTHER
    )


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
    if past := _past(when):
        return past in now.past
    if when.notice:
        return when.notice in now.notices
    if when.amount_above:
        return now.amount > when.amount_above
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
        (when.area, now.area),
        (when.priority, now.priority),
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
        named.areas,
        named.priorities,
        named.misunderstandings,
        named.times,
        named.amounts,
    ]
    if prod(map(len, sides)) * 2 ** (len(named.past) + len(named.notices)) > MAX_SITUATIONS:
        return None
    found = (_Situation(*values) for values in product(*sides, _groups(named.notices), _groups(named.past)))
    return [situation for situation in found if _is_real(situation, named.past)]


def _groups(names: Collection[Any]) -> list[frozenset[Any]]:
    """All groups that can be made of some things."""
    sizes = range(len(names) + 1)
    return [frozenset(group) for group in chain.from_iterable(combinations(names, n) for n in sizes)]


def _named(conditions: list[When]) -> _Named:
    named = _Named()
    for _, when in chain.from_iterable(nested(condition, ()) for condition in conditions):
        named.intents |= {when.intent} if when.intent else set()
        has_tones = when.tone or when.tones_lately or when.rising_frustration
        named.tones |= set(get_args(Tone)) if has_tones else set()
        named.channels |= {when.channel} if when.channel else set()
        named.openings |= {"open", "closed"} if when.opening else set()
        named.events |= {when.event} if when.event else set()
        named.areas |= {when.area} if when.area else set()
        named.priorities |= {when.priority} if when.priority else set()
        if when.misunderstandings:
            named.intents.add(MISUNDERSTOOD)
            named.misunderstandings.add(when.misunderstandings)
        if when.again:
            named.intents |= {when.again.intent or _OTHER_SMALL_TALK}
            named.times.add(when.again.times)
        # Just above each limit: so there is an amount between any two of them.
        named.amounts |= {when.amount_above + 1} if when.amount_above else set()
        named.notices |= {when.notice} if when.notice else set()
        named.past |= {past} if (past := _past(when)) else set()
    return named


def _is_real(situation: _Situation, known: set[_Past]) -> bool:
    """Whether the sides of a situation go together."""
    held = situation.past
    is_misunderstood = situation.intent == MISUNDERSTOOD
    return (is_misunderstood or not situation.misunderstandings) and all(
        past.needs(situation.tone)
        if past in held
        else not (past.is_filled_by(situation.tone) or any(other.implies(past) for other in held))
        for past in known
    )


def _past(when: When) -> _Past | None:
    """What a condition asks of more than the present message."""
    match when:
        case When(tones_lately=ToneWindow() as window):
            return _Window(frozenset(window.tones), window.messages, window.of_last)
        case When(rising_frustration=Rising() as rising):
            return _Rise(rising.rises, rising.of_last)
        case When(earlier_cases=EarlierCases() as earlier):
            return _Earlier(earlier.cases, earlier.days)
    return None
