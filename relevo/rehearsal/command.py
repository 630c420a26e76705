"""`relevo rehearse`: the dress rehearsal of a protocol."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import typer

from relevo.protocol import load_protocol
from relevo.rehearsal.performance import Performance
from relevo.rehearsal.scenes import Scene, read_scenes
from relevo.settings import Settings

FILES = typer.Argument(..., help='JSON lines, each a conversation with "id", "turns" and "expect".')
AS_JSON = typer.Option(False, "--json", help="One line of JSON for each conversation, instead of a table.")
PROTOCOL = typer.Option(None, help="The protocol's folder; the configured one if left out.")
DAY = typer.Option(
    None,
    "--on",
    formats=["%Y-%m-%d"],
    help='From which day on the working noon is looked for at which conversations without "now" take place; '
    "today if left out.",
)
MODEL = typer.Option(
    None, envvar="RELEVO_MODEL", help="A trained model; that of the present data if left out."
)


def rehearse(
    files: list[Path] = FILES,
    as_json: bool = AS_JSON,
    protocol: Path = PROTOCOL,
    on: datetime = DAY,
    model: Path = MODEL,
) -> None:
    """Play conversations through the real bot and say what came of them, before any customer meets it.

    A line is like {"id": "late", "channel": "webchat", "lang": "en", "turns": ["where is my order?"],
    "expect": "answered"}; "expect" is answered, handoff, follow_up or complaint_filed. "trigger" and "now"
    (when it begins) may be added. Each conversation has a clock and a store of its own; no port is opened.
    Ends with 1 if a line can't be read or a conversation comes to something else.
    """
    settings = Settings.from_environment()
    if protocol:
        settings = replace(settings, protocol_dir=protocol.resolve())
    found = read_scenes(files)
    for problem in found.problems:
        typer.secho(problem, fg="red", err=True)
    played = list(_play(found.scenes, settings, on.date() if on else date.today(), model, as_json))
    if played and not as_json:
        _print_report(played, found.places)
    raise typer.Exit(int(bool(found.problems) or not all(one.passes(scene) for scene, one in played)))


def _play(
    scenes: Sequence[Scene], settings: Settings, day: date, model: Path | None, as_json: bool
) -> Iterator[tuple[Scene, Performance]]:
    """The scenes with what came of them; each is printed, or counted, as soon as it is over."""
    from relevo.rehearsal.play import play  # noqa: PLC0415 - a file without scenes needs no model

    company_protocol = load_protocol(settings.protocol_dir)
    if not scenes:
        return
    for number, performance in enumerate(play(scenes, company_protocol, settings, day, model)):
        scene = scenes[number]
        if as_json:
            typer.echo(json.dumps(result(scene, performance), ensure_ascii=False))
        elif sys.stderr.isatty():
            typer.echo(f"\r{number + 1} of {len(scenes)} conversations", err=True, nl=False)
        yield scene, performance


def result(scene: Scene, performance: Performance) -> dict[str, Any]:
    """What `--json` says of a conversation."""
    told: dict[str, Any] = {
        "id": scene.id,
        "outcome": performance.outcome,
        "trigger": performance.trigger,
        "language": performance.language,
        "replies": performance.replies,
        "pass": performance.passes(scene),
    }
    return {**told, "faults": list(performance.faults)} if performance.faults else told


def _print_report(played: Sequence[tuple[Scene, Performance]], places: dict[str, str]) -> None:
    from relevo.rehearsal.report import report  # noqa: PLC0415 - other commands start faster without it
    from relevo.terminal import console  # noqa: PLC0415

    if sys.stderr.isatty():
        typer.echo("", err=True)
    output = console()
    for part in report(played, places):
        output.print(part)
