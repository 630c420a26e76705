"""`roster.yml`: who does what and who answers to whom. Routing and escalation climb this tree."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from pydantic import Field

from relevo.protocol.opening_hours import checked_weekly
from relevo.protocol.parts.base import Language, Name, Part, Text, holds_some

Skill = Literal["trainee", "advisor", "expert"]


class Contact(Part):
    """How colleagues reach a person."""

    email: str = Field(regex=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    phone: str = Field(regex=r"^\+?[\d ()-]{7,25}$")


class Area(Part):
    """A department that takes cases."""

    title: Text
    competence: Text
    topics: list[Name] = Field(default_factory=list)
    """Topics that belong to it; a case about one is routed here unless the trigger names an area."""
    weekly: dict[str, list[str]] | None = None
    """Its own opening periods by weekday, where they differ from the company's."""

    _weekly_is_sound = checked_weekly("weekly")


class Person(Part):
    """Someone who represents the company."""

    name: str = Field(min_length=1)
    role: Text
    area: Name
    reports_to: Name | None
    """Who is above them; null for the head of the company's service."""
    languages: list[Language] = Field(min_items=1)
    channels: list[Name] = Field(min_items=1)
    contact: Contact
    skill: Skill = "advisor"
    """Grave cases are suggested to experts first, and to trainees last."""
    capacity: int | None = Field(default=None, ge=1, le=1_000)
    """Cases in hand at once, where it differs from the plan's."""
    weekly: dict[str, list[str]] | None = None
    """Their own working hours by weekday, where they differ from their area's."""

    _weekly_is_sound = checked_weekly("weekly")


class Roster(Part):
    """All areas and people."""

    areas: dict[Name, Area]
    people: dict[Name, Person]

    _hold_some = holds_some("areas", "people")

    def staff(self, area: str) -> dict[str, Person]:
        """The people of an area, by name."""
        return {name: person for name, person in self.people.items() if person.area == area}

    def head(self, area: str) -> str | None:
        """Who heads an area: the one of its people to whom most of them report; None without people."""
        staff = self.staff(area)
        reports = Counter(person.reports_to for person in staff.values())
        return max(staff, key=lambda name: reports[name], default=None)

    def climb(self, person: str, area: str, levels: int = 1) -> str:
        """Who stands so many levels above a person; above the area, its head first, if there is none.

        The highest there is, who may be the person themselves; "" if the area has nobody.
        """
        if person in self.people:
            above = [person, *self.chain(person)]
            return above[: levels + 1][-1]
        head = self.head(area)
        return [head, *self.chain(head)][: max(1, levels)][-1] if head else ""

    def chain(self, name: str) -> list[str]:
        """Everyone above a person, the nearest first; ends where it would repeat itself."""
        above: list[str] = []
        superior = self.people[name].reports_to
        while superior in self.people and superior not in (*above, name):
            above.append(superior)
            superior = self.people[superior].reports_to
        return above
