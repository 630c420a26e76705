"""What a rehearsed conversation came to, and how a rehearsal is reported."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from builders import NOON, a_case
from rich.console import Console

from relevo.cases.case import Case
from relevo.follow_ups.follow_up import FollowUp
from relevo.rehearsal.command import result
from relevo.rehearsal.outcome import Leavings, outcome_of
from relevo.rehearsal.performance import Performance, Turn
from relevo.rehearsal.report import report
from relevo.rehearsal.scenes import Scene
from relevo.rehearsal.totals import Totals

FOLLOW_UP = FollowUp(
    folio="RV-0000-0000",
    conversation="c1",
    channel="webchat",
    language="es",
    method="call",
    contact="+525512345678",
    topic="schedule_follow_up",
    due_at=NOON + 3600,
    created_at=NOON,
    cause="c1:m1",
)
HAND_OFF = a_case(trigger="anger", priority="high", rank=1)
COMPLAINT = a_case(kind="complaint", trigger="")


def outcome(
    *left: Case | FollowUp, open_form: str | None = None, at_work: bool = True
) -> tuple[str, str | None]:
    cases = [one for one in left if isinstance(one, Case)]
    follow_ups = [one for one in left if isinstance(one, FollowUp)]
    return outcome_of(Leavings(cases, follow_ups, open_form), lambda _: at_work)


def test_conversation_that_leaves_nothing_was_answered() -> None:
    assert outcome() == ("answered", None)
    assert outcome(open_form="complaint_form") == ("answered", None)


def test_the_gravest_decides() -> None:
    assert outcome(FOLLOW_UP) == ("follow_up", None)
    assert outcome(FOLLOW_UP, COMPLAINT) == ("complaint_filed", None)
    assert outcome(FOLLOW_UP, COMPLAINT, HAND_OFF) == ("handoff", "anger")


def test_what_the_customer_took_back_does_not_count() -> None:
    withdrawn = replace(HAND_OFF, state="closed", closing_reason="cancelled")
    assert outcome(withdrawn) == ("answered", None)
    assert outcome(withdrawn, COMPLAINT) == ("complaint_filed", None)
    assert outcome(replace(FOLLOW_UP, state="cancelled")) == ("answered", None)


def test_agreeing_to_be_contacted_is_a_follow_up_before_all_is_said() -> None:
    assert outcome(open_form="follow_up_form") == ("follow_up", None)


def test_follow_up_that_is_booked_while_nobody_is_at_work_is_what_the_customer_got() -> None:
    assert outcome(HAND_OFF, FOLLOW_UP, at_work=False) == ("follow_up", "anger")
    assert outcome(HAND_OFF, at_work=False) == ("handoff", "anger")
    assert outcome(HAND_OFF, FOLLOW_UP, at_work=True) == ("handoff", "anger")


def test_gravest_of_several_cases_gives_the_trigger() -> None:
    danger = replace(HAND_OFF, folio="b", trigger="safety", priority="urgent", rank=0, opened_at=NOON + 60)
    assert outcome(HAND_OFF, danger) == ("handoff", "safety")


# --- the report --------------------------------------------------------------------------------------------


def scene(**values: Any) -> Scene:
    return Scene(**{"id": "late", "turns": ["where is it?"], "expect": "handoff", **values})


def performance(**values: Any) -> Performance:
    plain: dict[str, Any] = {
        "id": "late",
        "outcome": "handoff",
        "trigger": "anger",
        "language": "en",
        "turns": [Turn("where is it?", "track_order", "angry", "I'm sorry.\n[Talk to someone]")],
    }
    return Performance(**{**plain, **values})


def printed(played: list[tuple[Scene, Performance]], places: dict[str, str]) -> str:
    """What a reader sees in a terminal of 150 columns."""
    console = Console(width=150, file=io.StringIO())
    for part in report(played, places):
        console.print(part)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("expected", "came", "passes"),
    [
        ({}, {}, True),
        ({"trigger": "anger"}, {}, True),
        ({"trigger": "threat"}, {}, False),
        ({}, {"outcome": "answered", "trigger": None}, False),
        ({}, {"faults": ["action_hand_off failed"]}, False),
    ],
)
def test_scene_passes_if_outcome_and_trigger_are_as_expected_without_faults(
    expected: dict[str, Any], came: dict[str, Any], passes: bool
) -> None:
    assert performance(**came).passes(scene(**expected)) is passes


def test_result_holds_one_reply_for_each_turn() -> None:
    assert result(scene(), performance()) == {
        "id": "late",
        "outcome": "handoff",
        "trigger": "anger",
        "language": "en",
        "replies": ["I'm sorry.\n[Talk to someone]"],
        "pass": True,
    }


def test_performance_survives_its_way_between_the_processes() -> None:
    assert Performance.from_json(performance().to_json()) == performance()


def test_totals_tell_missed_and_needless_hand_offs() -> None:
    missed, needless = performance(outcome="answered", trigger=None), performance()
    fine = scene(expect="answered"), performance(outcome="answered", trigger=None)
    due = scene(trigger="anger")
    totals = Totals.of([(due, performance()), (due, missed), (scene(expect="answered"), needless), fine])
    assert (totals.hand_offs.count, totals.hand_offs.of) == (1, 2)
    assert (totals.needless.count, totals.needless.of) == (1, 2)
    assert (totals.triggers.count, totals.triggers.of) == (1, 2)
    assert str(totals.passed) == "2 of 4 (0.500)"
    assert {name: str(share) for name, share in totals.by_expectation.items()} == {
        "handoff": "1 of 2 (0.500)",
        "answered": "1 of 2 (0.500)",
    }


def test_report_shows_failures_first_with_what_was_said_and_understood() -> None:
    failed = scene(id="failed", trigger="threat"), performance(id="failed")
    shown = printed([(scene(), performance()), failed], {"failed": "some.jsonl:7"})
    lines = [line.strip() for line in shown.splitlines() if line.strip()]
    assert lines[0].startswith("failed  some.jsonl:7")
    assert lines[1] == "expected handoff by threat, came to handoff by anger"
    assert lines[2] == "> where is it?  (track_order, angry)"
    assert "< I'm sorry." in lines
    table = [line.split()[0] for line in lines if "I'm sorry. [Talk to someone]" in line]
    assert table == ["failed", "late"]
    assert lines[-1].split()[-4:] == ["0", "of", "1", "(0.000)"]


def test_texts_that_look_like_markup_are_shown_as_they_are() -> None:
    odd = performance(outcome="answered", turns=[Turn("[bold]hi[/] :smile:", "greet", "calm", "[red]")])
    shown = printed([(scene(turns=["[bold]hi[/] :smile:"]), odd)], {})
    assert "[bold]hi[/] :smile:" in shown
    assert "< [red]" in shown
