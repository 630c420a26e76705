"""Rasa's importer of the protocol: compiles it into the model.

From the protocol come the responses (one per topic, notice and word, a variation per language, channel and
wording), the quick replies, a rule for each topic that is simply answered, how customers ask after a notice,
and the contingency plan. So that a new topic is one entry in `protocol/topics/` and its utterances in
`data/nlu/`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_config_file

from relevo.fingerprint import digest
from relevo.protocol import LANGUAGES, Language, Protocol, load_protocol
from relevo.protocol.parts.base import Wordings
from relevo.protocol.parts.channels import ChannelName
from relevo.protocol.parts.contingency import Outcome
from relevo.protocol.parts.topics import Topic
from relevo.protocol.required import CAUSE_PREFIX, STEPWISE_TOPICS
from relevo.settings import PROJECT_ROOT, Settings

CONTINGENCY_POLICY = "relevo.dialogue.contingency_policy.ContingencyPolicy"
OFFER_POLICY = "relevo.dialogue.offer_policy.OfferPolicy"
CONTEXT_READER = "relevo.dialogue.context_reader.ContextReader"
TOPIC_CLASSIFIER = "relevo.nlu.topic.TopicClassifier"
DATES_EXTRACTOR = "relevo.nlu.entities.PatternEntityExtractor"
CLOSING = "closing"
HAND_OFF: Outcome = "hand_off"
THANK = "thank"
ABOUT_THE_BOT = "bot_challenge"
"""Small talk that is a question all the same, and must always be answered."""
STEERING = ("change_language", "repeat", "stop")
"""What steers a conversation rather than asks for something."""
INTRODUCTIONS = ("press_or_authority",)
"""What part of a message may sound like where somebody says what they do for a living."""

Response = dict[str, Any]
Step = dict[str, Any]
Buttons = dict[Language, list[dict[str, str]]]


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
        causes = (f"{CAUSE_PREFIX}{name}" for name in self._protocol.complaints.causes)
        names = [*answered, *map(notice_intent, self._protocol.notices), *causes]
        intents: list[dict[str, Any]] = [{name: {"use_entities": []}} for name in names]
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
        plan is part of its policy's configuration, a component that reads examples of its own from a folder
        knows them by a digest, and one that counts days knows the company's time zone.
        """
        config = read_config_file(self._config_file) if self._config_file else {}
        compiled = compiled_configuration(self._protocol)
        for component in (*config.get("pipeline", []), *config.get("policies", [])):
            component.update(compiled.get(component["name"], {}))
            if "examples" in component:
                component["examples_digest"] = digest(PROJECT_ROOT / component["examples"])
        return {part: config[part] for part in ("pipeline", "policies") if part in config}

    def get_config_file_for_auto_config(self) -> str | None:
        return None

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        return TrainingData(
            [
                Message(data={TEXT: text, INTENT: notice_intent(name)})
                for name, notice in self._protocol.notices.items()
                for text in (*notice.asked_as.en, *notice.asked_as.es)
            ]
        )


def notice_intent(name: str) -> str:
    """The topic of a customer who asks after a notice."""
    return f"notice_{name}"


def compiled_configuration(protocol: Protocol) -> dict[str, dict[str, Any]]:
    """By component: what it is configured with from the protocol."""
    small_talk, handed_over = _small_talk(protocol), _handed_over(protocol)
    requests = sorted(set(protocol.topics) - {*small_talk, *handed_over})
    answered = [name for name in requests if protocol.topics[name].answers]
    reader = {
        "answered": answered,
        "small_talk": small_talk,
        "handed_over": handed_over,
        "asks_for": {name: list(protocol.topics[name].asks_for) for name in requests},
    }
    return {
        CONTINGENCY_POLICY: plan(protocol),
        OFFER_POLICY: {"topics": requests, "plain": answered},
        CONTEXT_READER: reader,
        DATES_EXTRACTOR: {"time_zone": protocol.company.hours.time_zone},
        TOPIC_CLASSIFIER: {"no_requests": sorted({*small_talk, *STEERING, *INTRODUCTIONS})},
    }


def plan(protocol: Protocol) -> dict[str, Any]:
    """What the contingency policy is configured with."""
    plan = json.loads(protocol.contingency.json(by_alias=True, exclude_none=True))
    answered = {name for name, topic in protocol.topics.items() if topic.answers}
    return {
        "triggers": plan["triggers"],
        "small_talk": _small_talk(protocol),
        "answered": sorted(answered - ({*_small_talk(protocol)} - {ABOUT_THE_BOT})),
        "stepwise": sorted(STEPWISE_TOPICS),
        "while_waiting": protocol.contingency.while_waiting,
        "mxn_per_usd": protocol.contingency.mxn_per_usd,
        "notices": {
            name: {
                "first_day": notice.first_day.isoformat(),
                "last_day": notice.last_day.isoformat(),
                "channels": sorted(notice.channels),
            }
            for name, notice in protocol.notices.items()
        },
        "hours": json.loads(protocol.company.hours.json()),
        "protocol": protocol.hash,
    }


def _handed_over(protocol: Protocol) -> list[str]:
    """What the plan hands to a person at once."""
    triggers = [trigger for trigger in protocol.contingency.triggers if trigger.outcome == HAND_OFF]
    return sorted({trigger.when.intent for trigger in triggers if trigger.when.intent})


def _small_talk(protocol: Protocol) -> list[str]:
    return sorted(name for name, topic in protocol.topics.items() if topic.is_small_talk)


def responses(protocol: Protocol) -> dict[str, list[Response]]:
    """Rasa's responses `utter_<name>`: answered topics, notices, words, and each channel's closing."""
    compiled: dict[str, list[Response]] = {}
    for name, topic in protocol.topics.items():
        if topic.answers:
            buttons = _buttons(protocol, topic)
            compiled[f"utter_{name}"] = _by_channel(protocol, topic.answers, topic.channels, buttons)
    for name, notice in protocol.notices.items():
        for response, text in (
            (notice_intent(name), notice.text),
            (f"{notice_intent(name)}_short", notice.short),
        ):
            texts = {language: [text.in_language(language)] for language in LANGUAGES}
            compiled[f"utter_{response}"] = _variations(protocol, texts)
    for name, wordings in protocol.words.items():
        compiled[f"utter_{name}"] = _by_channel(protocol, wordings, wordings.channels)
    compiled[f"utter_{CLOSING}"] = _closings(protocol)
    return compiled


def rules(protocol: Protocol) -> list[dict[str, Any]]:
    """One rule per topic that is simply answered, unless the plan hands it to a person at once."""
    handed_over = _handed_over(protocol)
    under_notice = {topic for notice in protocol.notices.values() for topic in notice.applies_to}
    compiled = [
        _rule(name, _answer(name, is_under_notice=name in under_notice))
        for name, topic in protocol.topics.items()
        if topic.answers and name not in handed_over
    ]
    return compiled + [
        _rule(notice_intent(name), [{"action": "action_explain_notice"}]) for name in protocol.notices
    ]


def _rule(intent: str, steps: list[Step]) -> dict[str, Any]:
    return {"rule": f"answer {intent}", "steps": [{"intent": intent}, *steps]}


def _answer(name: str, *, is_under_notice: bool) -> list[Step]:
    """Dates pass while a model is in use: whether a notice is in force is looked up when it is asked."""
    if is_under_notice:
        return [{"action": "action_answer_under_notice"}]
    closing = [{"action": f"utter_{CLOSING}"}] if name == THANK else []
    return [{"action": f"utter_{name}"}, *closing]


def _by_channel(
    protocol: Protocol,
    everywhere: Wordings,
    channels: Mapping[ChannelName, Wordings],
    buttons: Buttons | None = None,
) -> list[Response]:
    variations: list[Response] = []
    for channel, wordings in ((None, everywhere), *channels.items()):
        texts = {language: wordings.in_language(language) for language in LANGUAGES}
        variations += _variations(protocol, texts, buttons, channel)
    return variations


def _closings(protocol: Protocol) -> list[Response]:
    """The question of each channel whether all is answered; the web chat's serves where no other fits."""
    variations: list[Response] = []
    for name, channel in protocol.channels.items():
        texts = {language: [channel.closing.in_language(language)] for language in LANGUAGES}
        variations += _variations(protocol, texts, channel=None if name == "webchat" else name)
    return variations


def _variations(
    protocol: Protocol,
    texts: dict[Language, list[str]],
    buttons: Buttons | None = None,
    channel: str | None = None,
) -> list[Response]:
    """Variations that Rasa chooses from by the slot `language` and by channel, the most fitting first.

    The company's language also has one without a condition, for conversations whose language is not known.
    """
    variations: list[Response] = []
    for language in LANGUAGES:
        for text in texts[language]:
            variation: Response = {"text": text}
            if buttons and buttons[language]:
                variation["buttons"] = buttons[language]
            if channel:
                variation["channel"] = channel
            if language != protocol.company.default_language:
                variation["condition"] = [{"type": "slot", "name": "language", "value": language}]
            variations.append(variation)
    return variations


def _buttons(protocol: Protocol, topic: Topic) -> Buttons:
    return {
        language: [
            {"title": protocol.topics[reply].title.in_language(language), "payload": f"/{reply}"}
            for reply in topic.quick_replies
        ]
        for language in LANGUAGES
    }
