"""Trains a model: a process of its own, since it imports Rasa (`relevo.model` runs it).

Usage: `python -m relevo.training FOLDER NAME`.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from relevo.quiet import silence_libraries, silence_rasa

silence_libraries()

from rasa.api import train  # noqa: E402

from relevo.settings import PROJECT_ROOT  # noqa: E402

TRAINING_DATA = ("data/nlu", "data/rules.yml")


def main() -> None:
    """Train what changed and pack the model."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s", stream=sys.stdout)
    silence_rasa(logging.INFO)
    # Rasa draws progress bars, hundreds of lines in a log file, unless it reads this level here.
    os.environ["LOG_LEVEL"] = "ERROR"
    folder, name = Path(sys.argv[1]), sys.argv[2]
    folder.mkdir(parents=True, exist_ok=True)
    # Two may train the same model at once: each packs its own, and whole files take the name.
    with TemporaryDirectory(dir=folder) as packed:
        result = train(
            domain=str(PROJECT_ROOT / "domain.yml"),
            config=str(PROJECT_ROOT / "config.yml"),
            training_files=[str(PROJECT_ROOT / data) for data in TRAINING_DATA],
            output=packed,
            fixed_model_name=name,
        )
        if result.code == 0 and result.model:
            Path(result.model).replace(folder / Path(result.model).name)
        sys.exit(result.code)


if __name__ == "__main__":
    main()
