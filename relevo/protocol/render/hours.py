"""Opening periods in words: days with the same periods are told together."""

from __future__ import annotations

from itertools import groupby

from relevo.protocol.opening_hours import WEEKDAYS
from relevo.protocol.render.voice import Voice

ALL_DAY = ["00:00-24:00"]


def describe_hours(weekly: dict[str, list[str]], voice: Voice) -> list[str]:
    """One line for each run of days that are alike: `Monday to Friday: 9:00 AM – 8:00 PM`."""
    runs = [list(run) for _, run in groupby(range(len(WEEKDAYS)), key=lambda day: _periods(weekly, day))]
    return [
        _capital(
            voice("hours.line", days=_days(run, voice), periods=_in_words(_periods(weekly, run[0]), voice))
        )
        for run in runs
    ]


def _periods(weekly: dict[str, list[str]], day: int) -> list[str]:
    return weekly.get(WEEKDAYS[day], [])


def _days(run: list[int], voice: Voice) -> str:
    if len(run) == len(WEEKDAYS):
        return voice("hours.every_day")
    first, last = (voice(f"hours.weekdays.{day}") for day in (run[0], run[-1]))
    if len(run) == 1:
        return first
    return voice("hours.two_days" if len(run) == 2 else "hours.days", first=first, last=last)  # noqa: PLR2004


def _in_words(periods: list[str], voice: Voice) -> str:
    if not periods:
        return voice("hours.closed")
    if periods == ALL_DAY:
        return voice("hours.always")
    ends = [period.split("-") for period in periods]
    return voice.join(
        voice("hours.period", start=voice.clock(start), end=voice.clock(end)) for start, end in ends
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
