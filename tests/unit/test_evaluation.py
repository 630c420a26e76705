"""The report of an evaluation: its numbers are right on predictions that can be counted by hand."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from relevo.evaluation.expected import UnusableExamples, known_labels, read_expected
from relevo.evaluation.labels import LabelScores, score_labels
from relevo.evaluation.outcome import Expected, Outcome
from relevo.evaluation.report import UNTOLD, as_json, report_by_language
from relevo.evaluation.tables import tables
from relevo.evaluation.tones import TONES, tone_report
from relevo.evaluation.topics import score_calibration, score_out_of_scope, topic_report
from relevo.protocol import Protocol

LABELS = ("track_order", "get_refund", "greet", "out_of_scope", "nlu_fallback")


def topic_outcome(expected: str | None, recognised: str, confidence: float = 1.0, **values: Any) -> Outcome:
    language = values.pop("language", "en")
    return Outcome(Expected("a text", language, expected), "en", recognised, confidence, "calm")


def tone_outcome(expected: str, recognised: str) -> Outcome:
    return Outcome(Expected("a text", "en", tone=expected), "en", "greet", 1.0, recognised)


def scored(*pairs: tuple[str, str]) -> LabelScores:
    return score_labels(pairs, [f"text {number}" for number in range(len(pairs))])


def printed(outcomes: Sequence[Outcome]) -> str:
    page = io.StringIO()
    console = Console(width=120, file=page)
    for language, report in report_by_language(outcomes).items():
        for table in tables(language, report):
            console.print(table)
    return page.getvalue()


# --- labels ------------------------------------------------------------------------------------------------


def test_precision_recall_and_f1_of_each_label_from_the_worst() -> None:
    scores = scored(("a", "a"), ("a", "a"), ("a", "b"), ("b", "b"), ("c", "c"))
    assert [(score.label, score.lines) for score in scores.labels] == [("b", 1), ("a", 3), ("c", 1)]
    b, a, c = scores.labels
    assert (b.precision, b.recall, b.f1) == pytest.approx((1 / 2, 1, 2 / 3))
    assert (a.precision, a.recall, a.f1) == pytest.approx((1, 2 / 3, 4 / 5))
    assert (c.precision, c.recall, c.f1) == (1, 1, 1)
    assert scores.macro_f1 == pytest.approx((2 / 3 + 4 / 5 + 1) / 3)
    assert (scores.accuracy, scores.lines) == (pytest.approx(4 / 5), 5)


def test_only_labels_that_are_expected_count_in_the_mean() -> None:
    scores = scored(("a", "a"), ("a", "nlu_fallback"))
    assert [score.label for score in scores.labels] == ["a"]
    assert scores.macro_f1 == pytest.approx(2 / 3)


def test_confusions_come_from_the_most_frequent_with_some_texts() -> None:
    scores = scored(("a", "b"), ("b", "a"), *[("b", "c")] * 4, ("c", "c"))
    assert [(c.expected, c.recognised, c.count) for c in scores.confusions] == [
        ("b", "c", 4),
        ("a", "b", 1),
        ("b", "a", 1),
    ]
    assert scores.confusions[0].examples == ("text 2", "text 3", "text 4")


# --- out of scope ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recognised", "confidence", "strangeness"),
    [("track_order", 0.9, 0.1), ("out_of_scope", 0.7, 0.7), ("nlu_fallback", 0.8, 0.8)],
)
def test_a_message_is_as_strange_as_it_is_sure_that_no_topic_of_ours_is_meant(
    recognised: str, confidence: float, strangeness: float
) -> None:
    assert topic_outcome("greet", recognised, confidence).strangeness == pytest.approx(strangeness)


def test_out_of_scope_is_the_share_of_pairs_in_the_right_order() -> None:
    outcomes = [
        topic_outcome("out_of_scope", "out_of_scope", 0.9),
        topic_outcome("out_of_scope", "track_order", 0.6),
        topic_outcome("track_order", "track_order", 0.95),
        topic_outcome("get_refund", "get_refund", 0.5),
        topic_outcome("get_refund", "nlu_fallback", 0.7),
    ]
    scores = score_out_of_scope(outcomes)
    assert scores.auroc == pytest.approx(4 / 6)
    assert scores.recognised == pytest.approx(1 / 2)
    assert scores.turned_away == pytest.approx(1 / 3)
    assert scores.lines == 2


def test_out_of_scope_needs_messages_of_both_kinds() -> None:
    assert score_out_of_scope([topic_outcome("greet", "greet")]).auroc is None
    assert score_out_of_scope([topic_outcome("out_of_scope", "greet")]).auroc is None


# --- calibration -------------------------------------------------------------------------------------------


def test_calibration_compares_confidence_and_accuracy_in_tenths() -> None:
    outcomes = [
        *[topic_outcome("greet", "greet", 0.95)] * 3,
        topic_outcome("greet", "stop", 0.95),
        topic_outcome("greet", "greet", 0.32),
        topic_outcome("greet", "greet", 1.0),
        topic_outcome("greet", "nlu_fallback", 0.9),
    ]
    calibration = score_calibration(outcomes)
    assert [(one.lower, one.lines) for one in calibration.bins] == [(0.3, 1), (0.9, 5)]
    assert calibration.bins[1].confidence == pytest.approx((4 * 0.95 + 1) / 5)
    assert calibration.bins[1].accuracy == pytest.approx(4 / 5)
    assert calibration.expected_error == pytest.approx((0.68 * 1 + (0.96 - 0.8) * 5) / 6)
    assert calibration.lines == 6, "what was not understood names no topic"


def test_calibration_of_nothing_is_empty() -> None:
    calibration = score_calibration([topic_outcome("greet", "nlu_fallback")])
    assert (calibration.lines, calibration.expected_error, calibration.bins) == (0, 0.0, ())


# --- tones -------------------------------------------------------------------------------------------------


def test_tones_that_need_a_person_are_one_kind() -> None:
    report = tone_report(
        [
            tone_outcome("angry", "abusive"),
            tone_outcome("abusive", "abusive"),
            tone_outcome("threat", "calm"),
            tone_outcome("threat", "frustrated"),
            *[tone_outcome("calm", "calm")] * 3,
            tone_outcome("calm", "threat"),
            tone_outcome("frustrated", "angry"),
            tone_outcome("frustrated", "calm"),
            tone_outcome("frustrated", "frustrated"),
        ]
    )
    assert report is not None
    assert report.grave_recall == pytest.approx(2 / 4)
    assert report.false_alarms == pytest.approx(1 / 4)
    assert report.frustrated_as_grave == pytest.approx(1 / 3)
    assert report.scores.accuracy == pytest.approx(5 / 11)
    assert dict(zip(TONES, report.matrix, strict=True)) == {
        "calm": (3, 0, 0, 0, 1),
        "frustrated": (1, 1, 1, 0, 0),
        "angry": (0, 0, 0, 1, 0),
        "abusive": (0, 0, 0, 1, 0),
        "threat": (1, 1, 0, 0, 0),
    }


def test_shares_of_tones_that_no_message_has_are_unknown() -> None:
    report = tone_report([tone_outcome("angry", "angry")])
    assert report is not None
    assert (report.grave_recall, report.false_alarms, report.frustrated_as_grave) == (1.0, None, None)


# --- the whole report --------------------------------------------------------------------------------------


def test_each_language_has_its_report_and_so_have_messages_that_say_none() -> None:
    outcomes = [
        topic_outcome("greet", "greet", language="en"),
        topic_outcome("greet", "greet", language="es"),
        topic_outcome("greet", "greet", language="en"),
        topic_outcome("greet", "greet", language=None),
    ]
    reports = report_by_language(outcomes)
    assert {name: (report.lines, report.recognised) for name, report in reports.items()} == {
        "en": (2, 1.0),
        "es": (1, 0.0),
        UNTOLD: (1, None),
    }


def test_messages_of_which_only_the_language_is_said_have_no_other_report() -> None:
    report = report_by_language([topic_outcome(None, "greet")])["en"]
    assert (report.topics, report.tones, report.recognised) == (None, None, 1.0)


def test_report_is_printed_with_all_its_parts() -> None:
    outcomes = [
        topic_outcome("greet", "greet", 0.95),
        topic_outcome("track_order", "out_of_scope", 0.6),
        topic_outcome("out_of_scope", "out_of_scope", 0.9),
        tone_outcome("angry", "calm"),
    ]
    text = printed(outcomes)
    for part in ("macro-F1", "AUROC", "calibration error", "needing a person", "track_order → out_of_scope"):
        assert part in text


def test_what_customers_wrote_can_not_steer_the_terminal() -> None:
    outcome = Outcome(Expected("\x1b[31m[bold]hi\n", "en", "greet"), "en", "stop", 1.0, "calm")
    assert "      [31m[bold]hi" in printed([outcome])


OUTCOMES = st.builds(
    Outcome,
    st.builds(
        Expected,
        st.text(max_size=10),
        st.sampled_from(["en", "es", None]),
        st.none() | st.sampled_from(LABELS),
        st.none() | st.sampled_from(TONES),
    ),
    st.sampled_from(["en", "es"]),
    st.sampled_from(LABELS),
    st.floats(0, 1),
    st.sampled_from(TONES),
)


@given(st.lists(OUTCOMES, max_size=20))
def test_any_outcomes_have_a_report_that_can_be_printed_and_kept(outcomes: list[Outcome]) -> None:
    reports = report_by_language(outcomes)
    json.dumps(as_json(reports), allow_nan=False)
    assert sum(report.lines for report in reports.values()) == len(outcomes)
    assert outcomes == [] or printed(outcomes)
    topics = topic_report(outcomes)
    assert topics is None or topics.scores.lines == sum(label.lines for label in topics.scores.labels)


# --- files -------------------------------------------------------------------------------------------------


def a_file(folder: Path, *lines: str) -> Path:
    file = folder / "examples.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_files_say_any_of_language_topic_and_tone(protocol: Protocol, tmp_path: Path) -> None:
    file = a_file(
        tmp_path,
        '{"text": "hi", "lang": "en", "intent": "greet", "tone": "calm", "note": "short"}',
        "",
        '{"text": "¡ya!\u2028", "tone": "angry"}',
        '{"text": "bla", "intent": "nlu_fallback", "lang": null}',
    )
    assert read_expected([file, file], known_labels(protocol)) == 2 * [
        Expected("hi", "en", "greet", "calm"),
        Expected("¡ya!\u2028", tone="angry"),
        Expected("bla", topic="nlu_fallback"),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"text": "hi", "intent": "gret"}', 'unknown intent "gret"; did you mean greet?'),
        ('{"text": "hi", "lang": "french"}', 'unknown lang "french"; known are en, es'),
        ('{"text": "hi", "tone": ["calm"]}', 'unknown tone ["calm"]'),
        ('{"text": "hi", "tone": "Angry"}', 'unknown tone "Angry"; did you mean angry?'),
        ('{"text": "hi", "language": "en"}', "expects nothing; give at least one of intent, lang, tone"),
        ('{"intent": "greet"}', "no text"),
        ('["hi"]', "no text"),
        ("hi", "not JSON"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_line_that_can_not_be_used_is_told_with_its_place(
    protocol: Protocol, tmp_path: Path, line: str, problem: str
) -> None:
    file = a_file(tmp_path, '{"text": "hi", "intent": "greet"}', line)
    with pytest.raises(UnusableExamples) as unusable:
        read_expected([file], known_labels(protocol))
    assert str(unusable.value).startswith(f"{file}:2: {problem}")


def test_many_bad_lines_are_told_at_once_but_not_all(protocol: Protocol, tmp_path: Path) -> None:
    file = a_file(tmp_path, *['{"text": "hi", "intent": "hola"}'] * 15)
    with pytest.raises(UnusableExamples) as unusable:
        read_expected([file], known_labels(protocol))
    told = str(unusable.value).splitlines()
    assert told[9].startswith(f"{file}:10: ")
    assert told[10:] == ["and 5 more"]


def test_a_file_that_can_not_be_read_or_is_empty_is_told(protocol: Protocol, tmp_path: Path) -> None:
    known = known_labels(protocol)
    with pytest.raises(UnusableExamples, match=r"missing\.jsonl: can't be read"):
        read_expected([tmp_path / "missing.jsonl"], known)
    with pytest.raises(UnusableExamples, match=r"examples\.jsonl:1: holds no examples"):
        read_expected([a_file(tmp_path, "", "  ")], known)
    (tmp_path / "latin.jsonl").write_bytes('{"text": "olé"}'.encode("latin-1"))
    with pytest.raises(UnusableExamples, match=r"latin\.jsonl: not UTF-8 at byte 13"):
        read_expected([tmp_path / "latin.jsonl"], known)
