"""Whom a case suits, and who comes next where nobody does."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, get_args

import pytest
from builders import NOON, a_case, local_time
from hypothesis import given
from hypothesis import strategies as st

from relevo.cases.case import Case
from relevo.cases.routing import NEEDS, Route, Workforce
from relevo.protocol import Protocol
from relevo.protocol.parts.roster import Person
from relevo.protocol.schema import LANGUAGES

SATURDAY = local_time("2025-12-06 12:00")
NIGHT = local_time("2025-12-02 23:00")


def route(
    protocol: Protocol,
    *,
    now: float = NOON,
    loads: Mapping[str, int] | None = None,
    present: Collection[str] = (),
    **values: Any,
) -> Route:
    return Workforce(protocol, now, loads or {}, present).route(a_case(**values))


def changed(protocol: Protocol, person: str, **values: Any) -> Protocol:
    """The protocol with one person who is different."""
    people = {**protocol.roster.people, person: protocol.roster.people[person].copy(update=values)}
    return protocol.copy(update={"roster": protocol.roster.copy(update={"people": people})})


def test_case_goes_to_people_of_its_area_who_speak_its_language_and_serve_its_channel(
    protocol: Protocol,
) -> None:
    found = route(protocol, area="customer_care", language="en")
    assert found.step == "area" and found.lack is None
    assert set(found.people) == {"gabriela_montano", "daniel_olvera", "brenda_escobedo"}
    assert "itzel_canul" in route(protocol, area="customer_care", language="es").people


def test_plain_cases_go_to_advisors_first_and_grave_ones_to_experts(protocol: Protocol) -> None:
    plain, grave = route(protocol), route(protocol, tone="angry")
    assert plain.people[0] == "daniel_olvera"
    assert plain.people[-1] == "gabriela_montano"
    assert grave.people[0] == "gabriela_montano"
    assert grave.people[-1] == "itzel_canul", "a trainee comes last"
    assert route(protocol, rank=0).people[0] == route(protocol, level=1).people[0] == "gabriela_montano"


def test_of_two_who_fit_alike_the_one_with_less_in_hand_comes_first(protocol: Protocol) -> None:
    found = route(protocol, language="en", loads={"daniel_olvera": 3, "brenda_escobedo": 1})
    assert found.people.index("brenda_escobedo") < found.people.index("daniel_olvera")


def test_who_is_at_the_desk_comes_before_who_is_not(protocol: Protocol) -> None:
    assert route(protocol, present={"itzel_canul"}).people[0] == "itzel_canul"


def test_full_hands_take_nothing_more(protocol: Protocol) -> None:
    loads = {"daniel_olvera": 5, "brenda_escobedo": 5, "gabriela_montano": 4}
    assert route(protocol, language="en", loads=loads).people == ("gabriela_montano",)


def test_capacity_of_the_roster_goes_before_the_plans(protocol: Protocol) -> None:
    loads = {"teresa_huerta": 11, "elena_ruiz": 12, "rodrigo_cardenas": 8}
    assert route(protocol, area="senior_care", loads=loads).people == ("teresa_huerta",)


def test_where_nobody_of_the_area_speaks_the_language_its_superior_is_next(protocol: Protocol) -> None:
    alone = changed(protocol, "marcus_delgado", languages=["es"])
    alone = changed(alone, "luis_najera", languages=["es"])
    found = route(alone, area="safety", language="en")
    assert (found.step, found.lack, found.people) == ("superior", "language", ("marisol_ayala",))


def test_then_comes_the_first_area(protocol: Protocol) -> None:
    alone = protocol
    for person in ("marcus_delgado", "luis_najera", "marisol_ayala"):
        alone = changed(alone, person, languages=["es"])
    found = route(alone, area="safety", language="en")
    assert (found.step, found.lack) == ("first_area", "language")
    assert found.people[0] == "daniel_olvera"


@pytest.mark.parametrize(
    ("values", "lack"),
    [
        ({"now": NIGHT}, "hours"),
        ({"area": "legal_communications", "now": SATURDAY}, "hours"),
        ({"channel": "letter", "area": "safety", "language": "es"}, None),
        ({"channel": "in_person", "area": "safety", "language": "en"}, "channel"),
        (
            {"area": "safety", "loads": {"luis_najera": 9, "patricia_zuniga": 9, "marcus_delgado": 9}},
            "capacity",
        ),
        ({"area": "an_area_that_is_gone"}, "staff"),
    ],
)
def test_what_the_area_lacks_is_told(protocol: Protocol, values: dict[str, Any], lack: str | None) -> None:
    assert route(protocol, **values).lack == lack


def test_at_night_nobody_is_suggested(protocol: Protocol) -> None:
    assert route(protocol, now=NIGHT) == Route((), "nobody", "hours")


def test_areas_with_short_hours_are_closed_when_the_company_is_not(protocol: Protocol) -> None:
    found = route(protocol, area="legal_communications", now=SATURDAY)
    assert found.step == "superior" and found.people == ("marisol_ayala",)


def test_persons_own_hours_go_before_those_of_their_area(protocol: Protocol) -> None:
    mornings = {"tuesday": ["09:00-11:00"]}
    found = route(changed(protocol, "daniel_olvera", weekly=mornings), language="en")
    assert "daniel_olvera" not in found.people
    saturdays = changed(protocol, "jorge_castaneda", weekly={"saturday": ["10:00-14:00"]})
    legal = route(saturdays, area="legal_communications", now=SATURDAY)
    assert legal.people == ("jorge_castaneda",)


def test_claim_is_for_whom_it_is_meant_as_long_as_they_are_at_work(protocol: Protocol) -> None:
    meant = {"area": "senior_care", "for_person": "marisol_ayala"}
    assert route(protocol, **meant) == Route(("marisol_ayala",), "meant_for")
    assert "marisol_ayala" not in route(protocol, now=NIGHT, **meant).people
    assert route(protocol, area="senior_care", for_person="who_left").step == "area"


def test_only_some_may_be_asked(protocol: Protocol) -> None:
    found = Workforce(protocol, NOON).route(a_case(), only={"itzel_canul", "teresa_huerta"})
    assert found.people == ("itzel_canul",)
    assert Workforce(protocol, NOON).route(a_case(), only=()).people == ()


def test_suggestion_says_why(protocol: Protocol) -> None:
    workforce = Workforce(protocol, NOON)
    case = a_case(area="safety", language="es")
    assert workforce.suits(case, "patricia_zuniga") == "area"
    assert workforce.suits(case, "daniel_olvera") is None
    assert workforce.suits(case, "") is None


@given(
    area=st.sampled_from(["customer_care", "senior_care", "safety", "legal_communications", "gone"]),
    language=st.sampled_from(LANGUAGES),
    channel=st.sampled_from(["webchat", "whatsapp", "letter", "nowhere"]),
    rank=st.integers(0, 2),
    hours=st.integers(0, 24 * 14),
    load=st.integers(0, 15),
)
def test_whoever_is_suggested_meets_the_needs_and_a_lack_is_told_whenever_the_area_has_nobody(
    protocol: Protocol, area: str, language: Any, channel: str, rank: int, hours: int, load: int
) -> None:
    loads = dict.fromkeys(list(protocol.roster.people)[::2], load)
    now = NOON + 3_600.0 * hours
    case: Case = a_case(area=area, language=language, channel=channel, rank=rank)
    found = Workforce(protocol, now, loads).route(case)
    assert (found.step == "area") == (found.lack is None)
    assert (found.step == "nobody") == (not found.people)
    for name in found.people:
        person = protocol.roster.people[name]
        assert language in person.languages
        assert "channel" not in NEEDS[found.step] or channel in person.channels
        assert protocol.company.hours.is_open(now)


def test_skills_and_hours_are_data(protocol: Protocol) -> None:
    skills = get_args(Person.__fields__["skill"].outer_type_)
    assert {person.skill for person in protocol.roster.people.values()} == set(skills)
