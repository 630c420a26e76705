"""Who gets how many cases, by area and by hour of the day in the company's time zone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from relevo.protocol.opening_hours import OpeningHours
from relevo.what_if.course import OpenedCase

HOURS = range(24)


class Load:
    """Counted cases."""

    def __init__(self, hours: OpeningHours) -> None:
        self._hours = hours
        self._counts: Counter[tuple[str, int]] = Counter()

    def add(self, cases: Iterable[OpenedCase]) -> None:
        self._counts.update((case.area, self._hours.local(case.at).hour) for case in cases)

    @property
    def areas(self) -> set[str]:
        """Those that get any."""
        return {area for area, _ in self._counts}

    @property
    def total(self) -> int:
        return sum(self._counts.values())

    @property
    def busy_hours(self) -> set[int]:
        """Those in which there are any."""
        return {hour for _, hour in self._counts}

    def of(self, area: str) -> list[int]:
        """An area's cases in each hour from 0 to 23."""
        return [self._counts[area, hour] for hour in HOURS]

    def by_area(self) -> dict[str, list[int]]:
        """The cases in each hour, by area."""
        return {area: self.of(area) for area in sorted(self.areas)}
