"""What our graph components share: they are made, kept and loaded in the same way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import joblib
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from relevo.nlu.text import is_button, says_something

Reading = TypeVar("Reading")
Fitted = TypeVar("Fitted", bound="FittedComponent")
MODEL_FILE = "model.joblib"


def typed_text(message: Message) -> str:
    """What the customer reads as their message: the typed text, or the title of a pressed button."""
    text = str(message.get(TEXT) or "")
    if is_button(text):
        return str((message.get("metadata") or {}).get("title") or "")
    return text


class FittedComponent(GraphComponent):
    """A component whose training leaves one object, `model`, that is kept with joblib."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self.config = config
        self.model: Any = None
        self._model_storage = model_storage
        self._resource = resource

    @classmethod
    def create(
        cls: type[Fitted],
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Fitted:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls: type[Fitted],
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Fitted:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component.model = joblib.load(folder / MODEL_FILE)
        return component

    def keep(self, model: Any) -> Resource:
        """Keep the fitted model in the trained archive."""
        self.model = model
        with self._model_storage.write_to(self._resource) as folder:
            joblib.dump(model, folder / MODEL_FILE)
        return self._resource

    def for_all(
        self,
        messages: list[Message],
        read: Callable[[Sequence[str]], Sequence[Reading]],
        understand: Callable[[Message, Reading | None], None],
    ) -> list[Message]:
        """Read the texts of all messages at once, which is faster than one by one, and apply `understand` to
        each message and its reading; a message that says nothing has none."""
        texts = {index: typed_text(message) for index, message in enumerate(messages)}
        telling = {index: text for index, text in texts.items() if says_something(text)}
        readings = dict(zip(telling, read(list(telling.values())) if telling else (), strict=True))
        for index, message in enumerate(messages):
            understand(message, readings.get(index))
        return messages

    def for_each(self, messages: list[Message], understand: Callable[[Message], None]) -> list[Message]:
        """Apply `understand` to every message."""
        for message in messages:
            understand(message)
        return messages
