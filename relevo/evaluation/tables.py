"""The report as it is read in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from relevo.evaluation.labels import LabelScores
from relevo.evaluation.report import LanguageReport
from relevo.evaluation.tones import TONES, ToneReport
from relevo.evaluation.topics import Calibration, TopicReport

SHOWN_CONFUSIONS = 12
EXAMPLE_CHARACTERS = 100
BAR_CHARACTERS = 20
GOOD, POOR = 0.9, 0.8
"""From here on a share is green; below this, red."""


def print_reports(reports: Mapping[str, LanguageReport]) -> None:
    """Print the reports of all languages, in colours where a terminal shows them."""
    console = Console()
    for language, report in reports.items():
        for table in tables(language, report):
            console.print(table)


def tables(language: str, report: LanguageReport) -> Iterator[RenderableType]:
    """Everything of one language, from top to bottom."""
    yield Rule(f"{language}: {report.lines} messages")
    yield _summary(report)
    if report.topics:
        yield _labels("Topics, from the worst", report.topics.scores)
        yield _calibration(report.topics.calibration)
    if report.tones:
        yield _labels("Tones, from the worst", report.tones.scores)
        yield _tone_matrix(report.tones)
    for name, part in (("Topics", report.topics), ("Tones", report.tones)):
        if part and part.scores.confusions:
            yield from _confusions(f"{name} most often taken for others", part.scores)


def _summary(report: LanguageReport) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2))
    rows = [("language recognised", share_in_words(report.recognised))]
    rows += _topic_rows(report.topics) if report.topics else []
    rows += _tone_rows(report.tones) if report.tones else []
    for what, value in rows:
        table.add_row(what, Text(value, style="bold"))
    return table


def _topic_rows(report: TopicReport) -> list[tuple[str, str]]:
    strange, calibration = report.out_of_scope, report.calibration
    auroc = "–" if strange.auroc is None else f"{strange.auroc:.3f}"
    return [
        ("topics: macro-F1", f"{report.scores.macro_f1:.3f}"),
        ("topics: accuracy", f"{share_in_words(report.scores.accuracy)} of {report.scores.lines}"),
        ("out of scope: AUROC", auroc),
        ("out of scope: recognised as none of ours", share_in_words(strange.recognised)),
        ("our topics: taken for none of ours", share_in_words(strange.turned_away)),
        ("confidence: expected calibration error", f"{calibration.expected_error:.3f}"),
    ]


def _tone_rows(report: ToneReport) -> list[tuple[str, str]]:
    return [
        ("tones: macro-F1", f"{report.scores.macro_f1:.3f}"),
        ("tones: accuracy", f"{share_in_words(report.scores.accuracy)} of {report.scores.lines}"),
        ("needing a person (angry, abusive, threat): recall", share_in_words(report.grave_recall)),
        ("calm, taken for one that needs a person", share_in_words(report.false_alarms)),
        ("frustrated, taken for one that needs a person", share_in_words(report.frustrated_as_grave)),
    ]


def _labels(title: str, scores: LabelScores) -> Table:
    table = _table(title, "label", "F1", "precision", "recall", "messages")
    for score in scores.labels:
        shares = [_share(value) for value in (score.f1, score.precision, score.recall)]
        table.add_row(score.label, *shares, str(score.lines))
    return table


def _calibration(calibration: Calibration) -> Table:
    table = _table("Is confidence right as often as it says?", "confidence", "messages", "mean", "right", "")
    for one in calibration.bins:
        bar = "█" * round(one.accuracy * BAR_CHARACTERS)
        span = f"{one.lower:.1f} – {one.lower + 0.1:.1f}"
        table.add_row(span, str(one.lines), f"{one.confidence:.2f}", f"{one.accuracy:.2f}", bar)
    table.columns[-1].justify = "left"
    return table


def _tone_matrix(report: ToneReport) -> Table:
    table = _table("Tones: expected (rows) and recognised (columns)", "", *TONES)
    for place, (tone, counts) in enumerate(zip(TONES, report.matrix, strict=True)):
        styles = [
            "green" if column == place else "red" if count else "dim" for column, count in enumerate(counts)
        ]
        table.add_row(tone, *(Text(str(count), style) for count, style in zip(counts, styles, strict=True)))
    return table


def _confusions(title: str, scores: LabelScores) -> Iterator[RenderableType]:
    yield Text(f"\n{title}", style="bold")
    for confusion in scores.confusions[:SHOWN_CONFUSIONS]:
        yield Text(f"{confusion.count:3} × {confusion.expected} → {confusion.recognised}")
        for example in confusion.examples:
            yield Padding(Text(_shortened(example), style="dim"), (0, 0, 0, 6))
    if len(scores.confusions) > SHOWN_CONFUSIONS:
        yield Text(f"      and {len(scores.confusions) - SHOWN_CONFUSIONS} other pairs", style="dim")


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(title=f"\n{title}", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column(first)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _share(value: float) -> Text:
    return Text(f"{value:.2f}", style="green" if value >= GOOD else "red" if value < POOR else "yellow")


def share_in_words(value: float | None) -> str:
    """A share in percent, or a dash if there is none."""
    return "–" if value is None else f"{value:.1%}"


def _shortened(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= EXAMPLE_CHARACTERS else f"{line[: EXAMPLE_CHARACTERS - 1]}…"
