"""Finds the phrases of time in a customer's text: a day, an hour, a part of the day, a delay.

What rules days out and what tells the customer's clock is taken from the whole text. The rest is read from
one word of correction to the next: "mañana a las 5, no, mejor a las 6". Of each part idioms are rewritten
("cuarto para las 6" becomes `@6:-15`), and then each kind of phrase is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from relevo.follow_ups.days import parse, take_date, take_day
from relevo.follow_ups.excluded_days import take_excluded
from relevo.follow_ups.hours import NOON, Clock, mark_hours, take_clock
from relevo.follow_ups.plain_text import PlainText, Unreadable
from relevo.follow_ups.vocabulary import DayPart, vocabulary
from relevo.protocol import Language

__all__ = ["NOON", "Phrases", "Unreadable", "find_phrases"]


@dataclass(frozen=True)
class Phrases:
    """What was found; None for what was not said."""

    day: date | None = None
    clock: Clock | None = None
    day_part: DayPart | None = None
    delay: timedelta | None = None
    soonest: bool = False
    same_hour: bool = False
    """Whether the hour is to stay what it is; of a day only, as "at the same time" means much else."""
    excluded: frozenset[date] = frozenset()
    """The days on which it may not be."""
    zone: ZoneInfo | None = None
    """The zone in which the hour was meant, where the customer said one."""

    def __bool__(self) -> bool:
        return self.soonest or any((self.day, self.clock, self.day_part, self.delay))

    def corrected_by(self, later: Phrases) -> Phrases:
        """What is said later goes before; what it leaves open stays."""
        if not later or not self:
            return later or self
        if later.delay or (later.soonest and not later.excluded):
            return later
        names_day = bool(later.day or later.excluded)
        names_hour = bool(later.clock or later.day_part or later.same_hour)
        day, hour = later if names_day else self, later if names_hour else self
        return Phrases(
            day=day.day,
            clock=hour.clock,
            day_part=hour.day_part,
            soonest=day.soonest,
            same_hour=hour.same_hour,
            excluded=day.excluded,
        )


def find_phrases(text: str, language: Language, today: date) -> Phrases:
    """The phrases of time in a text; `today` is the local day from which days are counted.

    Raises:
        Unreadable: a date is given that does not exist.
    """
    words = vocabulary(language)
    rest = PlainText.of(text, words)
    rest.take(words.any_of(words.ignored))
    zone = _take_zone(rest)
    rest.rewrite(words.negations)
    excluded, others_suit = take_excluded(rest, today)
    said = _read_corrected(rest.split(words.any_of(words.corrections)), today)
    soonest = said.soonest or (others_suit and not said)
    return replace(said, soonest=soonest, excluded=said.excluded | excluded, zone=zone)


def _read_corrected(parts: list[PlainText], today: date) -> Phrases:
    """What stands after all corrections; a date that does not exist may be corrected too."""
    said, unreadable = Phrases(), None
    for part in parts:
        try:
            later = _read(part, today, hour_expected=said.clock is not None)
        except Unreadable as error:
            unreadable = error
            continue
        said = said.corrected_by(later)
        names_day = later.day or later.delay or later.soonest
        unreadable = None if names_day else unreadable
    if unreadable:
        raise unreadable
    return said


def _read(rest: PlainText, today: date, *, hour_expected: bool) -> Phrases:
    """What one part says by itself."""
    words = rest.words
    same_hour = rest.take(words.any_of(words.same_hour)) is not None
    explicit = take_date(rest, today)
    rest.rewrite(words.idioms)
    mark_hours(rest)
    clock = take_clock(rest, is_expected=hour_expected)
    day_part, delay = _take_day_part(rest), _take_delay(rest, today)
    day = explicit if explicit.day else explicit.with_weekday(take_day(rest, today))
    clock = clock or day.clock
    return Phrases(
        day=day.day,
        clock=clock.within(day_part) if clock else None,
        day_part=day_part,
        delay=delay,
        soonest=rest.take(words.any_of(words.soonest)) is not None or day.any_before or bool(day.excluded),
        same_hour=same_hour,
        excluded=day.excluded,
    )


def _take_zone(rest: PlainText) -> ZoneInfo | None:
    """The first zone that is named, by its own name or by a place."""
    words, text, found = rest.words, rest.left, []
    for zone, phrases in words.zones.items():
        found += [(match.start(), zone) for match in words.any_of(phrases).finditer(text)]
        rest.take(words.any_of(phrases))
    for pattern in map(words.pattern, words.at_a_place):
        found += [(match.start(), words.zone_of_place(match["place"])) for match in pattern.finditer(text)]
        rest.take(pattern)
    return ZoneInfo(min(found)[1]) if found else None


def _take_day_part(rest: PlainText) -> DayPart | None:
    """The first part of the day that is named; all are taken, as "la mañana" must not leave "mañana"."""
    text, found = rest.left, []
    for order, part in enumerate(rest.words.day_parts):
        pattern = rest.words.any_of(part.phrases)
        if rest.take(pattern):
            match = pattern.search(text)
            found.append((match.start() if match else len(text), order, part))
    return min(found)[2] if found else None


def _take_delay(rest: PlainText, today: date) -> timedelta | None:
    match = rest.take(rest.words.pattern(rest.words.delay))
    if not match:
        return None
    return parse(match[0], rest.words, today) - datetime.combine(today, time())
