"""What the lint says of triggers agrees with how the plan decides in conversations."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relevo.dialogue.contingency import Situation, holds
from relevo.dialogue.heard import Heard
from relevo.protocol.lint.situations import covers, is_possible
from relevo.protocol.parts.contingency import When

TOPICS = ("track_order", "complaint", "greet", "nlu_fallback")
SMALL_TALK = frozenset({"greet"})
TONES = ("calm", "frustrated", "angry")
DAY = 86_400.0

atoms = st.one_of(
    st.builds(lambda intent: {"intent": intent}, st.sampled_from(TOPICS)),
    st.builds(lambda tone: {"tone": tone}, st.sampled_from(TONES)),
    st.builds(
        lambda tones, messages, more: {
            "tones_lately": {"tones": tones, "messages": messages, "of_last": messages + more}
        },
        st.lists(st.sampled_from(TONES), min_size=1, max_size=2, unique=True),
        st.integers(1, 3),
        st.integers(0, 2),
    ),
    st.builds(
        lambda rises, more: {"rising_frustration": {"rises": rises, "of_last": rises + more}},
        st.integers(1, 3),
        st.integers(1, 3),
    ),
    st.builds(lambda amount: {"amount_above": amount}, st.sampled_from([100, 101, 500])),
    st.builds(
        lambda cases, days: {"earlier_cases": {"cases": cases, "days": days}},
        st.integers(1, 2),
        st.sampled_from([7, 30]),
    ),
    st.builds(lambda notice: {"notice": notice}, st.sampled_from(["strike", "rain"])),
    st.builds(lambda times: {"misunderstandings": times}, st.integers(1, 3)),
    st.builds(lambda times: {"again": {"times": times}}, st.integers(2, 3)),
    st.builds(
        lambda intent, times: {"again": {"intent": intent, "times": times}},
        st.sampled_from(TOPICS),
        st.integers(2, 3),
    ),
    st.builds(lambda channel: {"channel": channel}, st.sampled_from(["webchat", "whatsapp"])),
    st.builds(lambda opening: {"opening": opening}, st.sampled_from(["open", "closed"])),
)
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=4,
).map(lambda condition: When(**condition))
messages = st.builds(
    Heard,
    topic=st.sampled_from(TOPICS),
    confidence=st.sampled_from([0.3, 0.9]),
    tone=st.sampled_from(TONES),
    in_form=st.sampled_from([False, False, False, True]),
    entities=st.sampled_from([(), (("amount", "100.50 MXN"),), (("amount", "9.00"), ("amount", "600.00"))]),
)
situations = st.builds(
    Situation,
    heard=st.lists(messages, min_size=1, max_size=6),
    channel=st.sampled_from(["webchat", "whatsapp", "phone"]),
    is_open=st.sampled_from([True, False, None]),
    small_talk=st.just(SMALL_TALK),
    notices=st.frozensets(st.sampled_from(["strike", "rain"])),
    earlier_cases=st.lists(st.sampled_from([0.0, 80 * DAY, 98 * DAY]), max_size=3),
    now=st.just(100 * DAY),
)


pairs = st.one_of(
    st.tuples(conditions, conditions),
    st.builds(lambda one, other: (one, When(all=[other, one])), conditions, conditions),
    st.builds(lambda one, other: (When(any=[other, one]), one), conditions, conditions),
)
"""Earlier and later conditions; those of two sorts have something in common."""


@given(pairs, st.lists(situations, min_size=10, max_size=20))
@settings(max_examples=150, deadline=None)
def test_trigger_that_is_called_shadowed_never_gets_its_turn(
    pair: tuple[When, When], seen: list[Situation]
) -> None:
    earlier, later = pair
    if not covers(earlier, later, SMALL_TALK):
        return
    assert not [situation for situation in seen if holds(later, situation) and not holds(earlier, situation)]


@given(conditions, st.lists(situations, min_size=10, max_size=20))
@settings(max_examples=100, deadline=None)
def test_condition_that_holds_is_never_called_impossible(condition: When, seen: list[Situation]) -> None:
    if any(holds(condition, situation) for situation in seen):
        assert is_possible(condition)


SHADOWED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"intent": "complaint"}, {"intent": "complaint"}),
    ({"intent": "complaint"}, {"all": [{"intent": "complaint"}, {"tone": "angry"}]}),
    ({"any": [{"tone": "angry"}, {"tone": "abusive"}]}, {"tone": "abusive"}),
    ({"tone": "angry"}, {"all": [{"opening": "closed"}, {"tone": "angry"}]}),
    ({"misunderstandings": 2}, {"misunderstandings": 3}),
    ({"intent": "nlu_fallback"}, {"misunderstandings": 2}),
    ({"again": {"times": 2}}, {"again": {"times": 3}}),
    ({"again": {"times": 2}}, {"again": {"intent": "complaint", "times": 2}}),
    ({"intent": "complaint"}, {"again": {"intent": "complaint", "times": 3}}),
    (
        {"tones_lately": {"tones": ["frustrated"], "messages": 2, "of_last": 3}},
        {"tones_lately": {"tones": ["frustrated"], "messages": 3, "of_last": 3}},
    ),
    (
        {"tones_lately": {"tones": ["frustrated", "angry"], "messages": 2, "of_last": 4}},
        {"tones_lately": {"tones": ["angry"], "messages": 2, "of_last": 3}},
    ),
    ({"tone": "angry"}, {"tones_lately": {"tones": ["angry"], "messages": 2, "of_last": 3}}),
    ({"event": "target_missed"}, {"all": [{"event": "target_missed"}, {"channel": "phone"}]}),
    ({"rising_frustration": {"of_last": 4}}, {"rising_frustration": {"of_last": 3}}),
    ({"rising_frustration": {"of_last": 3}}, {"rising_frustration": {"of_last": 4, "rises": 2}}),
    (
        {"any": [{"tone": "angry"}, {"tone": "abusive"}, {"tone": "threat"}]},
        {"rising_frustration": {"of_last": 4, "rises": 2}},
    ),
    ({"amount_above": 500}, {"all": [{"amount_above": 900}, {"intent": "complaint"}]}),
    ({"earlier_cases": {"cases": 1, "days": 30}}, {"earlier_cases": {"cases": 2, "days": 7}}),
    ({"notice": "strike"}, {"all": [{"notice": "strike"}, {"intent": "complaint"}]}),
]
IN_ORDER: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"intent": "complaint"}, {"intent": "get_refund"}),
    ({"all": [{"intent": "complaint"}, {"tone": "angry"}]}, {"intent": "complaint"}),
    ({"misunderstandings": 3}, {"misunderstandings": 2}),
    ({"again": {"times": 3}}, {"again": {"times": 2}}),
    ({"again": {"times": 2}}, {"again": {"intent": "greet", "times": 2}}),
    (
        {"tone": "frustrated"},
        {"tones_lately": {"tones": ["frustrated", "angry"], "messages": 2, "of_last": 3}},
    ),
    ({"channel": "phone"}, {"tone": "angry"}),
    ({"event": "target_at_risk"}, {"event": "target_missed"}),
    ({"rising_frustration": {"of_last": 4, "rises": 2}}, {"rising_frustration": {"of_last": 4}}),
    ({"tone": "angry"}, {"rising_frustration": {"of_last": 3, "rises": 2}}),
    ({"amount_above": 900}, {"amount_above": 500}),
    ({"earlier_cases": {"cases": 1, "days": 7}}, {"earlier_cases": {"cases": 1, "days": 30}}),
    ({"earlier_cases": {"cases": 2, "days": 30}}, {"earlier_cases": {"cases": 1, "days": 30}}),
    ({"notice": "strike"}, {"notice": "rain"}),
]
IMPOSSIBLE: list[dict[str, Any]] = [
    {"all": [{"intent": "complaint"}, {"intent": "get_refund"}]},
    {"all": [{"tone": "angry"}, {"tone": "calm"}]},
    {"all": [{"intent": "complaint"}, {"misunderstandings": 2}]},
    {"all": [{"opening": "open"}, {"opening": "closed"}]},
    {"all": [{"channel": "phone"}, {"not": {"channel": "phone"}}]},
    {"all": [{"tone": "calm"}, {"tones_lately": {"tones": ["angry"], "messages": 2, "of_last": 2}}]},
    {"all": [{"event": "target_missed"}, {"event": "target_at_risk"}]},
    {"all": [{"tone": "calm"}, {"rising_frustration": {"of_last": 4}}]},
    {"all": [{"tone": "frustrated"}, {"rising_frustration": {"of_last": 4, "rises": 2}}]},
    {"all": [{"amount_above": 500}, {"not": {"amount_above": 400}}]},
    {
        "all": [
            {"earlier_cases": {"cases": 2, "days": 7}},
            {"not": {"earlier_cases": {"cases": 1, "days": 30}}},
        ]
    },
    {"all": [{"notice": "strike"}, {"not": {"notice": "strike"}}]},
]


@pytest.mark.parametrize(("earlier", "later"), SHADOWED)
def test_weaker_condition_shadows_a_later_one(earlier: dict[str, Any], later: dict[str, Any]) -> None:
    assert covers(When(**earlier), When(**later), SMALL_TALK)


@pytest.mark.parametrize(("earlier", "later"), IN_ORDER)
def test_other_or_stronger_condition_leaves_a_later_one_its_turn(
    earlier: dict[str, Any], later: dict[str, Any]
) -> None:
    assert not covers(When(**earlier), When(**later), SMALL_TALK)


@pytest.mark.parametrize("condition", IMPOSSIBLE)
def test_contradiction_is_impossible(condition: dict[str, Any]) -> None:
    assert not is_possible(When(**condition))


def test_condition_that_tells_too_much_apart_is_not_judged() -> None:
    tones = [
        {"tones_lately": {"tones": ["angry"], "messages": messages, "of_last": 10}}
        for messages in range(1, 11)
    ]
    wide = When(all=[*tones, *({"intent": f"topic_{i}"} for i in range(50))])
    assert is_possible(wide)
    assert not covers(wide, wide, SMALL_TALK)
