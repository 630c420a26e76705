"""Which topic is meant: our pipeline against the one that `rasa init` writes, taught and asked the same.

Both learn a sample of the training data (Rasa's DIET would take hours on all of it) and are asked what was
written without a look at that data. Our time and memory include language, tone and entities, which stock
does not tell.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from relevo.evaluation.labels import score_labels
from relevo.nlu.examples import Example
from relevo.protocol.schema import LANGUAGES
from tests.bench import rasa_pipeline
from tests.bench.samples import TRAINING_DATA, validation_utterances, write_sample

UTTERANCES = 20
"""Of each topic and language, for those that learn a sample."""
SMALLEST_TRAINING_GAIN = 2.0
LARGEST_TIME_RATIO = 1.0


@dataclass(frozen=True)
class Measures:
    """What a pipeline costs, and how right it is."""

    training_seconds: float
    milliseconds: list[float]
    megabytes: float
    macro_f1: dict[str, float]
    """By language."""

    @property
    def median(self) -> float:
        return float(np.median(self.milliseconds))

    def row(self) -> list[str]:
        """For the table."""
        return [
            f"{self.training_seconds:.0f}",
            f"{self.median:.1f}",
            f"{np.percentile(self.milliseconds, 95):.1f}",
            f"{self.megabytes:.0f}",
            *(f"{self.macro_f1[language]:.3f}" for language in LANGUAGES),
        ]


def run(console: Console, per_topic: int = UTTERANCES) -> bool:
    """Print the comparison; whether ours is righter in both languages, sooner taught and no slower."""
    messages = validation_utterances()
    table = Table(
        title=f"Topics of {len(messages)} messages; a sample is {per_topic} utterances a topic and language"
    )
    for heading in ("pipeline", "learnt", "training s", "p50 ms", "p95 ms", "memory MB"):
        table.add_column(heading, justify="right")
    for language in LANGUAGES:
        table.add_column(f"macro-F1 {language}", justify="right")
    stock, ours = _compare(messages, per_topic, table)
    console.print(table)
    return _is_kept(stock, ours, console)


def _is_kept(stock: Measures, ours: Measures, console: Console) -> bool:
    """Print the promise and what was measured."""
    sooner = stock.training_seconds / ours.training_seconds
    slower = ours.median / stock.median
    gains = {language: ours.macro_f1[language] - stock.macro_f1[language] for language in LANGUAGES}
    console.print(
        "Promise, on the same sample: right more often in both languages, trained at least "
        f"{SMALLEST_TRAINING_GAIN:.0f} times sooner, "
        f"at most {LARGEST_TIME_RATIO:.1f} times the time per message. "
        f"Measured: {', '.join(f'{language} {gain:+.3f}' for language, gain in gains.items())}, "
        f"{sooner:.1f} times sooner, {slower:.2f} times the time, "
        f"{ours.megabytes / stock.megabytes:.2f} times the memory.\n"
    )
    return min(gains.values()) > 0 and sooner >= SMALLEST_TRAINING_GAIN and slower <= LARGEST_TIME_RATIO


def _compare(messages: list[Example], per_topic: int, table: Table) -> tuple[Measures, Measures]:
    """Add a row for each; the measures of stock and ours on the same sample."""
    with tempfile.TemporaryDirectory() as name:
        sample = Path(name) / "sample"
        write_sample(sample, per_topic)
        stock = _measure(rasa_pipeline.STOCK, sample, messages)
        table.add_row("Rasa's own", "sample", *stock.row())
        ours = _measure(rasa_pipeline.our_pipeline(sample), sample, messages)
        table.add_row("Relevo's", "sample", *ours.row())
        table.add_row(
            "Relevo's",
            "all",
            *_measure(rasa_pipeline.our_pipeline(TRAINING_DATA), TRAINING_DATA, messages).row(),
        )
    return stock, ours


def _measure(pipeline: list[dict[str, Any]], data: Path, messages: list[Example]) -> Measures:
    with tempfile.TemporaryDirectory() as folder:
        training = rasa_pipeline.train(pipeline, data, Path(folder))
        parsing = rasa_pipeline.parse(training.model, [message.text for message in messages], Path(folder))
    return Measures(
        training.seconds, parsing.milliseconds, parsing.megabytes, macro_f1(messages, parsing.topics)
    )


def macro_f1(messages: list[Example], topics: list[str]) -> dict[str, float]:
    """By language: the mean over topics of precision and recall's harmonic mean; a fallback is a miss."""
    return {language: _macro_f1(messages, topics, language) for language in LANGUAGES}


def _macro_f1(messages: list[Example], topics: list[str], language: str) -> float:
    told = [pair for pair in zip(messages, topics, strict=True) if pair[0].language == language]
    pairs = [(message.topic, topic) for message, topic in told]
    return score_labels(pairs, [message.text for message, _ in told]).macro_f1
