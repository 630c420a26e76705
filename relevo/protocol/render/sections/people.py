"""Who does what: the tree of people, the areas and their competence, and everyone's contact data."""

from __future__ import annotations

from relevo.protocol.parts.roster import Area, Person
from relevo.protocol.render.blocks import (
    Block,
    Card,
    Cards,
    Facts,
    Group,
    Line,
    Link,
    Paragraph,
    Row,
    Small,
    Strong,
    Table,
    cell,
)
from relevo.protocol.render.chart import picture_of
from relevo.protocol.render.hours import describe_hours
from relevo.protocol.render.sections.handling import person_rules
from relevo.protocol.render.voice import Voice

COLUMNS = ("name", "area", "channels", "contact")


def people(voice: Voice) -> tuple[Block, ...]:
    roster = voice.protocol.roster
    areas = [_area(voice, name, area) for name, area in roster.areas.items()]
    rows = [_row(voice, name, person) for name, person in roster.people.items()]
    columns = tuple(voice(f"people.{column}") for column in COLUMNS)
    directory = Table(voice("people.directory"), columns, tuple(rows))
    return (
        Paragraph(voice("people.lead"), "lead"),
        Group("hierarchy", voice("people.chart"), (picture_of(voice),)),
        Group("areas", voice("people.areas"), (Cards(tuple(areas)),)),
        Group("directory", voice("people.directory"), (directory,)),
        Group("hours", voice("people.hours_of_service"), _hours(voice)),
    )


def _area(voice: Voice, name: str, area: Area) -> Card:
    staff = [voice.person_link(person) for person in voice.protocol.roster.staff(name)]
    weekly = area.weekly or voice.protocol.company.hours.weekly
    pairs = [
        (voice("people.staff"), cell(listed(staff or [voice("people.nobody")]))),
        (voice("people.hours"), cell(*describe_hours(weekly, voice))),
    ]
    if area.topics:
        pairs.append((voice("people.topics"), cell(listed(voice.topics(area.topics)))))
    return Card(
        f"area-{name}",
        voice.of(area.title),
        (Paragraph(voice.of(area.competence)), Facts(tuple(pairs))),
    )


def _row(voice: Voice, name: str, person: Person) -> Row:
    superior = person.reports_to
    above = (
        (Small(voice("people.reports_to")), " ", voice.person_link(superior))
        if superior
        else (Small(voice("people.nobody_above")),)
    )
    contact, rules = person.contact, person_rules(voice, person)
    return Row(
        (
            cell(Strong(person.name), Small(voice.of(person.role)), *([Small(rules)] if rules else [])),
            cell(voice.area_link(person.area), above),
            cell(
                " · ".join(voice.channel(channel) for channel in person.channels),
                Small(" · ".join(voice(f"languages.{language}") for language in person.languages)),
            ),
            cell(
                Link(contact.email, f"mailto:{contact.email}"),
                Link(contact.phone, f"tel:{digits(contact.phone)}"),
            ),
        ),
        f"person-{name}",
    )


def _hours(voice: Voice) -> tuple[Block, ...]:
    hours = voice.protocol.company.hours
    zone = voice.place(hours.time_zone)
    countries = voice.countries(hours.holidays)
    note = "people.holidays" if hours.holidays else "people.no_holidays"
    lines = [line.partition(": ") for line in describe_hours(hours.weekly, voice)]
    return (
        Facts(tuple((days, cell(periods)) for days, _, periods in lines)),
        Paragraph(voice(note, countries=countries, zone=zone), "note"),
    )


def listed(inlines: list[Link | str]) -> Line:
    """Inlines with commas between them."""
    line: list[Link | str] = []
    for inline in inlines:
        line += [", ", inline] if line else [inline]
    return tuple(line)


def digits(phone: str) -> str:
    """A phone number as an address takes it."""
    return "".join(character for character in phone if character.isdecimal() or character == "+")
