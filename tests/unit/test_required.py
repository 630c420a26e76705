"""What a protocol must hold is what the code says, hears and refers to: no more and no less."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml
from builders import ROOT

from actions.hand_off import DEFAULT_TRIGGER
from relevo.follow_ups.method import kind_of_contact, parse_method
from relevo.protocol.parts.base import LANGUAGES, placeholders
from relevo.protocol.required import (
    ACTED_TOPICS,
    CLOSING,
    CONTEXT_INTENTS,
    PRODUCT_INTENTS,
    REQUIRED_TOPICS,
    REQUIRED_TRIGGER,
    REQUIRED_WORDS,
)
from relevo.protocol.schema import Protocol

ACTIONS = sorted((ROOT / "actions").glob("*.py"))
RELEVO = sorted((ROOT / "relevo").rglob("*.py"))
RASA_FILES = [ROOT / "data" / "rules.yml", ROOT / "config.yml"]
RESPONSE = re.compile(r"\butter_([a-z][a-z0-9_]*[a-z0-9])\b")
NAME = re.compile(r"[a-z][a-z_]*[a-z]")
FORM_OUTCOMES = {"decline": 1, "ask_again": 1}
"""Methods of a form's validation that name the words to say, and which of their arguments does."""
METHODS = [parse_method(said) for said in ("llamada", "whatsapp", "correo", "aqui mismo")]
BUILT = {
    "utter_{trigger.words}": "checked as a name of the plan",
    "utter_{trigger.acknowledgement}": "checked as a name of the plan",
    "utter_{problem or 'ask_' + self.slot}": "problems and slots are collected below",
    "utter_{message.topic}": "only for topics that have answers",
    "utter_{NOTICE_PREFIX}{name}": "made of the notices",
    "utter_{NOTICE_PREFIX}{name}_short": "made of the notices",
    "utter_{CLOSING}": "made of the channels",
    "utter_{name}": "the importer's own list",
    "utter_{response}": "the importer's own list",
    "contact_wrong_kind_{needed}": "kinds are collected below",
    "method_{follow_up.method}": "methods are collected below",
}
"""Names that are put together while the bot runs, and what makes sure that they exist."""


def nodes(files: list[Path]) -> Iterator[ast.AST]:
    for file in files:
        yield from nodes_of(file)


@cache
def nodes_of(file: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


def constants(node: ast.AST) -> set[str]:
    return {
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and NAME.fullmatch(part.value)
    }


def responses() -> set[str]:
    """All `utter_…` that are written out in the actions and in Rasa's own files."""
    written = [
        node.value
        for node in nodes(ACTIONS)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    found = {match[1] for text in written if (match := RESPONSE.fullmatch(text))}
    return found | {
        name for file in RASA_FILES for name in RESPONSE.findall(file.read_text(encoding="utf-8"))
    }


def problems() -> set[str]:
    """The words that forms name when an answer won't do."""
    calls = [
        node
        for node in nodes(ACTIONS)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in FORM_OUTCOMES
    ]
    named = {
        name
        for call in calls
        if isinstance(call.func, ast.Attribute)
        for name in constants(call.args[FORM_OUTCOMES[call.func.attr]])
    }
    kept = [node for node in nodes(ACTIONS) if isinstance(node, ast.FunctionDef) and node.name == "problem"]
    return named | {name for function in kept for node in ast.walk(function) for name in returned(node)}


def returned(node: ast.AST) -> set[str]:
    """Names in what a function gives back, apart from the slots that it reads."""
    if not isinstance(node, ast.Return) or node.value is None:
        return set()
    read = [
        argument
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        for argument in map(constants, call.args)
    ]
    return constants(node.value) - set().union(*read)


def slots() -> set[str]:
    """What forms ask for: the slots of the classes that ask."""
    return {
        statement.value.value
        for node in nodes(ACTIONS)
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.Assign)
        and [target.id for target in statement.targets if isinstance(target, ast.Name)] == ["slot"]
        and isinstance(statement.value, ast.Constant)
    }


def said_outside_the_bot() -> set[str]:
    """The first argument of each `say`: a name, or a variable that is given names before."""
    found: set[str] = set()
    for function in nodes([*RELEVO, *ACTIONS]):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        given = {
            target.id: constants(node.value)
            for node in ast.walk(function)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and is_say_of_a_protocol(call.func):
                name = call.args[0]
                found |= given.get(name.id, set()) if isinstance(name, ast.Name) else constants(name)
    return found


def is_say_of_a_protocol(function: ast.expr) -> bool:
    """`protocol.say`, or the `_say` of a class that says everything to one customer or on one channel."""
    if not isinstance(function, ast.Attribute):
        return False
    return function.attr == "_say" or (function.attr == "say" and "protocol" in ast.unparse(function))


def said_by_the_code() -> set[str]:
    answers = set(REQUIRED_TOPICS)
    named = {
        *responses(),
        *problems(),
        *said_outside_the_bot(),
        *(f"ask_{slot}" for slot in slots()),
        *(f"method_{method}" for method in METHODS),
        *(f"contact_wrong_kind_{kind_of_contact(method)}" for method in METHODS if method),
    }
    return named - answers


def test_search_finds_what_it_looks_for() -> None:
    assert {"stopped", "place_in_line_closed", "not_understood", "case_waiting"} <= responses()
    assert {"contact_not_understood", "follow_up_time_closed"} <= problems()
    assert {"claimed", "technical_problem", "case_closed", "complaint_closed"} <= said_outside_the_bot()
    assert {"follow_up_time", "case_folio"} <= slots()


def test_required_words_are_those_that_the_code_says() -> None:
    assert said_by_the_code() - set(REQUIRED_WORDS) == set(), "add them to REQUIRED_WORDS"
    assert set(REQUIRED_WORDS) - said_by_the_code() == set(), "nothing says them: take them out"


def test_names_that_are_put_together_are_known_here() -> None:
    built = {
        ast.unparse(node)[2:-1]
        for node in nodes([*ACTIONS, ROOT / "relevo" / "protocol" / "importer.py"])
        if isinstance(node, ast.JoinedStr)
        and re.match(r"f['\"](utter_|method_|contact_wrong_kind_)", ast.unparse(node))
    }
    assert built - set(BUILT) == set()


def test_demo_uses_the_placeholders_that_are_filled_and_no_others(protocol: Protocol) -> None:
    for name, filled in REQUIRED_WORDS.items():
        for language in LANGUAGES:
            assert placeholders(protocol.words[name].in_language(language)) <= set(filled), name


def test_required_topics_are_those_that_the_language_model_learns() -> None:
    learned = {
        example["intent"]
        for file in (ROOT / "data" / "nlu").rglob("*.yml")
        for example in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]
        if "intent" in example
    }
    fallback = {"nlu_fallback"}
    assert learned == {*REQUIRED_TOPICS, *PRODUCT_INTENTS} - fallback


def test_topics_without_answers_are_those_that_rasa_is_told_of() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    intents = {
        name for intent in domain["intents"] for name in (intent if isinstance(intent, dict) else [intent])
    }
    assert intents == {*ACTED_TOPICS, *PRODUCT_INTENTS, *CONTEXT_INTENTS}


def test_trigger_that_is_required_is_the_one_that_the_hand_off_falls_back_to() -> None:
    assert REQUIRED_TRIGGER == DEFAULT_TRIGGER


def test_closing_has_the_importers_name() -> None:
    importer = (ROOT / "relevo" / "protocol" / "importer.py").read_text(encoding="utf-8")
    assert set(re.findall(r'CLOSING = "(\w+)"', importer)) <= {CLOSING}
