"""The report of an evaluation: all numbers of each language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from relevo.evaluation.labels import share
from relevo.evaluation.outcome import Outcome
from relevo.evaluation.tones import ToneReport, tone_report
from relevo.evaluation.topics import TopicReport, topic_report
from relevo.protocol import LANGUAGES

UNTOLD = "language not told"


@dataclass(frozen=True)
class LanguageReport:
    """Of the messages in one language."""

    lines: int
    recognised: float | None
    """Share of messages whose language is recognised."""
    topics: TopicReport | None
    tones: ToneReport | None


def report_by_language(outcomes: Sequence[Outcome]) -> dict[str, LanguageReport]:
    """A report for each language that messages are said to be in, and one for those that don't say it."""
    reports = {}
    for language in (*LANGUAGES, None):
        those = [outcome for outcome in outcomes if outcome.expected.language == language]
        if those:
            reports[language or UNTOLD] = LanguageReport(
                lines=len(those),
                recognised=share([outcome.language == language for outcome in those]) if language else None,
                topics=topic_report(those),
                tones=tone_report(those),
            )
    return reports


def as_json(reports: dict[str, LanguageReport]) -> dict[str, Any]:
    """The reports as JSON has them."""
    return {language: asdict(report) for language, report in reports.items()}
