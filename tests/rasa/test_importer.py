"""The importer: what the protocol's folder becomes in Rasa's domain, rules and configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from builders import ROOT
from protocols import DEMO, edit, smallest_protocol
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.training_data.structures import RuleStep

from relevo.protocol import Protocol, load_protocol
from relevo.protocol.importer import CONTINGENCY_POLICY, ProtocolImporter
from relevo.protocol.schema import Contingency

Import = Callable[[Path], ProtocolImporter]


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> Import:
    """Imports a protocol's folder with the project's configuration."""

    def importer(folder: Path) -> ProtocolImporter:
        monkeypatch.setenv("RELEVO_PROTOCOL_DIR", str(folder))
        return ProtocolImporter(config_file=str(ROOT / "config.yml"))

    return importer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return smallest_protocol(tmp_path / "protocol")


def responses(importer: ProtocolImporter) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = importer.get_domain().responses
    return found


def rules(importer: ProtocolImporter) -> dict[str, str]:
    """By intent: the action that answers it."""
    steps = [step for step in importer.get_stories().story_steps if isinstance(step, RuleStep)]
    return dict(_answer(step.events) for step in steps)


def _answer(events: list[Any]) -> tuple[str, str]:
    (said,) = [event.intent["name"] for event in events if isinstance(event, UserUttered)]
    (action,) = [
        event.action_name
        for event in events
        if isinstance(event, ActionExecuted) and str(event.action_name).startswith("utter_")
    ]
    return said, str(action)


def plan_of(importer: ProtocolImporter) -> dict[str, Any]:
    (policy,) = [p for p in importer.get_config()["policies"] if p["name"] == CONTINGENCY_POLICY]
    plan: dict[str, Any] = policy["plan"]
    return plan


def test_every_wording_is_a_response_in_its_language(folder: Path, imported: Import) -> None:
    in_english = [{"type": "slot", "name": "language", "value": "en"}]
    assert responses(imported(folder))["utter_passing"] == [
        {"text": "I pass you on, {folio}.", "condition": in_english},
        {"text": "Te paso, {folio}."},
        {"text": "Un momento, {folio}."},
    ]


def test_default_language_serves_conversations_whose_language_is_unknown(
    folder: Path, imported: Import
) -> None:
    edit(folder / "company.yml", "default_language: es", "default_language: en")
    conditions = [variation.get("condition") for variation in responses(imported(folder))["utter_hours"]]
    assert conditions == [None, [{"type": "slot", "name": "language", "value": "es"}]]


def test_quick_replies_are_buttons_in_the_language_of_the_answer(folder: Path, imported: Import) -> None:
    buttons = {
        variation["text"]: variation["buttons"] for variation in responses(imported(folder))["utter_hours"]
    }
    assert buttons == {
        "From 9 to 8": [{"title": "Hours", "payload": "/hours"}],
        "De 9 a 20": [{"title": "Horario", "payload": "/hours"}],
    }


def test_words_have_no_buttons(folder: Path, imported: Import) -> None:
    assert not any("buttons" in variation for variation in responses(imported(folder))["utter_passing"])


def test_answered_topic_has_an_intent_and_a_rule(folder: Path, imported: Import) -> None:
    importer = imported(folder)
    assert "hours" in importer.get_domain().intents
    assert rules(importer) == {"hours": "utter_hours"}


def test_new_topic_is_one_entry_in_the_protocol(folder: Path, imported: Import) -> None:
    (folder / "topics" / "more.yml").write_text(
        "parking:\n  title: {en: Parking, es: Estacionar}\n  answers: {en: [Free], es: [Gratis]}\n"
    )
    importer = imported(folder)
    assert rules(importer) == {"hours": "utter_hours", "parking": "utter_parking"}
    assert [variation["text"] for variation in responses(importer)["utter_parking"]] == ["Free", "Gratis"]


def test_topic_without_answers_is_left_to_an_action(folder: Path, imported: Import) -> None:
    (folder / "topics" / "more.yml").write_text("complaint:\n  title: {en: Complain, es: Queja}\n")
    importer = imported(folder)
    assert "complaint" not in rules(importer)
    assert "utter_complaint" not in responses(importer)


def test_topic_that_the_contingency_plan_hands_over_has_no_rule(folder: Path, imported: Import) -> None:
    edit(folder / "contingency.yml", "intent: contact_human_agent", "intent: hours")
    importer = imported(folder)
    assert rules(importer) == {}
    assert "utter_hours" in responses(importer)


def test_changed_wording_changes_the_response(folder: Path, imported: Import) -> None:
    edit(folder / "topics" / "all.yml", "De 9 a 20", "De 10 a 18")
    assert "De 10 a 18" in [variation["text"] for variation in responses(imported(folder))["utter_hours"]]


def test_contingency_plan_is_in_the_configuration_of_its_policy(imported: Import, protocol: Protocol) -> None:
    assert Contingency(**plan_of(imported(DEMO))) == protocol.contingency


def test_changed_plan_changes_the_configuration_so_that_rasa_trains_again(
    folder: Path, imported: Import
) -> None:
    before = plan_of(imported(folder))
    edit(folder / "contingency.yml", "{intent: contact_human_agent}", "{tone: angry}")
    after = plan_of(imported(folder))
    assert before["triggers"][0]["when"]["tone"] is None
    assert after["triggers"][0]["when"]["tone"] == "angry"


def test_components_that_read_examples_of_their_own_know_them_by_a_digest(imported: Import) -> None:
    components = [c for c in imported(DEMO).get_config()["pipeline"] if "examples" in c]
    assert {component["examples"] for component in components} == {"data/nlu", "data/tone"}
    assert len({component["examples_digest"] for component in components}) == 2


def test_importer_without_a_configuration_adds_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEVO_PROTOCOL_DIR", str(folder))
    assert ProtocolImporter().get_config() == {}


def test_importer_has_no_utterances_of_its_own(folder: Path, imported: Import) -> None:
    importer = imported(folder)
    assert importer.get_nlu_data().is_empty()
    assert importer.get_conversation_tests().is_empty()


def test_demo_and_the_domain_fit_together(imported: Import) -> None:
    domain = Domain.load(str(ROOT / "domain.yml")).merge(imported(DEMO).get_domain())
    topics = set(load_protocol(DEMO).topics)
    assert topics <= set(domain.intents)
    assert "utter_not_understood" in domain.responses
    assert "language" in {slot.name for slot in domain.slots}
