"""From where on a tone is grave is learned apart for each language, on lines that no reader had seen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from relevo.nlu.estimators import HeldOut
from relevo.nlu.tone import ToneModel
from relevo.protocol.schema import LANGUAGES, Language

CLASSES = np.array(["angry", "calm"])
UNSEEN = 100


def readers_surer_in_english() -> Any:
    """Readers that find calm lines up to 80 % grave in English and up to 40 % in Spanish, and one line of
    no told language that is surely grave; the unseen lines are the last of all."""
    grave = np.concatenate([np.linspace(0, 0.8, UNSEEN), np.linspace(0, 0.4, UNSEEN), [1.0]])
    rows = np.arange(UNSEEN, UNSEEN + len(grave))
    held_out = HeldOut(rows, np.stack([grave, 1 - grave], axis=1), np.full(len(grave), "calm"))
    return SimpleNamespace(classes_=CLASSES, held_out_=held_out)


@pytest.fixture(scope="module")
def model() -> ToneModel:
    languages = np.array([""] * UNSEEN + ["en"] * UNSEEN + ["es"] * UNSEEN + [""])
    return ToneModel.learn(readers_surer_in_english(), languages, needless={"en": 0.05, "es": 0.1})


@pytest.mark.parametrize(("language", "line"), [("en", 0.76), ("es", 0.36)])
def test_the_wanted_share_of_calm_lines_lies_above_in_each_language(
    model: ToneModel, language: Language, line: float
) -> None:
    assert model.grave_from[language] == pytest.approx(line)
    assert set(model.grave_from) == set(LANGUAGES)


def test_one_likelihood_is_grave_in_one_language_and_calm_in_the_other(model: ToneModel) -> None:
    likelihoods = np.array([0.6, 0.4])
    assert model.judge(likelihoods, "en") == ("calm", 0.4)
    assert model.judge(likelihoods, "es") == ("angry", 0.6)
