"""What a conversation's events amount to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relevo.dialogue.heard import HAND_OFF as HEARD_HAND_OFF
from relevo.store.conversation_state import HAND_OFF, MAX_HEARD, ConversationState, Event, as_events, fold

NAMES = st.sampled_from(["language", "order", "contact"])
VALUES = st.none() | st.integers(-9, 9) | st.text(max_size=3) | st.lists(st.booleans(), max_size=2)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(lambda name, value: {"event": "slot", "name": name, "value": value}, NAMES, VALUES),
    st.builds(lambda name: {"event": "active_loop", "name": name}, st.sampled_from(["a_form", None])),
    st.builds(lambda name: {"event": "action", "name": name}, st.sampled_from(["action_listen", "utter_a"])),
    st.sampled_from(["pause", "resume", "reset_slots", "session_started", "restart"]).map(
        lambda kind: {"event": kind}
    ),
    st.sampled_from(["user", "bot", "user_featurization"]).map(
        lambda kind: {"event": kind, "text": "¡Hola!"}
    ),
)


def slot(name: str, value: Any) -> Event:
    return {"event": "slot", "name": name, "value": value}


def test_last_value_of_a_slot_counts() -> None:
    state = fold([slot("language", "es"), slot("order", "CJ-1"), slot("language", "en")])
    assert state.slots == {"language": "en", "order": "CJ-1"}


def test_slot_that_was_emptied_is_remembered_as_empty() -> None:
    state = fold([slot("order", "CJ-1"), slot("order", None)])
    assert state.slots == {"order": None}


def test_resetting_the_slots_leaves_the_form_and_the_pause() -> None:
    before = [slot("order", "CJ-1"), {"event": "active_loop", "name": "a_form"}, {"event": "pause"}]
    state = fold([*before, {"event": "reset_slots"}])
    assert state == ConversationState(active_loop="a_form", paused=True)


def test_form_is_active_until_it_is_left() -> None:
    entered = fold([{"event": "active_loop", "name": "a_form"}, slot("order", "CJ-1")])
    assert entered.active_loop == "a_form"
    assert entered.after({"event": "active_loop", "name": None}).active_loop is None


def test_conversation_that_a_person_has_is_paused_until_it_is_handed_back() -> None:
    talk = [{"event": "user", "text": "¿Hola?"}, {"event": "bot", "text": "Soy Ana."}]
    paused = fold([{"event": "pause"}, *talk])
    assert paused.paused
    assert not paused.after({"event": "resume"}).paused


@pytest.mark.parametrize("beginning", ["session_started", "restart"])
def test_new_beginning_forgets_everything(beginning: str) -> None:
    events = [
        slot("order", "CJ-1"),
        {"event": "active_loop", "name": "a_form"},
        {"event": "pause"},
        {"event": "action", "name": "utter_a"},
        {"event": beginning},
    ]
    assert fold(events) == ConversationState()


def test_what_the_bot_says_changes_nothing() -> None:
    before = fold([slot("order", "CJ-1"), {"event": "action", "name": "action_listen"}])
    said = [{"event": "bot", "text": "Hola"}, {"event": "of_the_future"}]
    assert fold(said, before) == before


def says(topic: str, at: float = 1.0) -> Event:
    return {"event": "user", "parse_data": {"intent": {"name": topic}}, "timestamp": at}


def test_what_the_customer_says_is_remembered_by_topic_and_time() -> None:
    state = fold([says("greet", 1.0), says("out_of_scope", 2.5)])
    assert state.heard == [["greet", 1.0], ["out_of_scope", 2.5]]


def test_answers_in_a_form_and_words_to_a_person_are_not_remembered() -> None:
    form = [{"event": "active_loop", "name": "a_form"}, says("stop"), {"event": "active_loop", "name": None}]
    assert fold([says("greet"), *form]).heard == [["greet", 1.0]]
    assert fold([{"event": "pause"}, says("greet")]).heard == []


@pytest.mark.parametrize("turn", [{"event": "action", "name": "action_hand_off"}, {"event": "resume"}])
def test_a_hand_off_and_the_return_from_a_person_begin_anew(turn: Event) -> None:
    assert fold([says("out_of_scope"), turn]).heard == []
    assert fold([says("out_of_scope"), turn, says("greet")]).heard == [["greet", 1.0]]


def test_of_an_endless_conversation_the_last_messages_are_remembered() -> None:
    state = fold([says("greet", float(at)) for at in range(1_000)])
    assert [at for _, at in state.heard] == [float(at) for at in range(1_000 - MAX_HEARD, 1_000)]


@settings(max_examples=40)
@given(st.lists(EVENTS, max_size=30), st.integers(0, 30))
def test_folding_in_two_steps_gives_the_same_as_in_one(events: list[Event], middle: int) -> None:
    assert fold(events[middle:], fold(events[:middle])) == fold(events)


@settings(max_examples=40)
@given(st.lists(EVENTS, max_size=30))
def test_few_events_lead_to_the_state_of_many(events: list[Event]) -> None:
    state = fold(events)
    shortest = as_events(state)
    assert fold(shortest) == state
    assert len(shortest) <= 6 + len(state.slots)


@settings(max_examples=40)
@given(st.lists(EVENTS, max_size=30))
def test_state_is_kept_as_json_and_read_back(events: list[Event]) -> None:
    state = fold(events)
    assert ConversationState.from_json(json.loads(json.dumps(state.to_json()))) == state


@settings(max_examples=40)
@given(st.lists(EVENTS, min_size=1, max_size=10))
def test_earlier_state_is_not_changed_by_later_events(events: list[Event]) -> None:
    earlier = fold(events)
    kept = json.dumps(earlier.to_json())
    fold([slot("language", "fr"), {"event": "pause"}, {"event": "restart"}], earlier)
    assert json.dumps(earlier.to_json()) == kept


def test_store_and_dialogue_mean_the_same_hand_off() -> None:
    assert HAND_OFF == HEARD_HAND_OFF
