"""Has scenes played by the process that runs Rasa, with the model of the present data."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import typer

from relevo.errors import ConfigurationError, RelevoError
from relevo.model import present_model, quiet_environment, train
from relevo.protocol import Protocol
from relevo.rehearsal.performance import Performance
from relevo.rehearsal.scenes import Scene
from relevo.settings import PROJECT_ROOT, Settings


def play(
    scenes: Sequence[Scene], protocol: Protocol, settings: Settings, day: date, model: Path | None = None
) -> Iterator[Performance]:
    """The performances of the scenes, in their order, each as soon as it is over.

    Args:
        protocol: that of the settings' folder.
        day: from when on the noon of scenes without a time of their own is looked for.
        model: that of the present data if left out; it is trained if need be.

    Raises:
        RelevoError: there is no such model, training failed, or the process ended before the last scene.
    """
    hours = protocol.company.hours
    tasks = [{"scene": json.loads(one.json()), "begins_at": one.begins_at(hours, day)} for one in scenes]
    command = [sys.executable, "-m", "relevo.rehearsal.process", str(_model(settings, model))]
    with subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        env=quiet_environment(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin and process.stdout  # noqa: S101 - Popen's types can't tell
        # The process reads a line when it is done with the one before: all of them fit into no pipe.
        for task in tasks:
            yield _ask(process, task)
        process.stdin.close()


def _ask(process: subprocess.Popen[bytes], task: dict[str, object]) -> Performance:
    assert process.stdin and process.stdout  # noqa: S101
    try:
        process.stdin.write(json.dumps(task).encode() + b"\n")
        process.stdin.flush()
    except BrokenPipeError as error:
        raise RelevoError("The rehearsal broke off; the lines above say why.") from error
    answer = process.stdout.readline()
    if not answer:
        raise RelevoError("The rehearsal broke off; the lines above say why.")
    return Performance.from_json(json.loads(answer))


def _model(settings: Settings, chosen: Path | None) -> Path:
    if chosen is not None and not chosen.is_file():
        raise ConfigurationError(f"There is no model {chosen}.")
    model = chosen or present_model(settings)
    if not model.exists():
        typer.echo("There is no model of the present data yet: training it takes some minutes.", err=True)
        train(settings, output=sys.stderr)
    return model.resolve()
