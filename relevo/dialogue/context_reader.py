"""Graph component: understands a message in its conversation, where it means nothing by itself.

The last one of the pipeline. It changes the message's topic, so that rules, the contingency plan and people
at the desk all see what was meant, and notes the reason as `reading`.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message as RasaMessage

from relevo.dialogue.context import (
    Before,
    Knowledge,
    Message,
    Span,
    asks_for_complaint,
    last_request,
    read,
)
from relevo.dialogue.contingency import MISUNDERSTOOD, OUT_OF_SCOPE
from relevo.dialogue.heard import CALM
from relevo.dialogue.history import heard_since_hand_off, offered_topic
from relevo.dialogue.outright import COMPLAINT
from relevo.dialogue.waiting import Waiting
from relevo.nlu.text import is_button


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ContextReader(GraphComponent):
    """Reads messages by what was said before. Pressed buttons and messages that belong to no conversation are
    left as they are."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`clear` and `clear_circumstance`: likelihoods from which a message is clearly of another topic.
        Compiled in from the protocol: the topics that are `answered`, `small_talk`, and `handed_over` to a
        person, and what each `asks_for`."""
        compiled: dict[str, Any] = {"answered": [], "small_talk": [], "handed_over": [], "asks_for": {}}
        return {"clear": 0.6, "clear_circumstance": 0.98, **compiled}

    def __init__(self, config: dict[str, Any]) -> None:
        self._answered = frozenset(config["answered"])
        self._small_talk = frozenset(config["small_talk"])
        self._knowledge = Knowledge(
            handed_over=frozenset(config["handed_over"]),
            asks_for=config["asks_for"],
            clear=config["clear"],
            clear_circumstance=config["clear_circumstance"],
        )

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ContextReader:
        return cls(config)

    def process(self, messages: list[RasaMessage], tracker: DialogueStateTracker) -> list[RasaMessage]:
        if not tracker.events:
            return messages
        before = self._before(tracker)
        for message in messages:
            self._read(message, before)
        return messages

    def _before(self, tracker: DialogueStateTracker) -> Before:
        heard = heard_since_hand_off(tracker)
        topic, follow_ups = last_request(heard, self._answered, self._small_talk)
        return Before(
            topic,
            offered_topic(tracker),
            follow_ups,
            is_waiting=Waiting.of(tracker.get_slot("waiting")) is not None,
            has_heard=bool(heard),
            question=str(tracker.get_slot("requested_slot") or "") if tracker.active_loop_name else None,
        )

    def _read(self, message: RasaMessage, before: Before) -> None:
        if is_button(str(message.get(TEXT) or "")):
            return
        understood = _as_understood(message)
        reading = read(understood, before, self._knowledge)
        if reading:
            _set_topic(message, reading.topic)
            message.set("reading", reading.reason, add_to_output=True)
            message.set("also_asked", None)
        elif before.question is None and asks_for_complaint(understood, self._knowledge):
            self._add_complaint(message, understood.topic)

    def _add_complaint(self, message: RasaMessage, topic: str) -> None:
        """What can be answered is answered first; of what can't, the complaint is all that is left."""
        if topic in self._answered:
            message.set("also_asked", COMPLAINT, add_to_output=True)
        elif topic in {MISUNDERSTOOD, OUT_OF_SCOPE, *self._small_talk}:
            _set_topic(message, COMPLAINT)


def _set_topic(message: RasaMessage, topic: str) -> None:
    message.set(INTENT, {"name": topic, "confidence": 1.0}, add_to_output=True)


def _as_understood(message: RasaMessage) -> Message:
    intent = message.get(INTENT) or {}
    spans = [
        Span(entity["entity"], entity["start"], entity["end"])
        for entity in message.get(ENTITIES, [])
        if entity.get("start") is not None
    ]
    return Message(
        text=str(message.get(TEXT) or ""),
        topic=intent.get("name") or "",
        confidence=float(intent.get("confidence") or 0.0),
        spans=spans,
        tone=(message.get("tone") or {}).get("name") or CALM,
    )
