"""The context reader on Rasa's messages and trackers, and what the contingency plan makes of its readings."""

from __future__ import annotations

from typing import Any

import pytest
from builders import ROOT
from protocols import DEMO
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from actions import story
from relevo.dialogue import history
from relevo.dialogue.context_reader import ContextReader
from relevo.dialogue.heard import HAND_OFF
from relevo.dialogue.history import heard_since_hand_off
from relevo.protocol import load_protocol
from relevo.protocol.importer import CONTEXT_READER, TOPIC_CLASSIFIER, compiled_configuration

COMPILED = compiled_configuration(load_protocol(DEMO))
DOMAIN = Domain.load(str(ROOT / "domain.yml"))
ASKED_HOURS = "opening_hours"
BEGUN: list[Event] = [ActionExecuted("action_session_start"), SessionStarted()]


@pytest.fixture
def reader(tmp_path: Any) -> ContextReader:
    config = {**ContextReader.get_default_config(), **COMPILED[CONTEXT_READER]}
    context = ExecutionContext(GraphSchema({}))
    return ContextReader.create(config, LocalModelStorage(tmp_path), Resource("context"), context)


def tracker_of(*events: Event) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("c1", list(events), DOMAIN.slots, domain=DOMAIN)


def said(topic: str, **parsed: Any) -> list[Event]:
    """The customer says something and is answered."""
    intent = {"name": topic, "confidence": 0.9}
    heard = UserUttered("…", intent, [], {"intent": intent, "entities": [], **parsed})
    return [ActionExecuted("action_listen"), heard, ActionExecuted(f"utter_{topic}"), BotUttered("…")]


def understood(
    reader: ContextReader,
    text: str,
    topic: str,
    confidence: float,
    tracker: DialogueStateTracker,
    **data: Any,
) -> Message:
    intent = {"name": topic, "confidence": confidence}
    message = Message({TEXT: text, INTENT: intent, ENTITIES: [], **data})
    (read,) = reader.process([message], tracker)
    return read


def order_number(text: str) -> list[dict[str, Any]]:
    return [{"entity": "order_number", "value": text, "start": 0, "end": len(text)}]


def test_follow_up_gets_the_topic_of_what_was_answered(reader: ContextReader) -> None:
    tracker = tracker_of(*said(ASKED_HOURS))
    message = understood(reader, "¿y en Monterrey?", "store_location", 0.8, tracker, also_asked="track_order")
    parsed = message.as_dict(only_output_properties=True)
    assert parsed["intent"] == {"name": ASKED_HOURS, "confidence": 1.0}
    assert parsed["reading"] == "follow_up"
    assert not message.get("also_asked")


def test_message_by_itself_is_left_as_it_is(reader: ContextReader) -> None:
    message = understood(reader, "¿y en Monterrey?", "store_location", 0.8, tracker_of(*BEGUN))
    assert message.get(INTENT)["name"] == "store_location"
    assert "reading" not in message.as_dict(only_output_properties=True)


def test_message_that_belongs_to_no_conversation_is_left_as_it_is(reader: ContextReader) -> None:
    found = {ENTITIES: order_number("CJ-483920")}
    message = understood(reader, "CJ-483920", "payment_issue", 0.3, tracker_of(), **found)
    assert message.get(INTENT)["name"] == "payment_issue"


def test_bare_order_number_is_known_by_where_it_stands(reader: ContextReader) -> None:
    bare = understood(
        reader, "CJ-483920", "payment_issue", 0.3, tracker_of(*BEGUN), **{ENTITIES: order_number("CJ-483920")}
    )
    assert bare.get(INTENT)["name"] == "bare_answer"
    placeless = [{"entity": "order_number", "value": "CJ-483920"}, {"entity": "language", "value": "es"}]
    message = understood(
        reader, "CJ-483920", "payment_issue", 0.3, tracker_of(*BEGUN), **{ENTITIES: placeless}
    )
    assert message.get(INTENT)["name"] == "payment_issue"


def test_answers_in_forms_and_buttons_are_left_alone(reader: ContextReader) -> None:
    in_form = tracker_of(*said("complaint"), ActionExecuted("complaint_form"), ActiveLoop("complaint_form"))
    answer = understood(reader, "CJ-483920", "x", 0.3, in_form, **{ENTITIES: order_number("CJ-483920")})
    assert answer.get(INTENT)["name"] == "x"
    offered = tracker_of(*said(ASKED_HOURS), SlotSet("offered_topic", "get_refund"))
    assert understood(reader, "/affirm", "affirm", 1.0, offered).get(INTENT)["name"] == "affirm"


def test_offer_holds_for_one_answer(reader: ContextReader) -> None:
    offer = [SlotSet("offered_topic", "get_refund"), ActionExecuted("action_offer_topic"), BotUttered("?")]
    offered = [*said("cancel_order"), *offer]
    assert understood(reader, "sí", "affirm", 0.9, tracker_of(*offered)).get(INTENT)["name"] == "get_refund"
    later = tracker_of(*offered, *said(ASKED_HOURS))
    assert understood(reader, "sí", "affirm", 0.9, later).get(INTENT)["name"] == "affirm"


def test_nothing_is_gone_on_from_over_a_hand_off(reader: ContextReader) -> None:
    tracker = tracker_of(*said(ASKED_HOURS), *said("contact_human_agent"), ActionExecuted(HAND_OFF))
    assert understood(reader, "y en Puebla?", "x", 0.3, tracker).get(INTENT)["name"] == "x"


def test_readings_and_second_topics_are_heard() -> None:
    (heard,) = heard_since_hand_off(tracker_of(*said(ASKED_HOURS, reading="follow_up", also_asked=None)))
    assert (heard.reading, heard.also_asked, heard.is_question) == ("follow_up", "", False)
    (heard,) = heard_since_hand_off(tracker_of(*said(ASKED_HOURS, also_asked="get_refund")))
    assert (heard.reading, heard.also_asked, heard.is_question) == ("", "get_refund", True)


def test_reader_knows_the_topics_of_the_protocol() -> None:
    config = COMPILED[CONTEXT_READER]
    assert {"opening_hours", "cancel_order"} <= set(config["answered"])
    assert not {"greet", "complaint", "contact_human_agent"} & set(config["answered"])
    assert {"contact_human_agent", "self_harm"} <= set(config["handed_over"])
    assert config["asks_for"]["cancel_order"] == ["order_number"]
    assert {"greet", "out_of_scope", "repeat"} <= set(COMPILED[TOPIC_CLASSIFIER]["no_requests"])


def test_reader_is_a_component_that_rasa_finds() -> None:
    assert DefaultV1Recipe._from_registry(ContextReader.__name__).clazz is ContextReader


def test_actions_and_the_bot_call_things_by_the_same_names() -> None:
    assert story.HAND_OFF == HAND_OFF
    assert story.OFFERED_TOPIC == history.OFFERED_TOPIC
