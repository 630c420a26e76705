"""A Rasa pipeline trained, and then used, each in a process of its own: so that times and memory are its own.

The processes run this module: `python -m tests.bench.rasa_pipeline train|parse …`; they leave their measures
in a file, since Rasa prints.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from relevo.quiet import silence_libraries, silence_rasa

silence_libraries()

import psutil  # noqa: E402
import yaml  # noqa: E402
from rasa.core.agent import Agent  # noqa: E402
from rasa.model_training import train_nlu  # noqa: E402

from relevo.orphans import die_with_parent  # noqa: E402
from relevo.settings import PROJECT_ROOT  # noqa: E402

STOCK: list[dict[str, Any]] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {"name": "DIETClassifier", "epochs": 100},
    {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
]
"""What `rasa init` writes, without what finds nothing here (synonyms, retrieval intents)."""
OUR_DATA = "data/nlu"
WARM_UP_MESSAGES = 20
BYTES_PER_MEGABYTE = 2**20


@dataclass(frozen=True)
class Training:
    """A trained model and what it cost, imports apart."""

    model: str
    seconds: float
    processor_seconds: float


@dataclass(frozen=True)
class Parsing:
    """Topics of the messages in order, the time of each alone, and the memory that the model took."""

    topics: list[str]
    milliseconds: list[float]
    processor_milliseconds: list[float]
    megabytes: float


def our_pipeline(data: Path) -> list[dict[str, Any]]:
    """The pipeline of `config.yml`, taught from another folder of utterances."""
    config = yaml.safe_load((PROJECT_ROOT / "config.yml").read_text(encoding="utf-8"))
    return [
        {name: str(data) if value == OUR_DATA else value for name, value in component.items()}
        for component in config["pipeline"]
    ]


def train(pipeline: list[dict[str, Any]], data: Path, folder: Path) -> Training:
    """Train in a process of its own; `folder` receives the model.

    Raises:
        subprocess.CalledProcessError: training failed; its output says why.
    """
    config = folder / "config.yml"
    settings = {"recipe": "default.v1", "assistant_id": "bench", "language": "en", "pipeline": pipeline}
    config.write_text(yaml.safe_dump(settings))
    return Training(**_run(folder, "train", str(config), str(data), str(folder)))


def parse(model: str, texts: list[str], folder: Path) -> Parsing:
    """Parse the texts one at a time, in a process of its own.

    Raises:
        subprocess.CalledProcessError: the model does not load.
    """
    messages = folder / "messages.json"
    messages.write_text(json.dumps(texts))
    return Parsing(**_run(folder, "parse", model, str(messages)))


def _run(folder: Path, *arguments: str) -> dict[str, Any]:
    report = folder / "report.json"
    command = [sys.executable, "-m", __name__, *arguments, str(report)]
    # Without Rasa's cache: nothing may be left from another run.
    environment = {**os.environ, "RASA_MAX_CACHE_SIZE": "0", "RASA_TELEMETRY_ENABLED": "false"}
    log = folder / "log.txt"
    with log.open("w") as output:
        done = subprocess.run(
            command,
            cwd=PROJECT_ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            check=False,
            preexec_fn=die_with_parent,
        )
    if done.returncode:
        sys.stderr.write(log.read_text())
        done.check_returncode()
    measures: dict[str, Any] = json.loads(report.read_text())
    return measures


def _train_here(config: str, data: str, folder: str) -> Training:
    started, processor_started = time.perf_counter(), time.process_time()
    model = train_nlu(config, data, folder, fixed_model_name="bench")
    assert model, "nothing was trained"
    return Training(model, time.perf_counter() - started, time.process_time() - processor_started)


def _parse_here(model: str, messages: str) -> Parsing:
    texts = json.loads(Path(messages).read_text())
    process = psutil.Process()
    before = process.memory_info().rss
    agent = Agent.load(model)
    asyncio.run(_parse_all(agent, texts[:WARM_UP_MESSAGES]))
    topics, seconds, processor_seconds = zip(*asyncio.run(_parse_all(agent, texts)), strict=True)
    return Parsing(
        list(topics),
        [1000 * one for one in seconds],
        [1000 * one for one in processor_seconds],
        (process.memory_info().rss - before) / BYTES_PER_MEGABYTE,
    )


async def _parse_all(agent: Agent, texts: list[str]) -> list[tuple[str, float, float]]:
    return [await _parse_one(agent, text) for text in texts]


async def _parse_one(agent: Agent, text: str) -> tuple[str, float, float]:
    """The topic; seconds; seconds of the processor."""
    started, processor_started = time.perf_counter(), time.process_time()
    result = await agent.parse_message(text)
    seconds, processor_seconds = time.perf_counter() - started, time.process_time() - processor_started
    return str(result["intent"]["name"]), seconds, processor_seconds


def main() -> None:
    """Do what the arguments say and leave the measures in the file that the last one names."""
    silence_rasa(logging.ERROR)
    os.environ["LOG_LEVEL"] = "ERROR"  # else Rasa draws progress bars
    task, *arguments, report = sys.argv[1:]
    measures = {"train": _train_here, "parse": _parse_here}[task](*arguments)
    Path(report).write_text(json.dumps(asdict(measures)))


if __name__ == "__main__":
    main()
