"""Opening hours: weekdays, holidays of two countries, several periods a day, summer time."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from builders import NOON, local_time
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from relevo.protocol import Protocol
from relevo.protocol.opening_hours import WEEKDAYS, OpeningHours

HOUR = 3_600
OFFICE = {day: ["09:00-20:00"] for day in WEEKDAYS[:5]}
YEAR_2020, YEAR_2035 = 1_577_836_800, 2_051_222_400


def hours(**values: Any) -> OpeningHours:
    """Monday to Friday from 9 to 20 in Mexico City, without holidays."""
    return OpeningHours(**{"time_zone": "America/Mexico_City", "holidays": [], "weekly": OFFICE, **values})


def instant(moment: str, zone: str) -> float:
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2025-12-02 08:59:59", False),
        ("2025-12-02 09:00", True),
        ("2025-12-02 19:59:59", True),
        ("2025-12-02 20:00", False),
        ("2025-12-06 12:00", False),
    ],
)
def test_period_begins_at_its_first_second_and_is_over_at_its_last(moment: str, is_open: bool) -> None:
    assert hours().is_open(local_time(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2025-12-02 08:00", "2025-12-02 20:00"),
        ("2025-12-02 19:59", "2025-12-02 20:00"),
        ("2025-12-02 20:00", "2025-12-03 20:00"),
        ("2025-12-05 21:00", "2025-12-08 20:00"),
    ],
)
def test_the_same_day_ends_with_work_and_after_that_with_the_next_days(moment: str, end: str) -> None:
    assert hours().end_of_day(local_time(moment)) == local_time(end)


def test_day_with_a_break_ends_with_its_last_period_and_who_never_opens_has_no_end() -> None:
    split = hours(weekly={"tuesday": ["09:00-14:00", "16:00-20:00"]})
    assert split.end_of_day(local_time("2025-12-02 14:30")) == local_time("2025-12-02 20:00")
    assert hours(weekly={}).end_of_day(NOON) == NOON


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2025-12-02 03:00", "2025-12-02 09:00"),
        ("2025-12-02 11:30", "2025-12-02 11:30"),
        ("2025-12-02 20:00", "2025-12-03 09:00"),
        ("2025-12-05 20:00", "2025-12-08 09:00"),
        ("2025-12-07 12:00", "2025-12-08 09:00"),
    ],
    ids=["this morning", "now", "tomorrow", "over the weekend", "on a Sunday"],
)
def test_next_opening_is_now_or_when_people_are_back(moment: str, opening: str) -> None:
    assert hours().next_open(local_time(moment)) == local_time(opening)


def test_lunch_break_is_closed() -> None:
    split = hours(weekly={"tuesday": ["09:00-14:00", "16:00-20:00"]})
    assert [
        split.is_open(local_time(f"2025-12-02 {time}")) for time in ("13:59", "14:00", "15:59", "16:00")
    ] == [*(True, False, False, True)]
    assert split.next_open(local_time("2025-12-02 14:30")) == local_time("2025-12-02 16:00")
    assert split.next_open(local_time("2025-12-02 20:30")) == local_time("2025-12-09 09:00")


def test_day_may_last_until_midnight() -> None:
    late = hours(weekly={"tuesday": ["00:00-24:00"]})
    assert late.is_open(local_time("2025-12-02 00:00"))
    assert late.is_open(local_time("2025-12-02 23:59:59"))
    assert not late.is_open(local_time("2025-12-03 00:00"))
    assert late.next_open(local_time("2025-12-03 00:00")) == local_time("2025-12-09 00:00")


def test_two_days_that_meet_at_midnight_leave_no_gap() -> None:
    nights = hours(weekly={"tuesday": ["20:00-24:00"], "wednesday": ["00:00-02:00"]})
    midnight = local_time("2025-12-03 00:00")
    assert nights.next_open(midnight) == midnight


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2025, 9, 16), "Mexico's independence"),
        (date(2025, 11, 17), "Mexico's revolution, moved to a Monday"),
        (date(2025, 7, 4), "independence of the United States"),
        (date(2025, 11, 27), "Thanksgiving"),
        (date(2025, 12, 25), "Christmas, in both"),
        (date(2026, 1, 1), "New Year, in both"),
    ],
)
def test_demo_is_closed_on_holidays_of_both_countries(protocol: Protocol, day: date, name: str) -> None:
    demo = protocol.company.hours
    assert demo.is_holiday(day), name
    assert not demo.is_open(local_time(f"{day} 12:00"))


def test_holiday_of_one_country_is_a_working_day_of_the_other() -> None:
    thanksgiving = local_time("2025-11-27 12:00")
    assert hours(holidays=["MX"]).is_open(thanksgiving)
    assert not hours(holidays=["US"]).is_open(thanksgiving)
    assert not hours(holidays=["MX", "US"]).is_open(thanksgiving)


def test_opening_after_a_holiday_that_follows_a_weekend_is_on_tuesday(protocol: Protocol) -> None:
    saturday_evening = local_time("2025-11-15 18:00")
    assert protocol.company.hours.next_open(saturday_evening) == local_time("2025-11-18 09:00")


def test_demo_has_shorter_hours_on_saturday(protocol: Protocol) -> None:
    demo = protocol.company.hours
    assert demo.next_open(local_time("2025-12-05 20:00")) == local_time("2025-12-06 10:00")
    assert not demo.is_open(local_time("2025-12-06 18:00"))


def test_company_that_never_opens_has_no_next_opening() -> None:
    assert hours(weekly={}).next_open(local_time("2025-12-02 12:00")) is None
    assert hours(weekly={"sunday": []}).next_open(local_time("2025-12-02 12:00")) is None


def test_local_time_is_the_companys() -> None:
    assert hours().local(local_time("2025-12-02 12:00")).isoformat() == "2025-12-02T12:00:00-06:00"
    assert hours(time_zone="America/Tijuana").local(local_time("2025-12-02 12:00")).hour == 10


@pytest.mark.parametrize(
    ("before", "after"),
    [("2025-03-07 17:00", "2025-03-10 09:00"), ("2025-10-31 17:00", "2025-11-03 09:00")],
    ids=["clocks go forward", "clocks go back"],
)
def test_opening_keeps_its_hour_when_the_clocks_change(before: str, after: str) -> None:
    zone = "America/Los_Angeles"
    pacific = hours(time_zone=zone, weekly={day: ["09:00-17:00"] for day in WEEKDAYS[:5]})
    assert pacific.next_open(instant(before, zone)) == instant(after, zone)
    assert pacific.local(instant(after, zone)).hour == 9


@pytest.mark.parametrize(("day", "length"), [("2025-03-09", 7), ("2025-11-02", 9), ("2025-12-07", 8)])
def test_night_shift_is_as_long_as_the_clocks_make_it(day: str, length: int) -> None:
    zone = "America/Los_Angeles"
    nights = hours(time_zone=zone, weekly={"sunday": ["00:00-08:00"]})
    midnight = instant(f"{day} 00:00", zone)
    is_open = [nights.is_open(midnight + half_hours * HOUR / 2) for half_hours in range(24)]
    assert is_open == [True] * (2 * length) + [False] * (24 - 2 * length)


@given(st.integers(YEAR_2020, YEAR_2035), st.sampled_from(["America/Mexico_City", "America/Los_Angeles"]))
@settings(max_examples=200, deadline=None)
def test_next_opening_is_open_not_past_and_the_first(now: int, zone: str) -> None:
    weekly = {
        "monday": ["09:00-14:00", "16:00-20:00"],
        "thursday": ["07:30-24:00"],
        "saturday": ["10:00-18:00"],
    }
    any_hours = hours(time_zone=zone, weekly=weekly, holidays=["MX", "US"])
    opening = any_hours.next_open(now)
    assert opening is not None and opening >= now
    assert any_hours.is_open(opening)
    assert (opening == now) == any_hours.is_open(now)
    in_between = [now + step * (opening - now) / 20 for step in range(20)] if opening > now else []
    assert not any(
        any_hours.is_open(moment) for moment in [*in_between, opening - 1] if moment < opening != now
    )


@pytest.mark.parametrize(
    "values",
    [
        {"time_zone": "Mexico"},
        {"time_zone": "../etc/passwd"},
        {"time_zone": ""},
        {"holidays": ["mx"]},
        {"holidays": ["Mexico"]},
        {"weekly": {"lunes": ["09:00-20:00"]}},
        *(
            {"weekly": {"monday": [period]}}
            for period in ["9:00-20:00", "09:00", "25:00-26:00", "09:60-10:00"]
        ),
        *({"weekly": {"monday": [period]}} for period in ["24:00-24:00", "09:00-24:01", "09:00-09:00"]),
        {"weekly": {"monday": ["09:00-20:00\n"]}},
        {"weekly": {"monday": ["16:00-20:00", "09:00-14:00"]}},
        {"weekly": {"monday": ["09:00-14:00", "14:00-20:00"]}},
        {"weekly": {"monday": "09:00-20:00"}},
        {"closed": True},
    ],
    ids=str,
)
def test_hours_that_cannot_be_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        hours(**values)


WEEK = OpeningHours(
    time_zone="America/Mexico_City",
    holidays=["MX"],
    weekly={"thursday": ["09:00-14:00", "16:00-20:00"], "friday": ["09:00-14:00"]},
)


@pytest.mark.parametrize(
    ("asked", "open_hours", "until"),
    [
        ("2025-11-27 10:00", 2, "2025-11-27 12:00"),
        ("2025-11-27 13:00", 1, "2025-11-27 14:00"),
        ("2025-11-27 13:00", 2, "2025-11-27 17:00"),
        ("2025-11-27 15:00", 1, "2025-11-27 17:00"),
        ("2025-11-27 19:00", 3, "2025-11-28 11:00"),
        ("2025-11-28 12:00", 3, "2025-12-04 10:00"),
        ("2025-11-26 23:00", 14, "2025-11-28 14:00"),
    ],
)
def test_deadline_counts_open_hours_only(asked: str, open_hours: int, until: str) -> None:
    assert WEEK.deadline(local_time(asked), open_hours * 3600) == local_time(until)


def test_deadline_of_a_company_that_never_opens_is_counted_by_the_clock() -> None:
    never = OpeningHours(time_zone="America/Mexico_City", holidays=[], weekly={})
    noon = local_time("2025-11-27 12:00")
    assert never.deadline(noon, 60) == noon + 60
