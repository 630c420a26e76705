"""The utterances that classifiers are compared on: training data, samples of it, and a set written apart."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from rasa.shared.nlu.training_data.loading import load_data

from relevo.nlu.examples import Example, read_examples
from relevo.protocol.schema import LANGUAGES
from relevo.settings import PROJECT_ROOT

TRAINING_DATA = PROJECT_ROOT / "data" / "nlu"
VALIDATION_DATA = PROJECT_ROOT / "tests" / "data"
SEED = 0


def training_utterances(folder: Path = TRAINING_DATA, per_topic: int | None = None) -> list[Example]:
    """The utterances of `<folder>/<language>/*.yml`; `per_topic` of each topic and language, or all."""
    examples = read_examples(folder)
    return list(examples) if per_topic is None else _sample(examples, per_topic)


def _sample(examples: Iterable[Example], per_topic: int) -> list[Example]:
    groups: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in examples:
        groups[example.language, example.topic].append(example)
    chance = random.Random(SEED)  # noqa: S311 - to be the same again
    return [
        example for group in groups.values() for example in chance.sample(group, min(per_topic, len(group)))
    ]


def write_sample(target: Path, per_topic: int, folder: Path = TRAINING_DATA) -> None:
    """Write the same sample as files for Rasa, with annotations and lookup tables: `<target>/<language>/`."""
    chosen = {(one.topic, one.text) for one in training_utterances(folder, per_topic)}
    for language in LANGUAGES:
        sample = load_data(str(folder / language)).filter_training_examples(
            lambda message: (message.get("intent"), message.get("text")) in chosen
        )
        (target / language).mkdir(parents=True)
        sample.persist_nlu(str(target / language / "sample.yml"))


def validation_utterances() -> list[Example]:
    """Messages with a topic that were written without a look at the training data."""
    files = [VALIDATION_DATA / f"validation.{language}.jsonl" for language in LANGUAGES]
    lines = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [Example(line["text"], line["lang"], line["intent"]) for line in lines if "intent" in line]
