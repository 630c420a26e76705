"""What the protocol's rules say of cases."""

from __future__ import annotations

import json
from typing import Any

import pytest
from builders import NOON, a_case

from relevo.cases.case import Case
from relevo.cases.rules import QUIET_SECONDS, CaseRules
from relevo.protocol import Protocol
from relevo.store import keys


@pytest.fixture
def rules(protocol: Protocol) -> CaseRules:
    return CaseRules(protocol)


def without(protocol: Protocol, **values: Any) -> CaseRules:
    """The rules of a plan that leaves something out."""
    plan = protocol.contingency.copy(update=values)
    return CaseRules(protocol.copy(update={"contingency": plan}))


def test_capacity_is_the_persons_own_else_the_plans(rules: CaseRules, protocol: Protocol) -> None:
    assert rules.capacity_of("teresa_huerta") == 12
    assert rules.capacity_of("daniel_olvera") == rules.capacity_of("") == 5
    assert without(protocol, capacity=None).capacity_of("daniel_olvera") is None
    assert without(protocol, capacity=None).capacity_of("teresa_huerta") == 12


def test_without_rules_of_its_own_a_hand_off_ends_like_a_complaint_after_a_day(protocol: Protocol) -> None:
    rules = without(protocol, closing=None)
    assert set(rules.reasons("hand_off")) == set(protocol.complaints.closing_reasons)
    assert rules.closes_at(a_case(), NOON) == NOON + QUIET_SECONDS


@pytest.mark.parametrize(
    ("person", "area", "level", "above"),
    [
        ("daniel_olvera", "customer_care", 1, "gabriela_montano"),
        ("gabriela_montano", "customer_care", 1, "marisol_ayala"),
        ("marisol_ayala", "senior_care", 1, "marisol_ayala"),
        ("", "senior_care", 1, "rodrigo_cardenas"),
        ("", "senior_care", 2, "marisol_ayala"),
        ("", "senior_care", 9, "marisol_ayala"),
        ("who_left", "safety", 1, "luis_najera"),
        ("", "an_area_that_is_gone", 1, ""),
    ],
)
def test_one_level_up_is_the_superior_or_the_areas_head(
    rules: CaseRules, person: str, area: str, level: int, above: str
) -> None:
    assert rules.one_above(person, area, level) == above


def test_claim_of_a_hand_off_has_the_chats_target_anew(rules: CaseRules, protocol: Protocol) -> None:
    claim = rules.as_claim(a_case(), NOON + 900)
    assert claim.target_at == protocol.first_response_by("high", "webchat", "customer_care", NOON + 900)


def test_plan_without_a_rule_on_rejections_still_opens_a_claim(protocol: Protocol) -> None:
    triggers = [t for t in protocol.contingency.triggers if t.when.event != "resolution_rejected"]
    rules = without(protocol, triggers=triggers)
    claim = rules.as_claim(a_case(), NOON)
    assert (claim.priority, claim.trigger) == ("normal", "asks_for_person")
    assert rules.words_of_claim in protocol.words


def test_case_survives_the_way_to_redis_and_back() -> None:
    case = a_case(merged="RV-0000-0001", level=2, told_wait=61.5)
    assert Case.from_mapping(case.to_mapping()) == case
    assert Case.from_json(json.dumps(case.to_mapping())) == case


def test_digest_names_a_contact_however_it_is_written_and_tells_nothing_of_it() -> None:
    assert keys.digest_of("Ana@Example.com") == keys.digest_of("ana@example.com")
    assert "ana" not in keys.digest_of("ana@example.com")
