"""Which trigger of the contingency plan fires, message by message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import pytest
from builders import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from relevo.dialogue.contingency import (
    MISUNDERSTOOD,
    OUTSIDE_EVENTS,
    Heard,
    Situation,
    decide,
    decide_after_form,
    holds,
)
from relevo.protocol import load_protocol
from relevo.protocol.parts.channels import ChannelName
from relevo.protocol.parts.contingency import Event, Tone, Trigger, When

PROTOCOL = load_protocol(ROOT / "protocol")
PLAN = PROTOCOL.contingency.triggers
SMALL_TALK = frozenset(name for name, topic in PROTOCOL.topics.items() if topic.is_small_talk)
TONES = get_args(Tone)


def heard(topic: str = "track_order", **values: Any) -> Heard:
    """A calm, clear message outside of any form."""
    return Heard(**{"topic": topic, "confidence": 0.9, "tone": "calm", "in_form": False, **values})


def misunderstood(**values: Any) -> Heard:
    return heard(MISUNDERSTOOD, **values)


def toned(*tones: str) -> list[Heard]:
    """Messages about one thing after the other, in these tones."""
    return [heard(f"topic_{i}", tone=tone) for i, tone in enumerate(tones)]


def situation(*messages: Heard, **values: Any) -> Situation:
    """On the web chat, with the demo's small talk; nothing is known of the hours."""
    return Situation(messages, **{"channel": "webchat", "small_talk": SMALL_TALK, **values})


def fired(*messages: Heard, plan: Sequence[Trigger] = PLAN, **values: Any) -> str | None:
    """The id of the trigger that fires at the last of these messages."""
    trigger = decide(plan, situation(*messages, **values))
    return trigger.id if trigger else None


def is_so(when: dict[str, Any], *messages: Heard, **values: Any) -> bool:
    """Whether a condition, written as in the protocol, holds at the last of these messages."""
    return holds(When(**when), situation(*messages, **values))


def plan_with(*conditions: dict[str, Any]) -> list[Trigger]:
    """A plan whose triggers have these conditions, in this order, and the ids t0, t1, …"""
    text = {"en": "x", "es": "x"}
    return [
        Trigger(id=f"t{i}", title=text, when=when, words="passing", guidance=text)
        for i, when in enumerate(conditions)
    ]


# --- the demo's plan ---------------------------------------------------------------------------------------


def test_calm_customer_with_a_clear_question_stays_with_the_bot() -> None:
    assert fired(heard("track_order")) is None
    assert fired(heard("greet"), heard("complaint"), heard("thank")) is None


def test_nothing_said_fires_nothing() -> None:
    assert fired() is None


@pytest.mark.parametrize(
    ("topic", "trigger"),
    [
        ("contact_human_agent", "asks_for_person"),
        ("self_harm", "self_harm"),
        ("report_safety_incident", "safety"),
        ("press_or_authority", "press_or_authority"),
        ("privacy_request", "privacy"),
    ],
)
def test_topic_that_needs_a_person_fires(topic: str, trigger: str) -> None:
    assert fired(heard(topic)) == trigger


@pytest.mark.parametrize(
    ("tone", "trigger"),
    [("angry", "anger"), ("abusive", "abuse"), ("threat", "threat"), ("frustrated", None), ("calm", None)],
)
def test_tone_fires_whatever_the_topic_is(tone: str, trigger: str | None) -> None:
    assert fired(heard("track_order", tone=tone)) == trigger


def test_gravest_trigger_wins() -> None:
    assert fired(heard("self_harm", tone="angry")) == "self_harm"
    assert fired(heard("report_safety_incident", tone="threat")) == "safety"
    assert fired(heard("contact_human_agent", tone="abusive")) == "abuse"
    assert fired(heard("press_or_authority", tone="threat")) == "threat"
    assert fired(misunderstood(), misunderstood(tone="angry")) == "anger"


def test_only_the_latest_message_counts_for_topic_and_tone() -> None:
    assert fired(heard("contact_human_agent"), heard("thank")) is None
    assert fired(heard(tone="angry"), heard(tone="calm")) is None
    assert fired(heard(tone="calm"), heard(tone="angry")) == "anger"


def test_one_misunderstanding_is_rephrased_and_the_second_goes_to_a_person() -> None:
    assert fired(misunderstood()) is None
    assert fired(misunderstood(), misunderstood()) == "not_understood"
    assert fired(misunderstood(), misunderstood(), misunderstood()) == "not_understood"


def test_frustration_twice_among_three_messages_reaches_a_person() -> None:
    assert fired(*toned("frustrated", "calm")) is None
    assert fired(*toned("frustrated", "frustrated")) == "frustration"
    assert fired(*toned("frustrated", "calm", "frustrated")) == "frustration"
    assert fired(*toned("frustrated", "calm", "calm", "frustrated")) is None


def test_second_message_out_of_scope_reaches_a_person() -> None:
    assert fired(heard("out_of_scope")) is None
    assert fired(heard("out_of_scope"), heard("track_order"), heard("out_of_scope")) == "out_of_scope_again"


def test_same_question_three_times_reaches_a_person() -> None:
    assert fired(heard("warranty"), heard("warranty")) is None
    assert (
        fired(heard("warranty"), heard("greet"), heard("warranty"), heard("warranty")) == "same_topic_again"
    )


def test_small_talk_never_counts_as_asked_again() -> None:
    assert {"greet", "thank", "affirm", "deny"} <= SMALL_TALK
    for topic in SMALL_TALK - {"out_of_scope"}:
        assert fired(*[heard(topic)] * 9) is None


# --- the order of the plan ---------------------------------------------------------------------------------


def test_order_of_the_plan_decides() -> None:
    plan = plan_with({"tone": "angry"}, {"intent": "complaint"})
    assert fired(heard("complaint", tone="angry"), plan=plan) == "t0"
    assert fired(heard("complaint"), plan=plan) == "t1"
    assert fired(heard("complaint", tone="angry"), plan=plan[::-1]) == "t1"


def test_empty_plan_fires_nothing() -> None:
    assert fired(heard("self_harm", tone="threat"), plan=[]) is None
    assert decide_after_form([], 99) is None


# --- intent ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("confidence", "trigger"), [(0.49, None), (0.5, "asks_for_person")])
def test_topic_must_be_clear_in_a_form(confidence: float, trigger: str | None) -> None:
    assert fired(heard("contact_human_agent", confidence=confidence, in_form=True)) == trigger


def test_outside_a_form_the_best_topic_counts_though_it_is_unsure() -> None:
    assert fired(heard("contact_human_agent", confidence=0.25)) == "asks_for_person"


# --- tone and tones lately ---------------------------------------------------------------------------------


@pytest.mark.parametrize("said", TONES)
@pytest.mark.parametrize("asked", TONES)
def test_tone_is_that_of_the_latest_message(said: str, asked: str) -> None:
    assert is_so({"tone": asked}, *toned(asked, said)) == (said == asked)


def test_tone_counts_in_a_form_too() -> None:
    assert fired(heard(MISUNDERSTOOD, tone="threat", in_form=True, confidence=0.1)) == "threat"
    messages = [heard(tone="frustrated", in_form=True), heard(tone="frustrated", in_form=True)]
    assert fired(*messages) == "frustration"


@pytest.mark.parametrize(
    ("tones", "is_met"),
    [
        (["frustrated"], False),
        (["angry", "frustrated"], True),
        (["frustrated", "calm", "angry"], True),
        (["frustrated", "frustrated", "calm"], False),
        (["angry", "calm", "calm", "angry"], False),
        (["calm", "frustrated", "calm", "frustrated"], True),
        (["abusive", "threat", "frustrated"], False),
    ],
)
def test_tones_lately_are_counted_within_the_window_and_the_latest_is_one(
    tones: list[str], is_met: bool
) -> None:
    window = {"tones": ["frustrated", "angry"], "messages": 2, "of_last": 3}
    assert is_so({"tones_lately": window}, *toned(*tones)) is is_met


# --- misunderstandings and forms ---------------------------------------------------------------------------


def test_understood_message_between_two_misunderstandings_starts_the_count_anew() -> None:
    assert fired(misunderstood(), heard("greet"), misunderstood()) is None
    assert fired(misunderstood(), misunderstood(), heard("greet")) is None


def test_answers_in_a_form_are_no_misunderstandings() -> None:
    assert fired(misunderstood(in_form=True), misunderstood(in_form=True)) is None
    assert fired(misunderstood(in_form=True), misunderstood()) is None
    assert fired(misunderstood(), misunderstood(in_form=True), misunderstood()) is None


def test_patience_is_the_plans() -> None:
    plan = plan_with({"misunderstandings": 3})
    assert fired(misunderstood(), misunderstood(), plan=plan) is None
    assert fired(misunderstood(), misunderstood(), misunderstood(), plan=plan) == "t0"
    assert decide_after_form(plan, 2) is None
    assert decide_after_form(plan, 3) == plan[0]


def test_form_that_failed_twice_goes_to_a_person() -> None:
    outcomes = [decide_after_form(PLAN, failures) for failures in range(4)]
    assert [trigger and trigger.id for trigger in outcomes] == [
        None,
        None,
        "not_understood",
        "not_understood",
    ]


def test_plan_without_patience_lets_forms_fail() -> None:
    plan = plan_with({"tone": "angry"})
    assert decide_after_form(plan, 99) is None
    assert fired(misunderstood(), misunderstood(), misunderstood(), plan=plan) is None


# --- again -------------------------------------------------------------------------------------------------

TWICE = {"again": {"times": 2}}


def test_topic_is_asked_again_though_others_lie_between() -> None:
    assert is_so(TWICE, heard("warranty")) is False
    assert is_so(TWICE, heard("warranty"), heard("track_order"), heard("warranty")) is True
    assert is_so(TWICE, heard("warranty"), heard("warranty"), heard("track_order")) is False


def test_named_topic_alone_counts_as_asked_again() -> None:
    twice = {"again": {"intent": "warranty", "times": 2}}
    assert is_so(twice, heard("warranty"), heard("warranty")) is True
    assert is_so(twice, heard("track_order"), heard("track_order")) is False
    assert is_so(twice, heard("warranty"), heard("warranty"), heard("track_order")) is False


def test_small_talk_counts_as_asked_again_only_where_it_is_named() -> None:
    assert is_so(TWICE, heard("greet"), heard("greet")) is False
    assert is_so({"again": {"intent": "greet", "times": 2}}, heard("greet"), heard("greet")) is True
    assert is_so({"again": {"intent": "thank", "times": 2}}, heard("greet"), heard("greet")) is False


def test_answers_in_a_form_are_not_asked_again() -> None:
    answer = heard("warranty", in_form=True)
    assert is_so(TWICE, answer, answer) is False
    assert is_so(TWICE, heard("warranty"), answer) is False
    assert is_so(TWICE, answer, heard("warranty")) is False
    assert is_so(TWICE, heard("warranty"), answer, heard("warranty")) is True


def test_misunderstood_messages_are_no_topic_that_is_asked_again() -> None:
    assert is_so(TWICE, misunderstood(), misunderstood()) is False


def test_follow_ups_and_bare_answers_are_not_asked_again() -> None:
    for reading in ("follow_up", "bare_answer"):
        added = heard("warranty", reading=reading)
        assert is_so(TWICE, heard("warranty"), added) is False
        assert is_so(TWICE, added, heard("warranty")) is False
    assert is_so(TWICE, heard("warranty"), heard("warranty", reading="accepted")) is True


# --- two things in one message -----------------------------------------------------------------------------


def test_second_thing_of_a_message_reaches_a_person_too() -> None:
    assert fired(heard("cancel_order", also_asked="contact_human_agent")) == "asks_for_person"
    assert fired(heard("track_refund", also_asked="report_safety_incident")) == "safety"
    assert fired(heard("track_refund", also_asked="get_refund")) is None


def test_second_thing_of_an_earlier_message_fires_no_more() -> None:
    assert fired(heard("track_refund", also_asked="report_safety_incident"), heard("warranty")) is None


# --- channel, opening, events ------------------------------------------------------------------------------


def test_channel_is_the_one_on_which_the_customer_writes() -> None:
    assert is_so({"channel": "whatsapp"}, heard(), channel="whatsapp") is True
    assert is_so({"channel": "whatsapp"}, heard(), channel="webchat") is False


@pytest.mark.parametrize(("is_open", "is_met"), [(True, [True, False]), (False, [False, True])])
def test_opening_is_whether_people_are_at_work(is_open: bool, is_met: list[bool]) -> None:
    met = [is_so({"opening": opening}, heard(), is_open=is_open) for opening in ("open", "closed")]
    assert met == is_met


@pytest.mark.parametrize("opening", ["open", "closed"])
def test_opening_that_is_not_known_is_neither(opening: str) -> None:
    assert is_so({"opening": opening}, heard(), is_open=None) is False


@pytest.mark.parametrize("event", get_args(Event))
def test_events_outside_of_the_conversation_never_hold_in_it(event: str) -> None:
    messages = toned(*TONES)
    for topic in PROTOCOL.topics:
        assert is_so({"event": event}, *messages, heard(topic), is_open=False) is False


def test_every_event_of_the_schema_lies_outside_of_the_conversation() -> None:
    assert set(OUTSIDE_EVENTS) == set(get_args(Event))


# --- all, any, not -----------------------------------------------------------------------------------------

IS_ANGRY, IS_ORDER = {"tone": "angry"}, {"intent": "track_order"}


@pytest.mark.parametrize("tone", ["angry", "calm"])
@pytest.mark.parametrize("topic", ["track_order", "warranty"])
def test_conditions_combine_as_in_logic(tone: str, topic: str) -> None:
    message = heard(topic, tone=tone)
    is_angry, is_order = tone == "angry", topic == "track_order"
    assert is_so({"all": [IS_ANGRY, IS_ORDER]}, message) is (is_angry and is_order)
    assert is_so({"any": [IS_ANGRY, IS_ORDER]}, message) is (is_angry or is_order)
    assert is_so({"not": IS_ANGRY}, message) is not is_angry
    neither = {"all": [{"not": IS_ANGRY}, {"not": {"any": [IS_ORDER]}}]}
    assert is_so(neither, message) is (not is_angry and not is_order)


# --- whatever the plan and the customer say ----------------------------------------------------------------

TOPICS = [MISUNDERSTOOD, "track_order", "contact_human_agent", "self_harm", "greet", "out_of_scope"]
MESSAGES = st.lists(
    st.builds(
        Heard,
        topic=st.sampled_from(TOPICS),
        confidence=st.floats(0, 1),
        tone=st.sampled_from(TONES),
        in_form=st.booleans(),
    ),
    min_size=1,
    max_size=8,
)
SITUATIONS = st.builds(
    Situation,
    heard=MESSAGES,
    channel=st.sampled_from([*get_args(ChannelName), ""]),
    is_open=st.sampled_from([True, False, None]),
    small_talk=st.sampled_from([frozenset(), SMALL_TALK]),
)
NUMBERS = st.integers(1, 4)


@st.composite
def windows(draw: st.DrawFn) -> dict[str, Any]:
    messages = draw(NUMBERS)
    tones = draw(st.lists(st.sampled_from(TONES), min_size=1, max_size=3))
    return {"tones": tones, "messages": messages, "of_last": messages + draw(st.integers(0, 4))}


PLAIN = st.one_of(
    st.fixed_dictionaries({"intent": st.sampled_from(TOPICS)}),
    st.fixed_dictionaries({"tone": st.sampled_from(TONES)}),
    st.fixed_dictionaries({"tones_lately": windows()}),
    st.fixed_dictionaries({"misunderstandings": NUMBERS}),
    st.fixed_dictionaries(
        {
            "again": st.fixed_dictionaries(
                {"times": st.integers(2, 4)}, optional={"intent": st.sampled_from(TOPICS)}
            )
        }
    ),
    st.fixed_dictionaries({"channel": st.sampled_from(get_args(ChannelName))}),
    st.fixed_dictionaries({"opening": st.sampled_from(["open", "closed"])}),
    st.fixed_dictionaries({"event": st.sampled_from(get_args(Event))}),
)
CONDITIONS = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=6,
)


@given(CONDITIONS, CONDITIONS, SITUATIONS)
@settings(max_examples=200, deadline=None)
def test_conditions_keep_the_laws_of_logic(
    one: dict[str, Any], other: dict[str, Any], now: Situation
) -> None:
    first, second = (holds(When(**condition), now) for condition in (one, other))
    assert holds(When(all=[one, other]), now) is (first and second)
    assert holds(When(any=[one, other]), now) is (first or second)
    assert holds(When(**{"not": one}), now) is not first
    assert holds(When(all=[one, {"not": one}]), now) is False


@given(st.lists(CONDITIONS, max_size=4), SITUATIONS)
@settings(max_examples=100, deadline=None)
def test_first_trigger_whose_condition_holds_fires_and_no_other(
    conditions: list[dict[str, Any]], now: Situation
) -> None:
    plan = plan_with(*conditions)
    holding = [trigger for trigger in plan if holds(trigger.when, now)]
    assert decide(plan, now) == (holding[0] if holding else None)


@given(PLAIN, SITUATIONS)
@settings(max_examples=100, deadline=None)
def test_condition_reads_the_same_after_its_way_through_a_model(
    condition: dict[str, Any], now: Situation
) -> None:
    when = When(**condition)
    read = When.parse_raw(when.json(by_alias=True, exclude_none=True))
    assert holds(read, now) is holds(when, now)


@given(MESSAGES)
@settings(max_examples=100, deadline=None)
def test_grave_tone_always_reaches_a_person(messages: list[Heard]) -> None:
    trigger = decide(PLAN, situation(*messages))
    if messages[-1].tone in ("angry", "abusive", "threat"):
        assert trigger is not None and trigger.outcome == "hand_off"


@given(SITUATIONS)
@settings(max_examples=100, deadline=None)
def test_what_fires_in_a_conversation_always_hands_over_in_the_demo(now: Situation) -> None:
    trigger = decide(PLAN, now)
    assert trigger is None or trigger.outcome == "hand_off"


@given(SITUATIONS, MESSAGES)
@settings(max_examples=100, deadline=None)
def test_tones_and_misunderstandings_are_explained_by_the_last_three_messages(
    now: Situation, before: list[Heard]
) -> None:
    plan = [t for t in PLAN if t.when.again is None]
    latest = now.heard[-3:]
    longer = Situation([*before, *latest], now.channel, now.is_open, now.small_talk)
    assert len(latest) < 3 or decide(plan, longer) == decide(
        plan, Situation(latest, now.channel, now.is_open, now.small_talk)
    )
