"""What counts as said to the bot, from tracker events."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from relevo.dialogue.heard import HAND_OFF, Event, Heard, heard_in

OPENS, CLOSES = ({"event": "active_loop", "name": name} for name in ("complaint_form", None))


def says(topic: str, at: float = 1.0, **parsed: Any) -> Event:
    return {
        "event": "user",
        "timestamp": at,
        "parse_data": {"intent": {"name": topic, "confidence": 0.75}, **parsed},
    }


def topics(*events: Event, before: Any = ()) -> list[str]:
    return [message.topic for message in heard_in(events, before)]


def test_message_is_heard_with_all_that_was_understood() -> None:
    tone = {"name": "angry", "confidence": 0.5}
    entities = [{"entity": "amount", "value": "99.00 MXN"}, {"entity": "folio", "value": "RV-1"}]
    (message,) = heard_in([says("get_refund", 7.5, tone=tone, entities=entities)])
    assert message == Heard(
        "get_refund", 0.75, "angry", False, 0.5, 7.5, (("amount", "99.00 MXN"), ("folio", "RV-1"))
    )
    assert message.values_of("amount") == ("99.00 MXN",)


def test_second_topic_and_how_a_message_was_read_are_heard() -> None:
    (message,) = heard_in([says("get_refund", also_asked="warranty", reading="follow_up")])
    assert (message.also_asked, message.reading, message.is_question) == ("warranty", "follow_up", False)


def test_what_was_not_understood_is_calm_and_about_nothing() -> None:
    nothing = {"event": "user", "text": "…"}
    assert heard_in([OPENS, nothing]) == [Heard("", 0.0, "calm", in_form=True)]


def test_answers_are_those_that_were_given_while_a_form_was_open() -> None:
    events = [says("complaint"), OPENS, says("a"), says("b"), CLOSES, says("c")]
    assert [message.in_form for message in heard_in(events)] == [False, True, True, False]


def test_hand_off_begins_anew() -> None:
    assert topics(says("a"), {"event": "action", "name": HAND_OFF}, says("b")) == ["b"]
    assert topics(says("a"), {"event": "action", "name": "utter_b"}, says("b")) == ["a", "b"]


def test_words_to_a_person_are_not_heard_and_their_return_begins_anew() -> None:
    waits, talks, returned = says("a"), [{"event": "pause"}, says("b")], {"event": "resume"}
    assert topics(waits, *talks) == ["a"]
    assert topics(waits, *talks, returned, says("c")) == ["c"]


def test_earlier_messages_come_first_and_end_with_a_hand_off_as_well() -> None:
    before = [["a", 3.0], ["b", 4.0]]
    heard = heard_in([says("c", 5.0)], before)
    assert [(one.topic, one.at) for one in heard] == [("a", 3.0), ("b", 4.0), ("c", 5.0)]
    assert topics({"event": "action", "name": HAND_OFF}, says("c"), before=before) == ["c"]


EVENTS = st.lists(
    st.sampled_from(
        [OPENS, CLOSES, says("a"), says("b"), {"event": "pause"}, {"event": "resume"}, {"event": "bot"}]
        + [{"event": "action", "name": name} for name in (HAND_OFF, "action_listen")]
    ),
    max_size=20,
)


@given(EVENTS)
def test_nothing_is_heard_that_was_not_said(events: list[Event]) -> None:
    heard = heard_in(events)
    said = [event for event in events if event["event"] == "user"]
    assert len(heard) <= len(said)
    assert all(message.topic in ("a", "b") for message in heard)
