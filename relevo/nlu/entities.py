"""Graph component: what can be found by its form: order numbers, folios, e-mail addresses, phone numbers."""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from relevo.cases.folio import find_folio
from relevo.cases.order_number import find_order_number
from relevo.nlu.component import typed_text
from relevo.nlu.text import MAX_CHARACTERS

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class PatternEntityExtractor(GraphComponent):
    """Finds entities by their form, in every language alike."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`regions`: countries whose national phone numbers are known, the first one preferred."""
        return {"regions": ["MX", "US"]}

    def __init__(self, config: dict[str, Any]) -> None:
        self._regions = config["regions"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PatternEntityExtractor:
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            found = self.find(typed_text(message)[:MAX_CHARACTERS])
            entities = [{**entity, "extractor": type(self).__name__} for entity in found]
            if entities:
                message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
        return messages

    def find(self, text: str) -> list[dict[str, Any]]:
        """The entities of a text as `{"entity", "value"}`."""
        found = {"order_number": find_order_number(text), "folio": find_folio(text)}
        email = _EMAIL.search(text)
        found["email"] = email.group() if email else None
        found["phone"] = self._find_phone(text)
        return [{"entity": name, "value": value} for name, value in found.items() if value]

    def _find_phone(self, text: str) -> str | None:
        for region in self._regions:
            for match in phonenumbers.PhoneNumberMatcher(text, region):
                return str(phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164))
        return None
