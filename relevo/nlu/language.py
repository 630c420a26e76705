"""Graph component: the language of a message.

Sets `language` (`name`, `confidence`, `sure`, `foreign`) in the parse, and, where it is sure, an entity that
fills the slot `language`: so the conversation keeps its language until a message is clearly in the other one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from relevo.nlu.component import FittedComponent, typed_text
from relevo.nlu.examples import read_examples
from relevo.nlu.language_model import LanguageModel
from relevo.protocol.schema import Language
from relevo.settings import PROJECT_ROOT


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LanguageDetector(FittedComponent):
    """English or Spanish, and how sure that is."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`examples`: folder with the utterances of each language; `examples_digest` tells Rasa's cache when
        they change."""
        return {"examples": "data/nlu", "examples_digest": ""}

    def train(self, training_data: TrainingData) -> Resource:
        examples = utterances(PROJECT_ROOT / self.config["examples"])
        learned = LanguageModel.learn(examples)
        return self.keep({"word_log_odds": learned.word_log_odds, "common_words": learned.common_words})

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        if isinstance(self.model, dict):
            self.model = LanguageModel(**self.model)
        return self.for_each(messages, self._detect)

    def _detect(self, message: Message) -> None:
        verdict = self.model.judge(typed_text(message))
        record = {
            "name": verdict.language,
            "confidence": verdict.confidence,
            "sure": verdict.is_sure,
            "foreign": verdict.is_foreign,
        }
        message.set("language", record, add_to_output=True)
        if verdict.is_sure:
            entity = {"entity": "language", "value": verdict.language, "extractor": type(self).__name__}
            message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)


def utterances(folder: Path) -> Iterator[tuple[str, Language]]:
    """(utterance, language) of all examples in `<language>/*.yml`."""
    for example in read_examples(folder):
        yield example.text, example.language
