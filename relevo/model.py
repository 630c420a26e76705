"""The trained model that fits the present data: where it is, and how it is made.

A model is named after all that goes into it, so that a model in the folder is one that needs no training.
Training runs in a process of its own: only the bot imports Rasa.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

from relevo.errors import RelevoError
from relevo.fingerprint import digest
from relevo.orphans import die_with_parent
from relevo.settings import PROJECT_ROOT, Settings

INGREDIENTS = ("config.yml", "domain.yml", "data", "relevo/nlu", "relevo/dialogue", "relevo/protocol")
NAME_DIGITS = 12
KEPT_MODELS = 3


def present_model(settings: Settings) -> Path:
    """Where the model of the present data is or will be."""
    ingredients = [PROJECT_ROOT / name for name in INGREDIENTS]
    name = digest(*ingredients, settings.protocol_dir)[:NAME_DIGITS]
    return settings.models_dir / f"relevo-{name}.tar.gz"


def train(settings: Settings, output: IO[str] | None = None) -> Path:
    """Train the model of the present data; what did not change is taken from Rasa's cache.

    `output` is where training says what it does; standard output if left out.

    Raises:
        RelevoError: training failed; its output says why.
    """
    model = present_model(settings)
    name = model.name.removesuffix(".tar.gz")
    command = [sys.executable, "-m", "relevo.training", str(settings.models_dir), name]
    environment = quiet_environment(settings)
    done = subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env=environment,
        stdout=output,
        check=False,
        preexec_fn=die_with_parent,
    )
    if done.returncode != 0 or not model.exists():
        raise RelevoError("Training failed; the lines above say why.")
    _forget_old_models(settings.models_dir)
    return model


def quiet_environment(settings: Settings) -> dict[str, str]:
    """The environment for a process that runs Rasa: no telemetry, no noise of libraries."""
    return {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "RELEVO_PROTOCOL_DIR": str(settings.protocol_dir),
    }


def _forget_old_models(folder: Path) -> None:
    models = sorted(folder.glob("relevo-*.tar.gz"), key=lambda model: model.stat().st_mtime, reverse=True)
    for old in models[KEPT_MODELS:]:
        old.unlink()
