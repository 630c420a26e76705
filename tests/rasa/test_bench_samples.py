"""What classifiers are compared on: samples with as many utterances of each topic, and the score."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from bench.samples import training_utterances, validation_utterances, write_sample
from rasa.shared.nlu.training_data.loading import load_data

from relevo.nlu.examples import Example

DATA = """
version: "3.1"
nlu:
  - intent: greet
    examples: |
      - {hello}
      - {hello} there
      - {hello} again
  - intent: track_order
    examples: |
      - {hello}, where is [CJ-483920](order_number)
  - lookup: product
    examples: |
      - sofa
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for language, hello in (("en", "hello"), ("es", "hola")):
        (tmp_path / language).mkdir()
        (tmp_path / language / "all.yml").write_text(DATA.format(hello=hello), encoding="utf-8")
    return tmp_path


def test_all_utterances_are_read_as_plain_text(folder: Path) -> None:
    utterances = training_utterances(folder)
    assert len(utterances) == 8
    assert Example("hola again", "es", "greet") in utterances
    assert Example("hello, where is CJ-483920", "en", "track_order") in utterances


def test_a_sample_has_as_many_of_each_topic_and_language(folder: Path) -> None:
    sample = training_utterances(folder, per_topic=2)
    assert Counter((one.language, one.topic) for one in sample) == {
        ("en", "greet"): 2,
        ("es", "greet"): 2,
        ("en", "track_order"): 1,
        ("es", "track_order"): 1,
    }
    assert sample == training_utterances(folder, per_topic=2)


def test_a_sample_keeps_annotations_and_lookup_tables(folder: Path, tmp_path: Path) -> None:
    write_sample(tmp_path / "sample", 1, folder)
    written = load_data(str(tmp_path / "sample"))
    assert len(written.intent_examples) == 4
    assert [example.get("entities") is not None for example in written.intent_examples].count(True) == 2
    assert written.lookup_tables


def test_the_validation_set_has_both_languages() -> None:
    assert {one.language for one in validation_utterances()} == {"en", "es"}
