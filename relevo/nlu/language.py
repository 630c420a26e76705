"""Graph component: the language of a message.

Sets `language` (`name`, `confidence`, `sure`) in the parse, and, where it is sure, an entity that fills the
slot `language`: so the conversation keeps its language until a message is clearly in the other one.
"""

from __future__ import annotations

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES, INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from relevo.nlu.component import FittedComponent, typed_text
from relevo.nlu.language_model import LanguageModel


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LanguageDetector(FittedComponent):
    """English or Spanish, and how sure that is."""

    def train(self, training_data: TrainingData) -> Resource:
        examples = [example for example in training_data.training_examples if example.get(INTENT)]
        learned = LanguageModel.learn(typed_text(example) for example in examples)
        return self.keep(learned.word_log_odds)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        if isinstance(self.model, dict):
            self.model = LanguageModel(self.model)
        return self.for_each(messages, self._detect)

    def _detect(self, message: Message) -> None:
        verdict = self.model.judge(typed_text(message))
        record = {"name": verdict.language, "confidence": verdict.confidence, "sure": verdict.is_sure}
        message.set("language", record, add_to_output=True)
        if verdict.is_sure:
            entity = {"entity": "language", "value": verdict.language, "extractor": type(self).__name__}
            message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
