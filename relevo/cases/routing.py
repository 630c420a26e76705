"""Whom a case suits: by area, language, channel, working hours, load and skill; next best where nobody fits.

Pure: the roster, the hour and who has how much in, a route with its reason out. It only suggests: the line
stays open to all, so that nobody's absence keeps a customer waiting.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from relevo.cases.case import Case
from relevo.cases.rules import CaseRules
from relevo.protocol.opening_hours import OpeningHours
from relevo.protocol.parts.roster import Person
from relevo.protocol.schema import Protocol

Step = Literal["meant_for", "area", "superior", "first_area", "nobody"]
"""Where somebody was found: whom it is meant for, its area, above the area, the first area; or nowhere."""
Lack = Literal["staff", "hours", "language", "channel", "capacity"]
"""What an area lacks: people; people at work; who speak the language, serve the channel, have room."""
LACKS: tuple[Lack, ...] = ("hours", "language", "channel", "capacity")
NEEDS: dict[Step, tuple[Lack, ...]] = {
    "meant_for": ("hours", "language"),
    "area": LACKS,
    "superior": ("hours", "language", "capacity"),
    "first_area": LACKS,
}
"""What somebody needs for a case: whoever steps in from above need not serve its channel otherwise."""
GRAVE_TONES = ("angry", "abusive", "threat")
_SKILLS_FOR_GRAVE = ("expert", "advisor", "trainee")
_SKILLS_FOR_OTHERS = ("advisor", "trainee", "expert")


@dataclass(frozen=True)
class Route:
    """Who should take a case, the best first; where they were found, and what the case's area lacks."""

    people: tuple[str, ...]
    step: Step
    lack: Lack | None = None


@dataclass(frozen=True)
class Workforce:
    """Who is there at one moment.

    Attributes:
        now: UTC epoch seconds.
        loads: how many cases people of the roster have in hand, as far as it is known.
        present: who of the roster has their desk open.
    """

    protocol: Protocol
    now: float
    loads: Mapping[str, int] = field(default_factory=dict)
    present: Collection[str] = ()

    def route(self, case: Case, only: Collection[str] | None = None) -> Route:
        """Who should take a case; nobody but `only` if that is given."""
        allowed = self.protocol.roster.people if only is None else only
        if case.for_person in allowed and self._fits(case, case.for_person, NEEDS["meant_for"]):
            return Route((case.for_person,), "meant_for")
        lack: Lack | None = None
        for step, names in self._steps(case):
            fitting = [name for name in names if name in allowed and self._fits(case, name, NEEDS[step])]
            if fitting:
                nearest_first = step == "superior"
                people = fitting if nearest_first else self._best_first(case, fitting)
                return Route(tuple(people), step, lack)
            if step == "area":
                lack = self._lack(case, names)
        return Route((), "nobody", lack)

    def suits(self, case: Case, person: str) -> Step | None:
        """Why a case is suggested to a person; None if others should take it."""
        route = self.route(case)
        return route.step if person in route.people else None

    def _steps(self, case: Case) -> Iterable[tuple[Step, list[str]]]:
        roster = self.protocol.roster
        head = roster.head(case.area)
        yield "area", list(roster.staff(case.area))
        yield "superior", [head, *roster.chain(head)] if head else []
        yield "first_area", list(roster.staff(next(iter(roster.areas))))

    def _fits(self, case: Case, name: str, needs: Sequence[Lack]) -> bool:
        return all(self._has(need, case, name) for need in needs)

    def _lack(self, case: Case, names: list[str]) -> Lack:
        """What keeps an area's people from a case: the first need that nobody meets who met those before."""
        for lack in LACKS:
            meeting = [name for name in names if self._has(lack, case, name)]
            if not meeting:
                return lack if names else "staff"
            names = meeting
        return "staff"

    def _has(self, need: Lack, case: Case, name: str) -> bool:
        person = self.protocol.roster.people[name]
        match need:
            case "hours":
                return name in self._at_work
            case "language":
                return case.language in person.languages
            case "channel":
                return case.channel in person.channels
            case "capacity":
                return name not in self._full
        return True

    def _best_first(self, case: Case, names: list[str]) -> list[str]:
        """By presence, then skill, then load, then the order of the roster."""
        skills = _SKILLS_FOR_GRAVE if is_grave(case) else _SKILLS_FOR_OTHERS
        people = self.protocol.roster.people
        return sorted(
            names,
            key=lambda name: (
                name not in self.present,
                skills.index(people[name].skill),
                self.loads.get(name, 0),
            ),
        )

    @cached_property
    def _at_work(self) -> frozenset[str]:
        people = self.protocol.roster.people.items()
        return frozenset(name for name, person in people if self._hours_of(person).is_open(self.now))

    @cached_property
    def _full(self) -> frozenset[str]:
        rules = CaseRules(self.protocol)
        capacities = {name: rules.capacity_of(name) for name in self.loads}
        return frozenset(
            name
            for name, capacity in capacities.items()
            if capacity is not None and self.loads[name] >= capacity
        )

    def _hours_of(self, person: Person) -> OpeningHours:
        """Their own hours, else their area's, else the company's; its holidays in any case."""
        return self.protocol.hours_of(person.area).with_weekly(person.weekly or None)


def is_grave(case: Case) -> bool:
    """Whether a case is one for the experienced: upset customers, whatever is urgent, claims."""
    return case.rank == 0 or case.tone in GRAVE_TONES or case.is_claim
