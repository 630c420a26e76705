"""Whatever an action, a rule or the configuration can make the bot say exists in the protocol."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import ROOT
from dialogue import DOMAIN, all_actions
from rasa_sdk import Action

from actions.form import AskSlot
from actions.services import Services
from relevo.follow_ups.method import kind_of_contact, parse_method
from relevo.protocol import Protocol
from relevo.protocol.required import NOTICE_PREFIX, REQUIRED_TOPICS, REQUIRED_WORDS

ACTION_FILES = sorted((ROOT / "actions").glob("*.py"))
OUTCOMES = {"decline": 1, "ask_again": 1}
"""Methods of a form's validation that name the words to say, and which of their arguments does."""
METHODS = [parse_method(word) for word in ("llamada", "whatsapp", "correo", "aquí mismo")]
BUILT = {
    "utter_{trigger.words}": "checked when a protocol is loaded",
    "utter_{trigger.acknowledgement}": "checked when a protocol is loaded",
    "utter_{problem or 'ask_' + self.slot}": "see the tests of slots and of problems below",
    "utter_{CLOSING}": "the importer makes a response of the channels' closings",
    "utter_{message.topic}": "forms, rules and the policy lead here only topics that have answers",
    "utter_{NOTICE_PREFIX}{name}": "the importer makes a response of each notice",
    "utter_{NOTICE_PREFIX}{name}_short": "the importer makes a response of each notice's one sentence",
    "contact_wrong_kind_{needed}": "see the test of ways of contact below",
}
"""Names that are put together while the bot runs, and what makes sure that they exist."""


def nodes(file: Path) -> Iterator[ast.AST]:
    yield from ast.walk(ast.parse(file.read_text(encoding="utf-8")))


def named_responses() -> set[str]:
    """All names `utter_…` that are written out in the actions."""
    constants = [
        node.value
        for file in ACTION_FILES
        for node in nodes(file)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return {text.removeprefix("utter_") for text in constants if re.fullmatch(r"utter_\w+[a-z]", text)}


def named_problems() -> set[str]:
    """The words that the validations name in `decline` and `ask_again`."""
    calls = [
        node
        for file in ACTION_FILES
        for node in nodes(file)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in OUTCOMES
    ]
    arguments = [
        call.args[OUTCOMES[call.func.attr]] for call in calls if isinstance(call.func, ast.Attribute)
    ]
    return {
        argument.value
        for argument in arguments
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def can_be_said(protocol: Protocol) -> set[str]:
    answered = (name for name, topic in protocol.topics.items() if topic.answers)
    return {*protocol.words, *answered, *(f"{NOTICE_PREFIX}{name}" for name in protocol.notices)}


def every_action() -> list[Action]:
    return all_actions(Services(None, None, None, None))  # type: ignore[arg-type] - none of them runs


def test_collection_finds_what_the_actions_say() -> None:
    assert {
        "stopped",
        "no_follow_up",
        "complaint_filed",
        "place_in_line_closed",
        "notice_over",
    } <= named_responses()
    assert {"follow_up_time_closed", "contact_not_understood"} <= named_problems()


def test_every_response_that_is_written_out_exists(protocol: Protocol) -> None:
    assert named_responses() - can_be_said(protocol) == set()


def test_every_problem_of_a_form_has_its_words(protocol: Protocol) -> None:
    assert named_problems() - set(protocol.words) == set()


def test_every_word_that_is_written_out_is_one_that_every_protocol_must_have() -> None:
    assert (named_responses() | named_problems()) - {*REQUIRED_WORDS, *REQUIRED_TOPICS} == set()
    asked = {f"ask_{action.slot}" for action in every_action() if isinstance(action, AskSlot)}
    assert asked - set(REQUIRED_WORDS) == set()


def test_no_word_takes_the_name_of_a_topic_a_notice_or_the_closing(protocol: Protocol) -> None:
    notices = {f"{NOTICE_PREFIX}{name}" for name in protocol.notices}
    assert set(protocol.words) & {*protocol.topics, *notices, "closing"} == set()


def test_every_name_that_is_put_together_is_known_here() -> None:
    built = {
        ast.unparse(node)[2:-1]
        for file in ACTION_FILES
        for node in nodes(file)
        if isinstance(node, ast.JoinedStr)
        and re.match(r"f['\"](utter_|method_|contact_wrong_kind_)", ast.unparse(node))
    }
    assert built == set(BUILT)


def test_every_slot_that_is_asked_for_has_its_question(protocol: Protocol) -> None:
    asked = {action.slot for action in every_action() if isinstance(action, AskSlot)}
    assert asked == {slot for form in DOMAIN["forms"].values() for slot in form["required_slots"]}
    assert {f"ask_{slot}" for slot in asked} - set(protocol.words) == set()


@pytest.mark.parametrize("method", METHODS)
def test_every_way_of_contact_has_a_name_and_a_question(protocol: Protocol, method: str) -> None:
    assert f"method_{method}" in protocol.words
    assert f"contact_wrong_kind_{kind_of_contact(method)}" in protocol.words  # type: ignore[arg-type]


def test_every_response_of_a_rule_exists(protocol: Protocol) -> None:
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("data/rules.yml", "config.yml")]
    named = {name for text in texts for name in re.findall(r"\butter_(\w+)", text)}
    assert {"not_understood", "language_changed"} <= named
    assert named - {*REQUIRED_WORDS, *REQUIRED_TOPICS} == set()
    assert named - can_be_said(protocol) == set()


def test_every_action_of_the_domain_is_there_and_the_reverse() -> None:
    # An action that is sent the domain stands there as a mapping.
    named = {name for entry in DOMAIN["actions"] for name in ([entry] if isinstance(entry, str) else entry)}
    assert {action.name() for action in every_action()} == named


def test_every_text_that_is_said_outside_the_bot_exists(protocol: Protocol) -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "relevo").rglob("*.py"))
    named = set(re.findall(r"\._?say\(\s*\"(\w+)\"", code)) | {"complaint_closed", "case_closed"}
    assert "claimed" in named
    assert named - set(protocol.words) == set()
