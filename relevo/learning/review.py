"""The review of suggestions in a terminal: listed, shown as a diff, or decided on one by one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from enum import Enum
from pathlib import Path

import click
import typer
from rich.console import Console
from rich.text import Text

from relevo.learning.plan import plan
from relevo.learning.suggestions import Suggestion, SuggestionBox
from relevo.learning.training_files import TrainingFiles

STYLES = {"+++": "bold", "---": "bold", "@@": "cyan", "+": "green", "-": "red"}
"""By how a line of a diff begins, the longer beginnings first."""
NONE = "There are no suggestions. Supervisors make them at the desk, below a customer's message."
NEXT = "`relevo learn --apply` asks for each whether it is to be written."
KNOWN = "All of it is there, so the suggestion is dropped."
QUESTION = "Write it (y), refuse it for good (n), or leave it for later (skip)?"


class Decision(str, Enum):
    """What becomes of a suggestion."""

    write = "y"
    refuse = "n"
    leave = "skip"


def list_all(suggestions: Iterable[Suggestion]) -> None:
    """All suggestions as JSON."""
    typer.echo(json.dumps([asdict(suggestion) for suggestion in suggestions], ensure_ascii=False, indent=2))


def show_all(suggestions: list[Suggestion], data: Path) -> None:
    """What all suggestions together would change in the training files of a folder."""
    if not suggestions:
        typer.echo(NONE)
        return
    files = TrainingFiles.load(data)
    told: list[tuple[Suggestion, str]] = []
    for suggestion in suggestions:
        planned = plan(files, suggestion)
        files = planned.files
        told += [(suggestion, remark) for remark in planned.remarks]
    _show_diff(files)
    for suggestion, remark in told:
        _print(f"“{suggestion.text}”: {remark}", "yellow")
    typer.echo(f"{_count(len(suggestions), 'suggestion')}. {NEXT}")


async def decide_on_all(box: SuggestionBox, suggestions: list[Suggestion], data: Path, *, ask: bool) -> None:
    """Write the suggestions that are accepted, at once each, and forget these and the refused ones.

    Args:
        ask: whether somebody decides; without, all are accepted.
    """
    files = TrainingFiles.load(data)
    written: set[Path] = set()
    for number, suggestion in enumerate(suggestions, 1):
        planned = plan(files, suggestion)
        _print(f"{number}/{len(suggestions)}  {_story(suggestion)}", "bold")
        _show_diff(planned.files)
        for remark in planned.remarks:
            _print(remark, "yellow")
        if planned.is_known:
            _print(KNOWN, "yellow")
        decision = _decision(ask) if planned.files.changed else Decision.leave
        if decision is Decision.write:
            written.update(planned.files.changed)
            files = planned.files.save()
        if decision is not Decision.leave or planned.is_known:
            await box.drop(suggestion)
    _tell_end(written, len(await box.all()))


def _decision(ask: bool) -> Decision:
    if not ask:
        return Decision.write
    choices = click.Choice([decision.value for decision in Decision], case_sensitive=False)
    return Decision(typer.prompt(QUESTION, type=choices, show_choices=False))


def _story(suggestion: Suggestion) -> str:
    changes = [
        f"{understood or 'nothing'} → {wanted}"
        for understood, wanted in (
            (suggestion.understood_topic, suggestion.topic),
            (suggestion.understood_tone, suggestion.tone),
        )
        if wanted
    ]
    day = datetime.fromtimestamp(suggestion.at).date()
    return f"{', '.join(changes)} ({suggestion.language}; {suggestion.by}, {day})"


def _show_diff(files: TrainingFiles) -> None:
    for line in files.diff():
        style = next((style for beginning, style in STYLES.items() if line.startswith(beginning)), "")
        _print(line, style)


def _print(line: str, style: str) -> None:
    """One line, coloured in a terminal; never broken, so that a diff stays one."""
    Console().print(Text(line, style), soft_wrap=True)


def _tell_end(written: Iterable[Path], left: int) -> None:
    if names := sorted(str(file) for file in written):
        typer.echo(f"Written: {', '.join(names)}. Run `make train`, for nothing is trained by itself.")
    else:
        typer.echo("Nothing was written.")
    if left:
        typer.echo(f"{_count(left, 'suggestion')} left.")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
