"""Rules on the roster: who is there for whom, and who stands above them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from relevo.protocol.parts.base import LANGUAGES
from relevo.protocol.parts.business import Party
from relevo.protocol.problems import Finding
from relevo.protocol.schema import Protocol

_LANGUAGE_NAMES = {"en": "English", "es": "Spanish"}


def area_has_no_staff(protocol: Protocol) -> Iterator[Finding]:
    """Nobody works in an area; its cases would wait for ever."""
    for name in protocol.roster.areas:
        if not protocol.roster.staff(name):
            advice = f"give a person in roster.yml the area {name}, or take the area out"
            yield Finding(("roster", "areas", name), "nobody works in this area", advice)


def area_lacks_a_language(protocol: Protocol) -> Iterator[Finding]:
    """Nobody in an area speaks a language."""
    for name in protocol.roster.areas:
        staff = protocol.roster.staff(name).values()
        spoken = {language for person in staff for language in person.languages}
        for language in LANGUAGES:
            if staff and language not in spoken:
                message = f"nobody in this area speaks {_LANGUAGE_NAMES[language]}"
                yield Finding(("roster", "areas", name), message, "add someone who does", "warning")


def channel_has_no_staff(protocol: Protocol) -> Iterator[Finding]:
    """Nobody serves a channel; what comes in there is left unanswered."""
    served = {channel for person in protocol.roster.people.values() for channel in person.channels}
    for channel in protocol.channels:
        if channel not in served:
            advice = f"add {channel} to the channels of someone in roster.yml"
            yield Finding(("channels", channel), "nobody serves this channel", advice)


def hierarchy_has_a_loop(protocol: Protocol) -> Iterator[Finding]:
    """People stand above each other in a circle, so that an escalation never ends."""
    people = protocol.roster.people
    done: set[str] = set()
    for name in people:
        way: list[str] = []
        current: str | None = name
        while current in people and current not in done and current not in way:
            way.append(current)
            current = people[current].reports_to
        if current in way:
            circle = way[way.index(current) :]
            message = f"these people report to each other in a circle: {', '.join(circle)}"
            advice = "let one of them report to someone else, or to nobody (reports_to: null)"
            yield Finding(("roster", "people", circle[0], "reports_to"), message, advice)
        done.update(way)


def hierarchy_has_several_heads(protocol: Protocol) -> Iterator[Finding]:
    """More than one person has nobody above."""
    heads = [name for name, person in protocol.roster.people.items() if person.reports_to is None]
    for name in heads[1:]:
        message = f'"{name}" has nobody above, and neither has "{heads[0]}"'
        advice = "only the head of service reports to nobody; write whom this person reports to"
        yield Finding(("roster", "people", name, "reports_to"), message, advice)


def escalation_ends_nowhere(protocol: Protocol) -> Iterator[Finding]:
    """A step climbs higher than the people of an area have someone above them."""
    roster = protocol.roster
    height = {
        area: max((len(roster.chain(name)) for name in staff), default=0)
        for area in roster.areas
        if (staff := roster.staff(area))
    }
    for i, step in enumerate(protocol.contingency.escalation):
        short = [area for area, levels in height.items() if levels < step.levels_up]
        if short:
            levels = f"{step.levels_up} level{'s' if step.levels_up > 1 else ''}"
            message = f"there is nobody {levels} above the people of {', '.join(short)}"
            at = ("contingency", "escalation", i, "levels_up")
            yield Finding(at, message, "climb fewer levels, or add people to these areas", "warning")


def escalation_has_one_step(protocol: Protocol) -> Iterator[Finding]:
    """Whoever is told first has nobody behind them."""
    if len(protocol.contingency.escalation) == 1:
        message = "the escalation has one step only: if that person does nothing, nobody else hears of it"
        yield Finding(
            ("contingency", "escalation"), message, "add a later step that climbs higher", "warning"
        )


def topic_has_two_areas(protocol: Protocol) -> Iterator[Finding]:
    """A topic is listed in several areas; only the first one gets it."""
    first: dict[str, str] = {}
    for name, area in protocol.roster.areas.items():
        for i, topic in enumerate(area.topics):
            if topic in first:
                message = f'the topic "{topic}" goes to {first[topic]} already'
                at = ("roster", "areas", name, "topics", i)
                yield Finding(at, message, "list each topic in one area", "warning")
            first.setdefault(topic, name)


def party_has_no_spokesperson(protocol: Protocol) -> Iterator[Finding]:
    """Nobody speaks for the company to some kind of party."""
    spoken_to = {spokesperson.party for spokesperson in protocol.business.spokespersons}
    for party in get_args(Party):
        if party not in spoken_to:
            message = f"nobody speaks for the company to this party: {party}"
            yield Finding(("business", "spokespersons"), message, "add who does", "warning")
