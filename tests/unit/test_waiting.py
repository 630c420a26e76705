"""What the bot does while a hand-off waits for a person."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.dialogue.heard import Heard
from relevo.dialogue.waiting import SURE_QUESTION, SURE_TOPIC, Step, Waiting, WaitingPlan, next_step
from relevo.protocol.parts.contingency import Tone

WAITING = Waiting("RV-7K3M-9QXT", "anger")
PLAN = {"answers": frozenset({"warranty"}), "may_be_cancelled": True, "is_closed": False}


def heard(topic: str, **values: Any) -> Heard:
    return Heard(**{"topic": topic, "confidence": 0.9, "tone": "calm", "in_form": False, **values})


def step(message: Heard, *, was_about_waiting: bool = True, **plan: Any) -> Step:
    return next_step(message, WAITING, WaitingPlan(**{**PLAN, **plan}), was_about_waiting=was_about_waiting)


def test_customer_who_calms_down_can_cancel_an_unclaimed_hand_off() -> None:
    assert step(heard("stop")) == "cancel"
    assert step(heard("stop"), was_about_waiting=False) == "cancel"
    assert step(heard("deny")) == "cancel"


@pytest.mark.parametrize("tone", sorted(set(get_args(Tone)) - {"calm"}))
@pytest.mark.parametrize("topic", ["stop", "deny"])
def test_who_is_not_calm_does_not_mean_never_mind(topic: str, tone: str) -> None:
    assert step(heard(topic, tone=tone)) == "note"


def test_no_after_something_else_is_no_cancellation() -> None:
    assert step(heard("deny"), was_about_waiting=False) == "note"
    assert step(heard("deny"), is_closed=True) == "leave"


def test_unsure_never_mind_is_noted() -> None:
    assert step(heard("stop", confidence=SURE_TOPIC - 0.01)) == "note"


def test_hand_off_that_may_not_be_cancelled_stays() -> None:
    assert step(heard("stop"), may_be_cancelled=False) == "note"


def test_case_of_another_folio_is_no_question_for_the_place() -> None:
    own, other = (("folio", WAITING.folio),), (("folio", "RV-0000-0000"),)
    assert step(heard("check_case")) == "tell_place"
    assert step(heard("check_case", entities=own)) == "tell_place"
    assert step(heard("check_case", entities=other)) == "leave"


def test_plain_question_is_answered_if_the_plan_allows_it_and_it_is_clear() -> None:
    assert step(heard("warranty")) == "answer"
    assert step(heard("warranty"), answers=frozenset()) == "note"
    assert step(heard("warranty", confidence=SURE_QUESTION - 0.01)) == "note"
    assert step(heard("track_refund")) == "note"


def test_form_that_is_open_and_closed_hours_leave_the_turn_to_the_bot() -> None:
    assert step(heard("stop", in_form=True)) == "leave"
    for topic in ("warranty", "complaint", "nlu_fallback", "contact_human_agent"):
        assert step(heard(topic), is_closed=True) == "leave"


def test_contact_at_another_time_can_always_be_booked() -> None:
    assert step(heard("schedule_follow_up")) == "leave"
    assert step(heard("change_language", confidence=0.2)) == "leave"


@pytest.mark.parametrize("slot", [None, "", [], {}, {"trigger": "anger"}, {"folio": ""}, 7])
def test_slot_without_a_folio_means_that_nothing_waits(slot: Any) -> None:
    assert Waiting.of(slot) is None


def test_slot_is_read_as_it_is_kept() -> None:
    slot = {"folio": "RV-7K3M-9QXT", "trigger": "anger", "is_noted": True}
    assert Waiting.of(slot) == Waiting("RV-7K3M-9QXT", "anger", is_noted=True)
    assert Waiting.of({"folio": "RV-7K3M-9QXT"}) == Waiting("RV-7K3M-9QXT")


@given(
    st.builds(
        Heard,
        topic=st.sampled_from(["stop", "deny", "warranty", "greet", "check_case", "nlu_fallback", ""]),
        confidence=st.floats(0, 1),
        tone=st.sampled_from([*get_args(Tone), ""]),
        in_form=st.booleans(),
    ),
    st.builds(WaitingPlan, st.just(frozenset({"warranty"})), st.booleans(), st.booleans()),
    st.booleans(),
)
def test_there_is_always_a_next_step_and_only_calm_customers_cancel(
    message: Heard, plan: WaitingPlan, was_about_waiting: bool
) -> None:
    found = next_step(message, WAITING, plan, was_about_waiting=was_about_waiting)
    assert found in get_args(Step)
    if found == "cancel":
        assert message.tone == "calm"
        assert plan.may_be_cancelled
