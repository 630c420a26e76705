"""When targets are at risk or missed: counted in the area's opening hours, and only while they run."""

from __future__ import annotations

from typing import Any

import pytest
from builders import NOON, a_case, local_time

from relevo.cases.case import Case
from relevo.cases.rules import CaseRules
from relevo.cases.targets import Targets
from relevo.protocol import Protocol
from relevo.protocol.opening_hours import WEEKDAYS, OpeningHours
from relevo.protocol.parts.share import Share

MINUTE, HOUR = 60.0, 3_600.0
LUNCH = {day: ["09:00-14:00", "15:00-19:00"] for day in WEEKDAYS[:5]}


def with_hours(protocol: Protocol, weekly: dict[str, list[str]] | None = None, **values: Any) -> Protocol:
    """The demo with other hours of the company, the areas keeping none of their own."""
    hours = protocol.company.hours.copy(update={"weekly": weekly or LUNCH, **values})
    areas = {name: area.copy(update={"weekly": None}) for name, area in protocol.roster.areas.items()}
    company = protocol.company.copy(update={"hours": hours})
    return protocol.copy(update={"company": company, "roster": protocol.roster.copy(update={"areas": areas})})


def opened(protocol: Protocol, at: float, **values: Any) -> Case:
    """A hand-off of normal priority that was opened at an instant, with the plan's targets."""
    area = values.get("area", "customer_care")
    case = a_case(
        opened_at=at,
        target_at=protocol.hours_of(area).deadline(at, 5 * MINUTE),
        resolution_by=protocol.resolution_by("normal", area, at),
    )
    return Case(**{**vars(case), **values})


def steps_of(protocol: Protocol, case: Case) -> list[tuple[str, str, float]]:
    """All steps that come if nothing happens: of which target, at risk or missed, and when."""
    targets, found = Targets(protocol), []
    while due := targets.next_step(case):
        found.append((due.target.kind, due.step.when, due.at))
        taken = {f"{due.target.kind}_steps": due.target.steps_taken + 1}
        case = Case(**{**vars(case), **taken})
    return found


def test_answer_is_at_risk_when_three_quarters_of_its_time_are_over_then_missed_then_missed_for_an_hour(
    protocol: Protocol,
) -> None:
    steps = steps_of(protocol, opened(protocol, NOON, resolution_by=0.0))
    assert steps == [
        ("first_response", "at_risk", NOON + 225),
        ("first_response", "missed", NOON + 300),
        ("first_response", "missed", NOON + 300 + HOUR),
    ]


def test_share_of_the_plan_decides_what_is_at_risk(protocol: Protocol) -> None:
    plan = protocol.contingency.copy(update={"at_risk_at": Share.parse("50 %")})
    early = protocol.copy(update={"contingency": plan})
    assert steps_of(early, opened(early, NOON))[0] == ("first_response", "at_risk", NOON + 150)


@pytest.mark.parametrize(
    ("opened_at", "at_risk", "missed", "an_hour_later"),
    [
        # The lunch break stands between.
        ("2025-12-02 13:58", "2025-12-02 15:01:45", "2025-12-02 15:03", "2025-12-02 16:03"),
        # Over night.
        ("2025-12-02 18:57", "2025-12-03 09:00:45", "2025-12-03 09:02", "2025-12-03 10:02"),
        # A Friday evening, with a weekend behind it.
        ("2025-12-05 20:00", "2025-12-08 09:03:45", "2025-12-08 09:05", "2025-12-08 10:05"),
        # Christmas is a holiday of both countries, the company's.
        ("2025-12-24 18:58", "2025-12-26 09:01:45", "2025-12-26 09:03", "2025-12-26 10:03"),
    ],
)
def test_only_opening_hours_count(
    protocol: Protocol, opened_at: str, at_risk: str, missed: str, an_hour_later: str
) -> None:
    lunch = with_hours(protocol)
    case = opened(lunch, local_time(opened_at), resolution_by=0.0)
    assert [at for _, _, at in steps_of(lunch, case)] == [*map(local_time, (at_risk, missed, an_hour_later))]


def test_night_on_which_the_clocks_change_has_no_hour_more_or_less(protocol: Protocol) -> None:
    chicago = with_hours(
        protocol, {day: ["00:00-24:00"] for day in WEEKDAYS}, time_zone="America/Chicago", holidays=[]
    )
    before = OpeningHours(time_zone="America/Chicago", holidays=[], weekly={}).zone
    assert before.key == "America/Chicago"
    for evening in (1_772_942_400.0 - 2 * HOUR, 1_793_509_200.0 - 2 * HOUR):  # 8 March, 1 November 2026
        case = opened(chicago, evening, resolution_by=evening + 8 * HOUR, first_response_at=evening)
        assert steps_of(chicago, case)[:2] == [
            ("resolution", "at_risk", evening + 6 * HOUR),
            ("resolution", "missed", evening + 8 * HOUR),
        ]


def test_area_with_hours_of_its_own_counts_in_them(protocol: Protocol) -> None:
    at_19 = local_time("2025-12-02 19:00")  # Legal has gone home at 18, the company has not.
    assert protocol.first_response_by("high", "webchat", "customer_care", at_19) == at_19 + 120
    by = protocol.first_response_by("high", "webchat", "legal_communications", at_19)
    assert by == local_time("2025-12-03 09:02")
    case = opened(protocol, at_19, area="legal_communications", target_at=by, resolution_by=0.0)
    assert steps_of(protocol, case)[0] == ("first_response", "at_risk", local_time("2025-12-03 09:01:30"))


def test_only_what_runs_is_watched(protocol: Protocol) -> None:
    def kinds(**values: Any) -> list[str]:
        return [target.kind for target in Targets(protocol).running(opened(protocol, NOON, **values))]

    answered = {"first_response_at": NOON + 60}
    assert kinds() == ["first_response", "resolution"]
    assert kinds(state="claimed", claimed_by="Ana") == ["first_response", "resolution"]
    assert kinds(**answered) == ["resolution"]
    waits = {"unanswered_since": NOON + 90, "next_response_by": NOON + 1_890}
    assert kinds(**answered, **waits) == ["next_response", "resolution"]
    assert kinds(**answered, state="waiting_for_customer") == []
    assert kinds(state="resolved") == kinds(state="closed") == []


def test_time_for_the_resolution_stands_still_while_the_person_waits_for_the_customer(
    protocol: Protocol,
) -> None:
    case = opened(protocol, NOON, resolution_by=NOON + 4 * HOUR, paused_at=NOON + HOUR)
    later = CaseRules(protocol).resolution_after_pause(case, local_time("2025-12-03 10:00"))
    assert later == local_time("2025-12-03 13:00"), "three hours were left"
    late = Case(**{**vars(case), "paused_at": NOON + 5 * HOUR})
    assert CaseRules(protocol).resolution_after_pause(late, NOON + 9 * HOUR) == NOON + 4 * HOUR


@pytest.mark.parametrize(
    ("person", "area", "levels", "told"),
    [
        ("daniel_olvera", "customer_care", 1, "gabriela_montano"),
        ("daniel_olvera", "customer_care", 2, "marisol_ayala"),
        ("daniel_olvera", "customer_care", 5, "marisol_ayala"),
        ("marisol_ayala", "senior_care", 1, "marisol_ayala"),
        ("", "customer_care", 1, "gabriela_montano"),
        ("", "customer_care", 2, "marisol_ayala"),
        ("who_left", "customer_care", 1, "gabriela_montano"),
        ("", "an_area_that_is_gone", 1, ""),
    ],
)
def test_who_stands_above(protocol: Protocol, person: str, area: str, levels: int, told: str) -> None:
    assert protocol.roster.climb(person, area, levels) == told
