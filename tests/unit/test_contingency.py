"""Which trigger of the contingency plan fires, message by message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

import pytest
from builders import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from relevo.dialogue.contingency import (
    MISUNDERSTOOD,
    Situation,
    decide,
    decide_after_form,
    holds,
    patience,
)
from relevo.dialogue.heard import Heard
from relevo.protocol import load_protocol
from relevo.protocol.conditions import names_event
from relevo.protocol.explanation import Explanation, Message, Reason
from relevo.protocol.parts.channels import ChannelName
from relevo.protocol.parts.contingency import Event, Tone, Trigger, When

PROTOCOL = load_protocol(ROOT / "protocol")
PLAN = PROTOCOL.contingency.triggers
SMALL_TALK = frozenset(name for name, topic in PROTOCOL.topics.items() if topic.is_small_talk)
TONES = get_args(Tone)
DAY = 86_400
NOW = 1_764_698_400.0


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
    decision = decide(plan, situation(*messages, **values))
    return decision.trigger.id if decision else None


def fired_after_form(
    *messages: Heard, failures: int, plan: Sequence[Trigger] = PLAN, **values: Any
) -> str | None:
    """The id of the trigger that fires when a form has ended after so many failures in a row."""
    decision = decide_after_form(plan, situation(*messages, failures=failures, **values))
    return decision.trigger.id if decision else None


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
        ("report_fraud", "fraud"),
        ("press_or_authority", "press_or_authority"),
        ("privacy_request", "privacy"),
    ],
)
def test_topic_that_needs_a_person_fires(topic: str, trigger: str) -> None:
    assert fired(heard(topic)) == trigger


@pytest.mark.parametrize(
    ("tone", "trigger"),
    [
        ("angry", "anger"),
        ("abusive", "abuse"),
        ("threat", "threat"),
        ("frustrated", "first_frustration"),
        ("calm", None),
    ],
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
    assert fired(*toned("frustrated", "calm", "calm", "frustrated")) == "first_frustration"


def test_frustration_after_two_cases_in_a_month_reaches_a_person_at_once() -> None:
    annoyed = toned("frustrated")
    lately = {"now": NOW, "earlier_cases": [NOW - 3 * DAY, NOW - 20 * DAY]}
    assert fired(*annoyed, **lately) == "frustration"
    assert fired(*toned("calm"), **lately) is None
    long_ago = {"now": NOW, "earlier_cases": [NOW - 3 * DAY, NOW - 31 * DAY]}
    assert fired(*annoyed, **long_ago) == "first_frustration"


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
    assert fired_after_form(heard(in_form=True), failures=9, plan=[]) is None


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


def test_out_of_scope_counts_beside_what_is_not_understood() -> None:
    assert fired(misunderstood(), heard("out_of_scope")) == "not_understood"
    assert fired(heard("out_of_scope"), misunderstood()) == "not_understood"
    assert fired(heard("out_of_scope"), heard("out_of_scope")) == "out_of_scope_again"
    assert fired(misunderstood(), heard("greet"), heard("out_of_scope")) is None


def test_answer_that_was_none_goes_to_a_person() -> None:
    assert fired(heard("track_order"), heard("not_answered")) == "same_topic_again"


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
    answers = [misunderstood(in_form=True)] * 3
    assert fired_after_form(*answers[:2], failures=2, plan=plan) is None
    assert fired_after_form(*answers, failures=3, plan=plan) == "t0"
    assert patience(plan, situation(*answers)) == 3


def test_form_that_failed_twice_goes_to_a_person() -> None:
    answers = [misunderstood(in_form=True)] * 3
    outcomes = [fired_after_form(*answers, failures=failures) for failures in range(4)]
    assert outcomes == [None, None, "not_understood", "not_understood"]


def test_patience_deep_in_a_condition_holds_in_forms_too() -> None:
    plan = plan_with(
        {"all": [{"misunderstandings": 1}, {"channel": "whatsapp"}]},
        {"any": [{"tone": "angry"}, {"misunderstandings": 3}]},
    )
    answers = [misunderstood(in_form=True)] * 3
    assert patience(plan, situation(*answers, channel="whatsapp")) == 1
    assert fired_after_form(*answers, failures=1, plan=plan, channel="whatsapp") == "t0"
    assert patience(plan, situation(*answers)) == 3
    assert [fired_after_form(*answers, failures=n, plan=plan) for n in (1, 2, 3)] == [None, None, "t1"]


def test_what_would_fire_without_the_failures_is_not_put_down_to_them() -> None:
    plan = plan_with({"any": [{"tone": "angry"}, {"misunderstandings": 2}]}, {"misunderstandings": 2})
    angry = misunderstood(in_form=True, tone="angry")
    assert fired(angry, plan=plan) == "t0"
    assert fired_after_form(angry, failures=2, plan=plan) == "t1"
    assert patience(plan_with({"not": {"misunderstandings": 2}}), situation(angry)) is None


def test_plan_without_patience_lets_forms_fail() -> None:
    plan = plan_with({"tone": "angry"})
    assert fired_after_form(misunderstood(in_form=True), failures=9, plan=plan) is None
    assert patience(plan, situation(misunderstood(in_form=True))) is None
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


# --- frustration that grows --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tones", "rises"),
    [
        (["calm"], 0),
        (["calm", "frustrated"], 1),
        (["calm", "frustrated", "frustrated"], 1),
        (["calm", "frustrated", "angry"], 2),
        (["calm", "frustrated", "angry", "threat"], 3),
        (["frustrated", "angry", "abusive", "threat"], 2),
        (["frustrated", "calm", "angry"], 1),
        (["frustrated", "angry", "calm"], 0),
        (["angry", "frustrated"], 0),
    ],
)
def test_frustration_grows_with_each_tone_that_is_louder_than_the_one_before(
    tones: list[str], rises: int
) -> None:
    met = [is_so({"rising_frustration": {"of_last": 5, "rises": n}}, *toned(*tones)) for n in (1, 2, 3)]
    assert met == [n <= rises for n in (1, 2, 3)]


def test_frustration_grows_within_its_window_only() -> None:
    slowly = toned("calm", "frustrated", "frustrated", "angry")
    assert is_so({"rising_frustration": {"of_last": 4, "rises": 2}}, *slowly) is True
    assert is_so({"rising_frustration": {"of_last": 3, "rises": 2}}, *slowly) is False


# --- amounts, earlier cases, notices -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amounts", "is_above"),
    [
        (["1000.01 MXN"], True),
        (["1000.00 MXN"], False),
        (["1500.00"], True),
        (["60.00 USD"], True),
        (["50.00 USD"], False),
        (["5000.00 EUR"], False),
        (["20.00 MXN", "2000.00 MXN"], True),
        (["a lot"], False),
        ([], False),
    ],
)
def test_amount_is_compared_in_pesos(amounts: list[str], is_above: bool) -> None:
    entities = (("order_number", "CJ-999999"), *(("amount", amount) for amount in amounts))
    assert is_so({"amount_above": 1_000}, heard(entities=entities), mxn_per_usd=18.5) is is_above


def test_only_the_amounts_of_the_present_message_count() -> None:
    earlier = heard(entities=(("amount", "9000.00 MXN"),))
    assert is_so({"amount_above": 1_000}, earlier, heard()) is False


def test_dollars_are_not_compared_without_a_rate() -> None:
    assert is_so({"amount_above": 1}, heard(entities=(("amount", "9000.00 USD"),))) is False


@pytest.mark.parametrize(("days", "cases", "is_met"), [(30, 2, True), (30, 3, False), (7, 2, False)])
def test_earlier_cases_count_within_their_days(days: int, cases: int, is_met: bool) -> None:
    opened = [NOW - 40 * DAY, NOW - 30 * DAY, NOW - 2 * DAY]
    lately = {"earlier_cases": {"cases": cases, "days": days}}
    assert is_so(lately, heard(), now=NOW, earlier_cases=opened) is is_met


def test_notice_counts_while_it_is_in_force() -> None:
    assert is_so({"notice": "strike"}, heard(), notices=frozenset({"strike"})) is True
    assert is_so({"notice": "strike"}, heard(), notices=frozenset({"rain"})) is False


# --- why it fired ------------------------------------------------------------------------------------------


def reasons(*messages: Heard, plan: Sequence[Trigger] = PLAN, **values: Any) -> list[Reason]:
    decision = decide(plan, situation(*messages, **values))
    assert decision is not None
    return list(decision.reasons)


def test_tone_is_explained_by_the_message_its_time_and_how_sure_it_is() -> None:
    said = [heard("greet", at=1.0), heard(tone="angry", tone_confidence=0.934, at=2.5)]
    assert reasons(*said) == [
        Reason({"tone": "angry"}, True, (Message(1, 2.5),), {"tone": "angry", "confidence": 0.93})
    ]


def test_window_is_explained_by_the_messages_that_fill_it() -> None:
    said = [
        heard(f"topic_{i}", tone=tone, at=float(i))
        for i, tone in enumerate(["frustrated", "calm", "frustrated"])
    ]
    (reason,) = reasons(*said)
    assert reason.messages == (Message(0, 0.0), Message(2, 2.0))
    assert reason.found == {"tones": ["frustrated", "frustrated"]}


def test_who_goes_on_praising_asks_nothing_again() -> None:
    assert fired(*[heard("review")] * 4) is None
    assert fired(*[heard("warranty")] * 3) == "same_topic_again"


def test_repetition_is_explained_by_all_messages_that_asked() -> None:
    said = [
        heard("warranty", at=1.0),
        heard("greet", at=2.0),
        heard("warranty", at=3.0),
        heard("warranty", at=4.0),
    ]
    reason = reasons(*said)[0]
    assert [message.number for message in reason.messages] == [0, 2, 3]
    assert reason.found == {"topic": "warranty", "times": 3}


def test_failed_form_is_explained_by_the_answers_that_did_not_fit() -> None:
    answers = [heard("complaint"), *(misunderstood(in_form=True, at=float(n)) for n in (1, 2))]
    decision = decide_after_form(PLAN, situation(*answers, failures=2))
    assert decision is not None
    assert decision.reasons == (
        Reason({"misunderstandings": 2}, True, (Message(1, 1.0), Message(2, 2.0)), {"times": 2}),
    )


def test_each_part_of_a_condition_is_explained_and_what_must_not_be_as_well() -> None:
    when = {"all": [{"tone": "frustrated"}, {"not": {"any": [{"channel": "phone"}, {"opening": "open"}]}}]}
    said = reasons(heard(tone="frustrated"), plan=plan_with(when), is_open=False)
    assert [(reason.when, reason.holds) for reason in said] == [
        ({"tone": "frustrated"}, True),
        ({"channel": "phone"}, False),
        ({"opening": "open"}, False),
    ]


def test_of_alternatives_those_that_hold_are_explained() -> None:
    when = {"any": [{"tone": "angry"}, {"amount_above": 10}, {"notice": "strike"}]}
    message = heard(tone="calm", entities=(("amount", "12.00 MXN"),))
    said = reasons(message, plan=plan_with(when), notices=frozenset({"strike"}))
    assert [reason.found for reason in said] == [{"amounts": ["12.00 MXN"]}, {"notice": "strike"}]


def test_explanation_survives_its_way_through_a_case() -> None:
    decision = decide(PLAN, situation(*toned("frustrated", "frustrated")))
    assert decision is not None
    assert Explanation.from_json(decision.explanation.to_json()) == decision.explanation


@pytest.mark.parametrize("text", ["", "anger", "[]", "{}", '{"trigger": "x", "reasons": [1]}', "null"])
def test_what_is_no_explanation_is_none(text: str) -> None:
    assert Explanation.from_json(text) is None


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


@pytest.mark.parametrize("event", get_args(Event))
def test_trigger_that_names_an_event_is_never_decided_on_messages(event: str) -> None:
    for when in ({"not": {"event": event}}, {"any": [{"event": event}, {"channel": "webchat"}]}):
        trigger = PROTOCOL.contingency.triggers[0].copy(update={"when": When.parse_obj(when)})
        assert decide([trigger], Situation([heard()], "webchat")) is None


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
AMOUNTS = st.sampled_from(["99.00 MXN", "101.00", "45.50 USD", "9.00 EUR"]) | st.text(max_size=8)
MESSAGES = st.lists(
    st.builds(
        Heard,
        topic=st.sampled_from(TOPICS),
        confidence=st.floats(0, 1),
        tone_confidence=st.floats(0, 1),
        tone=st.sampled_from(TONES),
        in_form=st.booleans(),
        at=st.floats(0, NOW),
        entities=st.lists(st.tuples(st.just("amount"), AMOUNTS), max_size=2).map(tuple),
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
    notices=st.frozensets(st.sampled_from(["strike", "rain"])),
    earlier_cases=st.lists(st.integers(0, 90).map(lambda days: NOW - days * DAY), max_size=4),
    mxn_per_usd=st.none() | st.just(18.5),
    now=st.just(NOW),
    failures=st.integers(0, 4),
)
NUMBERS = st.integers(1, 4)


@st.composite
def windows(draw: st.DrawFn) -> dict[str, Any]:
    messages = draw(NUMBERS)
    tones = draw(st.lists(st.sampled_from(TONES), min_size=1, max_size=3))
    return {"tones": tones, "messages": messages, "of_last": messages + draw(st.integers(0, 4))}


@st.composite
def rises(draw: st.DrawFn) -> dict[str, Any]:
    count = draw(st.integers(1, 3))
    return {"rises": count, "of_last": count + draw(st.integers(1, 4))}


PLAIN = st.one_of(
    st.fixed_dictionaries({"intent": st.sampled_from(TOPICS)}),
    st.fixed_dictionaries({"tone": st.sampled_from(TONES)}),
    st.fixed_dictionaries({"tones_lately": windows()}),
    st.fixed_dictionaries({"rising_frustration": rises()}),
    st.fixed_dictionaries({"misunderstandings": NUMBERS}),
    st.fixed_dictionaries({"amount_above": st.sampled_from([50, 100, 800])}),
    st.fixed_dictionaries(
        {"earlier_cases": st.fixed_dictionaries({"cases": NUMBERS, "days": st.sampled_from([7, 30])})}
    ),
    st.fixed_dictionaries({"notice": st.sampled_from(["strike", "rain", "past"])}),
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
    holding = [each for each in plan if holds(each.when, now) and not names_event(each.when)]
    decision = decide(plan, now)
    assert (decision and decision.trigger) == (holding[0] if holding else None)


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
    decision = decide(PLAN, situation(*messages))
    if messages[-1].tone in ("angry", "abusive", "threat"):
        assert decision is not None and decision.trigger.outcome == "hand_off"


@given(SITUATIONS)
@settings(max_examples=100, deadline=None)
def test_what_fires_in_a_conversation_hands_over_in_the_demo_or_comes_before_the_answer(
    now: Situation,
) -> None:
    decision = decide(PLAN, now)
    if decision and decision.trigger.id != "first_frustration":
        assert decision.trigger.outcome == "hand_off"
    elif decision:
        assert decision.trigger.outcome == "answer_and_stay"
        assert now.heard[-1].tone == "frustrated"


@given(SITUATIONS, MESSAGES)
@settings(max_examples=100, deadline=None)
def test_tones_and_misunderstandings_are_explained_by_the_last_three_messages(
    now: Situation, before: list[Heard]
) -> None:
    plan = [t for t in PLAN if t.when.again is None]
    latest = now.heard[-3:]
    longer, shorter = replace(now, heard=[*before, *latest]), replace(now, heard=latest)
    fires, fires_too = decide(plan, longer), decide(plan, shorter)
    assert len(latest) < 3 or (fires and fires.trigger) == (fires_too and fires_too.trigger)


@given(st.lists(CONDITIONS, max_size=4), SITUATIONS)
@settings(max_examples=200, deadline=None)
def test_whatever_fires_is_explained_by_messages_that_were_said(
    conditions: list[dict[str, Any]], now: Situation
) -> None:
    plan = plan_with(*conditions)
    for decision in (decide(plan, now), decide_after_form(plan, now)):
        for reason in decision.reasons if decision else ():
            numbers = [message.number for message in reason.messages]
            assert numbers == sorted(set(numbers))
            assert all(now.heard[message.number].at == message.at for message in reason.messages)
            assert holds(When(**reason.when), now) is reason.holds
        if decision:
            assert Explanation.from_json(decision.explanation.to_json()) == decision.explanation


@given(st.lists(CONDITIONS, max_size=3), SITUATIONS)
@settings(max_examples=100, deadline=None)
def test_patience_is_the_first_number_of_failures_that_fires(
    conditions: list[dict[str, Any]], now: Situation
) -> None:
    plan = plan_with(*conditions)
    allowed = patience(plan, now)
    fires = [bool(decide_after_form(plan, replace(now, failures=n))) for n in range(1, 11)]
    assert allowed == (fires.index(True) + 1 if True in fires else None)
