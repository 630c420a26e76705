"""Graph component: what can be found by its form: order numbers, folios, e-mail addresses, phone numbers,
amounts of money, days and times.

Typed messages' entities say where they stand (`start`, `end`). A button's title is read too, but its text in
the transcript is another one, so they have no place in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from time import time
from typing import Any
from zoneinfo import ZoneInfo

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from relevo.nlu.amounts import find_amounts
from relevo.nlu.component import typed_text
from relevo.nlu.dates import find_dates
from relevo.nlu.identifiers import find_identifiers
from relevo.nlu.spans import PlainText, Span, without_overlaps
from relevo.nlu.text import MAX_CHARACTERS, is_button
from relevo.protocol.schema import LANGUAGES, Language

_CUT_OFF = re.compile(r"\S*$")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class PatternEntityExtractor(GraphComponent):
    """Finds entities by their form."""

    clock: Callable[[], float] = staticmethod(time)
    """UTC epoch seconds: "tomorrow" is the company's tomorrow."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`regions`: countries whose national phone numbers are known, the first one preferred. `time_zone`:
        the company's, from its protocol."""
        return {"regions": ["MX", "US"], "time_zone": "America/Mexico_City"}

    def __init__(self, config: dict[str, Any]) -> None:
        self._regions = config["regions"]
        self._zone = ZoneInfo(config["time_zone"])

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PatternEntityExtractor:
        extractor = cls(config)
        for language in LANGUAGES:  # dateparser is slow the first time: not while a customer waits
            extractor.find("12/12", language, date.today())
        return extractor

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        today = datetime.fromtimestamp(self.clock(), self._zone).date()
        for message in messages:
            language = (message.get("language") or {}).get("name", "es")
            add_entities(message, self.find(read_text(message), language, today), type(self).__name__)
        return messages

    def find(self, text: str, language: Language, today: date) -> list[Span]:
        """The entities of a text, in its order; `today` is the day from which days are counted."""
        plain = PlainText.of(text)
        return without_overlaps(
            [
                *find_identifiers(text, self._regions),
                *find_amounts(plain),
                *find_dates(plain, language, today),
            ]
        )


def read_text(message: Message) -> str:
    """The message as far as entities are looked for in it."""
    text = typed_text(message)
    # A number cut in two would be another number.
    return text if len(text) <= MAX_CHARACTERS else _CUT_OFF.sub("", text[:MAX_CHARACTERS], count=1)


def add_entities(message: Message, spans: Iterable[Span], extractor: str) -> None:
    """Tell the message's entities in Rasa's form."""
    is_typed = not is_button(str(message.get(TEXT) or ""))
    entities = [
        {
            "entity": span.entity,
            "value": span.value,
            **({"start": span.start, "end": span.end} if is_typed else {}),
            "extractor": extractor,
        }
        for span in spans
    ]
    if entities:
        message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
