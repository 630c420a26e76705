"""What a changed contingency plan would have done with conversations that took place."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import yaml
from builders import NOON, local_time
from protocols import DEMO
from rich.console import Console

from relevo.protocol import Protocol, load_protocol
from relevo.what_if.comparison import Comparison, Conversation
from relevo.what_if.course import Course, OpenedCase, Plan
from relevo.what_if.load import Load
from relevo.what_if.moments import Moment, Return, moments
from relevo.what_if.picture import load_picture
from relevo.what_if.tables import tables

Event = dict[str, Any]
TITLES = {"customer_care": "Customer care", "senior_care": "Senior <care>", "safety": "Safety"}
TO_PERSON = {"event": "action", "name": "action_hand_off"}
PAUSE, RESUME = {"event": "pause"}, {"event": "resume"}


def said(topic: str = "track_order", tone: str = "calm", at: float = NOON, **values: Any) -> Event:
    """The customer writes."""
    parsed = {"intent": {"name": topic, "confidence": 0.9}, "tone": {"name": tone}, "entities": []}
    return {
        "event": "user",
        "text": "…",
        "parse_data": {**parsed, **values},
        "timestamp": at,
        "input_channel": "webchat",
    }


def slot(name: str, value: Any) -> Event:
    return {"event": "slot", "name": name, "value": value}


def form(name: str | None) -> Event:
    return {"event": "active_loop", "name": name}


def course(protocol: Protocol, *events: Event) -> Course:
    return Plan(protocol).course(moments(events))


def decisions(protocol: Protocol, *events: Event) -> dict[int, str]:
    """The trigger at each message that has one."""
    return {number: one.trigger for number, one in course(protocol, *events).decisions.items()}


def changed(folder: Path, **triggers: dict[str, Any] | None) -> Protocol:
    """The demo protocol with triggers that have other values, or that are gone."""
    for file in DEMO.rglob("*.yml"):
        target = folder / file.relative_to(DEMO)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    file = folder / "contingency.yml"
    plan = yaml.safe_load(file.read_text(encoding="utf-8"))
    kept = [one for one in plan["triggers"] if triggers.get(one["id"], {}) is not None]
    plan["triggers"] = [{**one, **(triggers.get(one["id"]) or {})} for one in kept]
    file.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return load_protocol(folder)


# --- moments -----------------------------------------------------------------------------------------------


def test_messages_are_numbered_with_their_channel_and_form() -> None:
    events = [said("complaint"), form("complaint_form"), said("nlu_fallback"), form(None), said("thank")]
    found = [(m.number, m.heard.topic, m.heard.in_form) for m in moments(events) if isinstance(m, Moment)]
    assert found == [(1, "complaint", False), (2, "nlu_fallback", True), (3, "thank", False)]


def test_words_to_a_person_are_no_moments_but_are_counted() -> None:
    events = [said("contact_human_agent"), PAUSE, said("thank", "angry"), RESUME, said("warranty")]
    found = list(moments(events))
    assert isinstance(found[1], Return)
    assert [one.number for one in found if isinstance(one, Moment)] == [1, 3]


def test_form_that_ended_by_failures_is_a_moment_of_its_message() -> None:
    events = [form("complaint_form"), said("nlu_fallback"), slot("form_failures", 2), form(None)]
    message, failed = moments(events)
    assert isinstance(message, Moment)
    assert isinstance(failed, Moment)
    assert (message.number, message.failures, failed.number, failed.failures) == (1, 0, 1, 2)
    well = [form("complaint_form"), said("nlu_fallback"), slot("form_failures", 0), form(None)]
    assert len(list(moments(well))) == 1


def test_log_of_a_conversation_without_customer_has_no_moments() -> None:
    assert list(moments([{"event": "bot", "text": "hola"}, slot("form_failures", 1), form(None)])) == []


# --- the course under a plan -------------------------------------------------------------------------------


def test_plan_decides_as_the_policy_does(protocol: Protocol) -> None:
    assert decisions(protocol, said(), said("thank")) == {}
    assert decisions(protocol, said(), said("contact_human_agent")) == {2: "asks_for_person"}
    asked = [said("warranty"), said("warranty"), said("warranty")]
    assert decisions(protocol, *asked) == {3: "same_topic_again"}


def test_what_was_said_before_a_hand_off_does_not_count_after_it(protocol: Protocol) -> None:
    asked = [said("warranty"), said("warranty"), said("contact_human_agent"), TO_PERSON, PAUSE, RESUME]
    assert decisions(protocol, *asked, said("warranty")) == {3: "asks_for_person"}


def test_only_what_is_graver_fires_while_a_hand_off_waits(protocol: Protocol) -> None:
    waiting = [said("contact_human_agent"), TO_PERSON]
    assert decisions(protocol, *waiting, said("contact_human_agent")) == {1: "asks_for_person"}
    after = course(protocol, *waiting, said("self_harm", at=NOON + 60))
    assert {number: one.trigger for number, one in after.decisions.items()} == {
        1: "asks_for_person",
        2: "self_harm",
    }
    assert after.cases == [OpenedCase(NOON, "senior_care", "urgent")], "one customer has one open case"


def test_withdrawn_hand_off_is_over(protocol: Protocol) -> None:
    withdrawn = {"event": "action", "name": "action_cancel_hand_off"}
    events = [said("contact_human_agent"), TO_PERSON, said("stop"), withdrawn, said("contact_human_agent")]
    assert len(course(protocol, *events).cases) == 2


def test_case_goes_to_the_area_of_what_the_customer_came_for(protocol: Protocol) -> None:
    asked = [said("track_refund"), said("track_refund"), said("track_refund")]
    (case,) = course(protocol, *asked).cases
    assert case.area == protocol.area_of("track_refund")


def test_form_that_failed_is_handed_over(protocol: Protocol) -> None:
    events = [said("complaint"), form("complaint_form"), said("nlu_fallback"), said("nlu_fallback")]
    failed = [slot("form_failures", 2), form(None)]
    assert decisions(protocol, *events) == {}
    assert decisions(protocol, *events, *failed) == {3: "not_understood"}


# --- two plans ---------------------------------------------------------------------------------------------


def compared(old: Protocol, new: Protocol, *conversations: Iterable[Event], since: float = 0.0) -> Comparison:
    comparison = Comparison(old, new, since)
    for number, events in enumerate(conversations):
        comparison.add(Conversation(f"c{number}", list(events)))
    return comparison


def test_equal_plans_change_nothing(protocol: Protocol) -> None:
    same = compared(protocol, protocol, [said(tone="angry")], [said()])
    assert same.changes == []
    assert (same.conversations, same.messages) == (2, 2)
    assert [load.total for load in same.loads] == [1, 1]


def test_change_tells_the_message_and_both_decisions(protocol: Protocol, tmp_path: Path) -> None:
    new = changed(tmp_path, anger={"area": "customer_care", "priority": "normal"}, same_topic_again=None)
    asked = [said("warranty"), said("warranty"), said("warranty")]
    comparison = compared(protocol, new, [said(), said(tone="angry")], asked, [said("thank")])
    first, second = comparison.to_json()["changes"]
    assert (first["conversation"], first["message"], first["topic"], first["tone"]) == (
        "c0",
        2,
        "track_order",
        "angry",
    )
    assert first["old"] == {
        "trigger": "anger",
        "outcome": "hand_off",
        "area": "senior_care",
        "priority": "high",
    }
    assert first["new"] == {**first["old"], "area": "customer_care", "priority": "normal"}
    assert (second["conversation"], second["message"]) == ("c1", 3)
    assert second["old"]["trigger"] == "same_topic_again"
    assert second["new"] is None
    assert comparison.changed_conversations == 2


def test_cases_of_the_same_customer_elsewhere_are_what_was_known_at_each_message() -> None:
    asked = said("track_order", "frustrated")
    told = {**asked, "metadata": {"cases_elsewhere": [NOON - 5]}}
    before = slot("earlier_cases", [NOON - 9])
    found = [one.earlier_cases for one in moments([before, told, asked]) if isinstance(one, Moment)]
    assert found == [(NOON - 9, NOON - 5), (NOON - 9,)]


def test_earlier_hand_off_leaves_the_later_one_out(protocol: Protocol, tmp_path: Path) -> None:
    new = changed(tmp_path, same_topic_again={"when": {"again": {"times": 2}}})
    asked = [said("warranty"), said("warranty"), said("warranty")]
    changes = compared(protocol, new, asked).changes
    found = [(one.message, bool(one.old), bool(one.new), one.new_waits) for one in changes]
    assert found == [(2, False, True, False), (3, True, False, True)]


def test_what_was_written_before_is_context_only(protocol: Protocol, tmp_path: Path) -> None:
    new = changed(tmp_path, same_topic_again=None)
    old_days = [said("warranty", at=NOON - 900), said("warranty", at=NOON - 800), said("warranty")]
    comparison = compared(protocol, new, old_days, [said(tone="angry", at=NOON - 500)], since=NOON)
    assert [(one.conversation, one.message) for one in comparison.changes] == [("c0", 3)]
    assert (comparison.conversations, comparison.messages) == (1, 1)
    assert [load.total for load in comparison.loads] == [1, 0]


# --- load --------------------------------------------------------------------------------------------------


def some_loads(protocol: Protocol) -> tuple[Load, Load]:
    hours = protocol.company.hours
    loads = Load(hours), Load(hours)
    for load, counts in zip(loads, ((3, 1), (1, 4)), strict=True):
        for moment, count in zip(("2025-12-02 09:59", "2025-12-02 18:00"), counts, strict=True):
            load.add([OpenedCase(local_time(moment), "senior_care", "high")] * count)
    loads[1].add([OpenedCase(local_time("2025-12-02 23:59"), "safety", "urgent")])
    return loads


def test_load_is_counted_by_area_and_hour_of_the_company(protocol: Protocol) -> None:
    old, new = some_loads(protocol)
    assert old.by_area() == {"senior_care": [0] * 9 + [3] + [0] * 8 + [1] + [0] * 5}
    assert (new.of("safety")[23], new.areas, new.total) == (1, {"senior_care", "safety"}, 6)
    assert new.busy_hours == {9, 18, 23}


def test_picture_shows_both_plans_for_each_area_that_has_cases(protocol: Protocol) -> None:
    drawn = load_picture(some_loads(protocol), TITLES)
    root = ElementTree.fromstring(drawn)  # noqa: S314 - our own drawing
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "present plan: 4" in texts
    assert "changed plan: 6" in texts
    assert "Senior <care>: 4 → 5" in texts
    assert "Safety: 0 → 1" in texts
    assert not any("Customer care" in str(text) for text in texts)
    bars = [e.get("class") for e in root.iter("{http://www.w3.org/2000/svg}rect") if e.get("width") == "13"]
    assert (bars.count("old"), bars.count("new")) == (2, 3)


def test_picture_without_any_case_says_so(protocol: Protocol) -> None:
    hours = protocol.company.hours
    assert "No cases under either plan." in load_picture((Load(hours), Load(hours)), TITLES)


def test_tables_tell_changes_load_and_sum(protocol: Protocol, tmp_path: Path) -> None:
    new = changed(tmp_path, anger={"area": "customer_care"})
    titles = {name: area.title.en for name, area in protocol.roster.areas.items()}
    console = Console(width=150, file=io.StringIO())
    for part in tables(compared(protocol, new, [said(tone="angry")]), protocol.company.hours, titles):
        console.print(part)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "2025-12-02 12:00" in shown
    assert "track_order, angry" in shown
    assert "hand_off, senior_care, high" in shown
    assert "hand_off, customer_care, high" in shown
    assert "1 decisions would change, in 1 conversations; cases for people: 1 → 1." in " ".join(shown.split())
