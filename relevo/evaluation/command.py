"""`relevo evaluate`: how well messages are understood."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from relevo.errors import RelevoError
from relevo.evaluation.outcome import Outcome
from relevo.parsing.command import MODEL, parsed
from relevo.protocol import load_protocol
from relevo.settings import Settings

FILES = typer.Argument(..., help="JSON lines with text and what is expected: lang, intent, tone.")
PICTURE = typer.Option(None, help="Draw the confusion matrix into this file (.svg or .png).")
NUMBERS = typer.Option(None, "--json", help="Write all numbers into this file.")


def evaluate(
    files: list[Path] = FILES, picture: Path = PICTURE, numbers: Path = NUMBERS, model: Path = MODEL
) -> None:
    """Say how well messages are understood: lines like {"text": "hi", "lang": "en", "intent": "greet"}.

    For each language: topics, tones, messages that mean none of our topics, whether confidence can be
    believed, and what is confused with what.
    """
    from relevo.evaluation.matrix import confusion_picture  # noqa: PLC0415 - other commands start faster
    from relevo.evaluation.painting import require_format, write_picture  # noqa: PLC0415
    from relevo.evaluation.report import as_json, report_by_language  # noqa: PLC0415
    from relevo.evaluation.tables import print_reports  # noqa: PLC0415

    if picture:
        require_format(picture)
    outcomes = _outcomes(files, model)
    reports = report_by_language(outcomes)
    print_reports(reports)
    if picture:
        write_picture(confusion_picture(outcomes), picture)
    if numbers:
        _write(numbers, json.dumps(as_json(reports), ensure_ascii=False, indent=2))


def _outcomes(files: list[Path], model: Path | None) -> list[Outcome]:
    """What is understood of the messages of all files."""
    from relevo.evaluation.expected import known_labels, read_expected  # noqa: PLC0415

    settings = Settings.from_environment()
    expected = read_expected(files, known_labels(load_protocol(settings.protocol_dir)))
    typer.echo(f"Parsing {len(expected)} messages", err=True)
    answers = parsed([example.text for example in expected], settings, model)
    return [Outcome.of(*pair) for pair in zip(expected, answers, strict=True)]


def _write(file: Path, content: str) -> None:
    try:
        # Half characters, which JSON can carry and UTF-8 can't, are written as JSON escapes them.
        file.write_text(content + "\n", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise RelevoError(f"{file}: can't be written ({error.strerror})") from error
