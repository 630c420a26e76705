"""Which trigger an event sets off, by what is known of its case, and why."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from builders import local_time
from hypothesis import given
from hypothesis import strategies as st

from relevo.protocol import Protocol
from relevo.protocol.explanation import Reason
from relevo.protocol.occurrences import Occurrence, decide_on, occurrence_at
from relevo.protocol.parts.contingency import Event, Trigger

LATE = Occurrence("target_missed", "whatsapp", "senior_care", "high", True, frozenset({"carrier_strike"}))


def a_trigger(name: str, when: dict[str, Any]) -> Trigger:
    text = {"en": "Late", "es": "Tarde"}
    return Trigger.parse_obj({"id": name, "title": text, "when": when, "words": "late", "guidance": text})


def is_set_off(when: dict[str, Any], occurrence: Occurrence = LATE) -> bool:
    return decide_on([a_trigger("late", when)], occurrence) is not None


def test_first_trigger_whose_condition_holds_decides(protocol: Protocol) -> None:
    here = a_trigger("here", {"all": [{"event": "target_missed"}, {"channel": "whatsapp"}]})
    plan = [here, *protocol.contingency.triggers]
    for channel, wanted in (("whatsapp", "here"), ("webchat", "target_missed")):
        decision = decide_on(plan, LATE._replace(channel=channel))
        assert decision is not None
        assert decision.trigger.id == wanted


@pytest.mark.parametrize("event", get_args(Event))
def test_each_event_of_the_schema_has_its_trigger_in_the_demo(protocol: Protocol, event: Event) -> None:
    decision = decide_on(protocol.contingency.triggers, LATE._replace(event=event))
    assert decision is not None
    assert decision.explanation.trigger == event


@pytest.mark.parametrize(
    ("condition", "other"),
    [
        ({"channel": "whatsapp"}, {"channel": "webchat"}),
        ({"area": "senior_care"}, {"area": "orders"}),
        ({"priority": "high"}, {"priority": "urgent"}),
        ({"opening": "open"}, {"opening": "closed"}),
        ({"notice": "carrier_strike"}, {"notice": "holidays"}),
    ],
)
def test_what_is_known_of_the_case_counts_beside_the_event(
    condition: dict[str, Any], other: dict[str, Any]
) -> None:
    event = {"event": "target_missed"}
    assert is_set_off({"all": [event, condition]})
    assert not is_set_off({"all": [event, other]})
    assert is_set_off({"all": [event, {"not": other}]})
    assert is_set_off({"all": [event, {"any": [condition, other]}]})
    assert not is_set_off({"all": [{"event": "target_at_risk"}, condition]})


def test_conditions_that_held_are_explained_with_their_values() -> None:
    when = {"all": [{"event": "target_missed"}, {"not": {"priority": "urgent"}}, {"opening": "open"}]}
    decision = decide_on([a_trigger("late", when)], LATE)
    assert decision is not None
    assert decision.reasons == (
        Reason({"event": "target_missed"}, True, (), {}),
        Reason({"priority": "urgent"}, False, (), {"priority": "high"}),
        Reason({"opening": "open"}, True, (), {"is_open": True}),
    )


@given(st.sampled_from(["calm", "angry"]), st.sampled_from(get_args(Event)))
def test_trigger_without_an_event_is_never_set_off_by_one(tone: str, event: Event) -> None:
    for when in ({"not": {"tone": tone}}, {"channel": "whatsapp"}, {"opening": "open"}):
        assert not is_set_off(when, LATE._replace(event=event))


@pytest.mark.parametrize(("clock", "is_open"), [("2025-12-02 16:30", True), ("2025-12-02 19:30", False)])
def test_opening_is_that_of_the_area(protocol: Protocol, clock: str, is_open: bool) -> None:
    now = local_time(clock)
    found = occurrence_at(now, protocol, "nobody_available", channel="webchat", area="legal_communications")
    assert found.is_open is is_open
