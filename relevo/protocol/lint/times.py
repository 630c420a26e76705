"""Rules on opening hours, and on targets that they make impossible."""

from __future__ import annotations

from collections.abc import Iterator

from relevo.protocol.opening_hours import WEEKDAYS, parse_period
from relevo.protocol.problems import At, Finding
from relevo.protocol.schema import Protocol

SECONDS_PER_MINUTE = 60
SECONDS_PER_HOUR = 3_600
Weekly = dict[str, list[str]]


def nobody_is_ever_there(protocol: Protocol) -> Iterator[Finding]:
    """The company, an area or a channel never opens."""
    weeks: list[tuple[At, Weekly | None]] = [(("company", "hours", "weekly"), protocol.company.hours.weekly)]
    weeks += [
        (("roster", "areas", name, "weekly"), area.weekly) for name, area in protocol.roster.areas.items()
    ]
    weeks += [(("channels", name, "weekly"), channel.weekly) for name, channel in protocol.channels.items()]
    for at, weekly in weeks:
        if weekly is not None and not _open_seconds(weekly):
            advice = 'give at least one day a period, like monday: ["09:00-18:00"]'
            yield Finding(at, "these hours never open", advice)


def area_opens_when_company_is_closed(protocol: Protocol) -> Iterator[Finding]:
    """No hour of an area lies within the hours of the company."""
    company = protocol.company.hours.weekly
    for name, area in protocol.roster.areas.items():
        if area.weekly and _open_seconds(area.weekly) and not _share_an_hour(area.weekly, company):
            message = "this area is closed whenever the company is open"
            advice = "check the days and periods against company.yml"
            yield Finding(("roster", "areas", name, "weekly"), message, advice, "warning")


def target_outlasts_the_week(protocol: Protocol) -> Iterator[Finding]:
    """A target is longer than all hours of a week: targets count in opening hours."""
    week = _open_seconds(protocol.company.hours.weekly)
    targets: list[tuple[At, int, int]] = [
        (("contingency", "targets", priority, name), getattr(target, name), week)
        for priority, target in protocol.contingency.targets.items()
        for name in ("first_response", "next_response", "resolution")
    ]
    for name, channel in protocol.channels.items():
        own = _open_seconds(channel.weekly) if channel.weekly is not None else week
        if not channel.first_response.is_same_day:
            targets.append((("channels", name, "first_response"), channel.first_response, own))
    for at, seconds, available in targets:
        if 0 < available < seconds:
            message = (
                f"{seconds // SECONDS_PER_HOUR} opening hours are more than a week has "
                f"({available // SECONDS_PER_HOUR})"
            )
            yield Finding(at, message, "only opening hours count; write less", "warning")


def _open_seconds(weekly: Weekly) -> int:
    """How long a week is open."""
    return sum(end - start for start, end in _periods(weekly)) * SECONDS_PER_MINUTE


def _periods(weekly: Weekly) -> list[tuple[int, int]]:
    """Start and end of all periods in minutes after the beginning of the week."""
    days = [(day * 24 * 60, weekly.get(name, [])) for day, name in enumerate(WEEKDAYS)]
    return [
        (midnight + start, midnight + end)
        for midnight, periods in days
        for start, end in map(parse_period, periods)
    ]


def _share_an_hour(one: Weekly, other: Weekly) -> bool:
    return any(
        start < other_end and other_start < end
        for start, end in _periods(one)
        for other_start, other_end in _periods(other)
    )
