"""`relevo parse`: what messages mean, without a server."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer

from relevo.errors import ConfigurationError, RelevoError
from relevo.model import present_model, quiet_environment, train
from relevo.protocol import load_protocol
from relevo.settings import PROJECT_ROOT, Settings

MODEL = typer.Option(None, help="A trained model; that of the present data if left out.")
ENDED_BY_READER = -signal.SIGPIPE
ORDERLY_ENDS = (0, 1, ENDED_BY_READER)


def parse(model: Path = MODEL) -> None:
    """Say what messages mean: JSON lines like {"text": "where is my order"} in, JSON lines out.

    Language, intent, tone and entities of each, in their order, from the trained model without a server.
    A line without a text is answered with an error, and then the command ends with 1.
    """
    settings = Settings.from_environment()
    done = subprocess.run(_parsing(settings, model), check=False, **_surroundings(settings))
    if done.returncode not in ORDERLY_ENDS:
        raise RelevoError("Parsing failed; the lines above say why.")
    raise typer.Exit(max(0, done.returncode))


def parsed(texts: Iterable[str], settings: Settings, model: Path | None = None) -> list[dict[str, Any]]:
    """What each text means, as `relevo parse` says it.

    Raises:
        RelevoError: there is no such model, or parsing failed.
    """
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    done = subprocess.run(
        _parsing(settings, model),
        input=lines.encode(),
        stdout=subprocess.PIPE,
        check=False,
        **_surroundings(settings),
    )
    if done.returncode != 0:
        raise RelevoError("Parsing failed; the lines above say why.")
    return [json.loads(line) for line in done.stdout.splitlines()]


def _parsing(settings: Settings, model: Path | None) -> list[str]:
    """The command that parses with a model; that of the present data is trained if need be."""
    if model is not None and not model.is_file():
        raise ConfigurationError(f"There is no model {model}.")
    return [sys.executable, "-m", "relevo.parsing.process", str((model or _trained(settings)).resolve())]


def _surroundings(settings: Settings) -> dict[str, Any]:
    return {"cwd": PROJECT_ROOT, "env": quiet_environment(settings)}


def _trained(settings: Settings) -> Path:
    model = present_model(settings)
    if not model.exists():
        load_protocol(settings.protocol_dir)
        typer.echo("There is no model of the present data yet: training it takes some minutes.", err=True)
        train(settings, output=sys.stderr)
    return model
