"""Which classifier tells topics best: cross-validation of them all, as a table in Markdown for `docs/nlu.md`.

`python -m tests.bench.experiments [--utterances 80] [CONTENDER …]` prints rows as they are done. Times are
processor time of one core, so that other work on the machine hardly changes them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ONE_CORE = ("OMP_NUM_THREADS", "TF_INTRA_OP_PARALLELISM_THREADS", "TF_INTER_OP_PARALLELISM_THREADS")
for variable in ONE_CORE:  # read when the libraries are imported
    os.environ[variable] = "1"

from relevo.quiet import silence_libraries  # noqa: E402

silence_libraries()

from sklearn.model_selection import RepeatedStratifiedKFold  # noqa: E402

from relevo.nlu.examples import Example  # noqa: E402
from relevo.protocol.schema import LANGUAGES  # noqa: E402
from tests.bench.classifiers import Classifier, SentenceVectors, StockRasa  # noqa: E402
from tests.bench.contenders import Contender, contenders  # noqa: E402
from tests.bench.samples import (  # noqa: E402
    SEED,
    TRAINING_DATA,
    training_utterances,
    validation_utterances,
)
from tests.bench.typos import with_typos  # noqa: E402
from tests.bench.understanding import macro_f1  # noqa: E402

UTTERANCES = 80
FOLDS = 5
REPEATS = 2
TIMED_MESSAGES = 200
TESTS = ("held out", "with typos", "written apart")


@dataclass(frozen=True)
class Fold:
    """One training: macro-F1 by test and language, and what it cost."""

    macro_f1: dict[tuple[str, str], float]
    training_seconds: float
    milliseconds: float


def folds(contender: Contender, utterances: list[Example], splits: int, repeats: int) -> Iterator[Fold]:
    """Train on all parts but one, test on that one, for each part; and so again with other parts."""
    plan = RepeatedStratifiedKFold(n_splits=splits, n_repeats=repeats, random_state=SEED)
    apart = validation_utterances()
    labels = [f"{utterance.language} {utterance.topic}" for utterance in utterances]
    for number, (train, test) in enumerate(plan.split(utterances, labels)):
        if number == (contender.most_splits or splits * repeats):
            return
        yield _fold(contender, [utterances[i] for i in train], [utterances[i] for i in test], apart)


def _fold(contender: Contender, train: list[Example], test: list[Example], apart: list[Example]) -> Fold:
    SentenceVectors.known.clear()  # a training pays for its own vectors
    classifier = contender.make()
    texts, topics = [one.text for one in train], [one.topic for one in train]
    training_seconds = _processor_seconds(lambda: classifier.fit(texts, topics))
    scores = _scores(classifier, test, apart)
    if isinstance(classifier, StockRasa):  # which works in other processes
        each = classifier.processor_milliseconds
        return Fold(scores, classifier.processor_seconds, statistics.median(each))
    timed = [one.text for one in apart[:TIMED_MESSAGES]]
    each = [_processor_seconds(lambda text=text: classifier.predict([text])) for text in timed]
    return Fold(scores, training_seconds, 1000 * statistics.median(each))


def _scores(
    classifier: Classifier, test: list[Example], apart: list[Example]
) -> dict[tuple[str, str], float]:
    """Macro-F1 by test and language."""
    texts = [one.text for one in test]
    asked = {
        "held out": (test, texts),
        "with typos": (test, with_typos(texts, SEED)),
        "written apart": (apart, [one.text for one in apart]),
    }
    return {
        (name, language): score
        for name, (utterances, typed) in asked.items()
        for language, score in macro_f1(utterances, list(classifier.predict(typed))).items()
    }


def _processor_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def heading() -> str:
    """The table's first two lines."""
    columns = ["classifier", *(f"{test}, {language}" for test in TESTS for language in LANGUAGES)]
    columns += ["training s", "ms a message"]
    return f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}"


def row(name: str, results: Sequence[Fold]) -> str:
    """A line of the table: means, and the spread (standard deviation) over the trainings."""
    cells = [name]
    for test in TESTS:
        for language in LANGUAGES:
            scores = [result.macro_f1[test, language] for result in results]
            spread = f" ± {statistics.stdev(scores):.3f}" if len(scores) > 1 else ""
            cells.append(f"{statistics.mean(scores):.3f}{spread}".replace("0.", "."))
    cells.append(f"{statistics.mean(result.training_seconds for result in results):.0f}")
    cells.append(f"{statistics.mean(result.milliseconds for result in results):.1f}")
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Run the contenders that were asked for, or all."""
    every = contenders()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contenders", nargs="*", metavar="CONTENDER", help=f"of {', '.join(every)}")
    parser.add_argument("--utterances", type=int, default=UTTERANCES, help="a topic and language; 0 is all")
    parser.add_argument("--data", type=Path, default=TRAINING_DATA)
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    asked = parser.parse_args()
    unknown = set(asked.contenders) - set(every)
    if unknown:
        parser.error(f"no such contender: {', '.join(sorted(unknown))}")
    utterances = training_utterances(asked.data, asked.utterances or None)
    sys.stdout.write(f"{len(utterances)} utterances, {asked.folds} folds, {asked.repeats} repeats\n\n")
    sys.stdout.write(heading() + "\n")
    for name in asked.contenders or every:
        results = list(folds(every[name], utterances, asked.folds, asked.repeats))
        sys.stdout.write(row(every[name].name, results) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
