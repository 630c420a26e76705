"""Rasa's importer of the protocol: compiles topics and words into the model.

From the protocol come the responses (one per topic and word, a variation per language and wording), the
quick replies, a rule for each topic that is simply answered, and the contingency plan. So that a new topic
is one entry in `protocol/topics/` and its utterances in `data/nlu/`.
"""

from __future__ import annotations

import json
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_config_file

from relevo.fingerprint import digest
from relevo.protocol import LANGUAGES, Language, Protocol, load_protocol
from relevo.protocol.schema import Topic, Wordings
from relevo.settings import PROJECT_ROOT, Settings

CONTINGENCY_POLICY = "relevo.dialogue.contingency_policy.ContingencyPolicy"


class ProtocolImporter(TrainingDataImporter):
    """Named in `config.yml` beside Rasa's own file importer."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        **_: Any,
    ) -> None:
        self._config_file = config_file
        self._protocol = load_protocol(Settings.from_environment().protocol_dir)

    def get_domain(self) -> Domain:
        answered = [name for name, topic in self._protocol.topics.items() if topic.answers]
        intents: list[dict[str, Any]] = [{name: {"use_entities": []}} for name in answered]
        return Domain.from_dict(
            {"version": "3.1", "intents": intents, "responses": responses(self._protocol)}
        )

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        reader = YAMLStoryReader()
        return StoryGraph(reader.read_from_parsed_yaml({"version": "3.1", "rules": rules(self._protocol)}))

    def get_conversation_tests(self) -> StoryGraph:
        return StoryGraph([])

    def get_config(self) -> dict[str, Any]:
        """`config.yml` with what lies outside of Rasa's own files compiled in.

        Rasa trains a component again when its configuration or the training data changes: so the contingency
        plan is part of its policy's configuration, and a component that reads examples of its own from a
        folder knows them by a digest.
        """
        config = read_config_file(self._config_file) if self._config_file else {}
        for component in config.get("pipeline", []):
            if "examples" in component:
                component["examples_digest"] = digest(PROJECT_ROOT / component["examples"])
        for policy in config.get("policies", []):
            if policy["name"] == CONTINGENCY_POLICY:
                policy["plan"] = json.loads(self._protocol.contingency.json())
        return {part: config[part] for part in ("pipeline", "policies") if part in config}

    def get_config_file_for_auto_config(self) -> str | None:
        return None

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        return TrainingData()


def responses(protocol: Protocol) -> dict[str, list[dict[str, Any]]]:
    """Rasa's responses `utter_<name>` for all answered topics and all words."""
    compiled = {
        f"utter_{name}": _variations(protocol, topic.answers, _buttons(protocol, topic))
        for name, topic in protocol.topics.items()
        if topic.answers
    }
    for name, wordings in protocol.words.items():
        compiled[f"utter_{name}"] = _variations(protocol, wordings, {})
    return compiled


def rules(protocol: Protocol) -> list[dict[str, Any]]:
    """One rule per topic that is simply answered, unless the contingency plan hands it to a person."""
    handed_over = {trigger.when.intent for trigger in protocol.contingency.triggers}
    return [
        {"rule": f"answer {name}", "steps": [{"intent": name}, {"action": f"utter_{name}"}]}
        for name, topic in protocol.topics.items()
        if topic.answers and name not in handed_over
    ]


def _variations(
    protocol: Protocol, wordings: Wordings, buttons: dict[Language, list[dict[str, str]]]
) -> list[dict[str, Any]]:
    variations: list[dict[str, Any]] = []
    for language in LANGUAGES:
        for text in wordings.in_language(language):
            variation: dict[str, Any] = {"text": text}
            if buttons:
                variation["buttons"] = buttons[language]
            # Without a condition a variation also serves conversations whose language is not known yet.
            if language != protocol.company.default_language:
                variation["condition"] = [{"type": "slot", "name": "language", "value": language}]
            variations.append(variation)
    return variations


def _buttons(protocol: Protocol, topic: Topic) -> dict[Language, list[dict[str, str]]]:
    if not topic.quick_replies:
        return {}
    return {
        language: [
            {"title": protocol.topics[reply].title.in_language(language), "payload": f"/{reply}"}
            for reply in topic.quick_replies
        ]
        for language in LANGUAGES
    }
