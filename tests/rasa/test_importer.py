"""The importer: what the protocol's folder becomes in Rasa's domain, rules and configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy
import pytest
from builders import ROOT
from protocols import DEMO, edit, smallest_protocol
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.training_data.structures import RuleStep

from relevo.protocol import LANGUAGES, Language, Protocol, load_protocol
from relevo.protocol.importer import (
    CONTEXT_READER,
    CONTINGENCY_POLICY,
    OFFER_POLICY,
    TOPIC_CLASSIFIER,
    ProtocolImporter,
)
from relevo.protocol.opening_hours import OpeningHours
from relevo.protocol.parts.channels import ChannelName
from relevo.protocol.parts.contingency import Trigger

Import = Callable[[Path], ProtocolImporter]
DRAWS = 30
"""Enough for each of a few wordings to be chosen."""


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


def rules(importer: ProtocolImporter) -> dict[str, list[str]]:
    """By intent: the actions that answer it."""
    steps = [step for step in importer.get_stories().story_steps if isinstance(step, RuleStep)]
    return dict(_answer(step.events) for step in steps)


def _answer(events: list[Any]) -> tuple[str, list[str]]:
    (said,) = [event.intent["name"] for event in events if isinstance(event, UserUttered)]
    done = [str(event.action_name) for event in events if isinstance(event, ActionExecuted)]
    return said, [name for name in done if name.startswith(("utter_", "action_")) and name != "action_listen"]


def plan_of(importer: ProtocolImporter) -> dict[str, Any]:
    """What the configuration says to the contingency policy."""
    (policy,) = [p for p in importer.get_config()["policies"] if p["name"] == CONTINGENCY_POLICY]
    return dict(policy)


def said(importer: ProtocolImporter, response: str, channel: str, language: Language | None) -> set[str]:
    """All that the bot may say as a response, as Rasa's own generator chooses."""
    generator = TemplatedNaturalLanguageGenerator(responses(importer))
    numpy.random.seed(1)
    answers = [
        generator.generate_from_slots(f"utter_{response}", {"language": language}, channel)
        for _ in range(DRAWS)
    ]
    assert all(answers), f"nothing is said as {response} on {channel}"
    return {answer["text"] for answer in answers if answer}


def one_more_trigger(folder: Path, when: str, outcome: str) -> None:
    """One more trigger at the end of the smallest protocol's plan."""
    with (folder / "contingency.yml").open("a", encoding="utf-8") as file:
        file.write(
            "  - id: another\n"
            "    title: {en: Another, es: Otro}\n"
            f"    when: {when}\n"
            f"    outcome: {outcome}\n"
            "    area: care\n"
            "    words: passing\n"
            "    guidance: {en: Greet, es: Saluda}\n"
        )


def test_every_wording_is_a_response_in_its_language(folder: Path, imported: Import) -> None:
    in_english = [{"type": "slot", "name": "language", "value": "en"}]
    assert responses(imported(folder))["utter_passing"] == [
        {"text": "I pass you on.", "condition": in_english},
        {"text": "Te paso."},
        {"text": "Un momento."},
    ]


def test_default_language_serves_conversations_whose_language_is_unknown(
    folder: Path, imported: Import
) -> None:
    assert said(imported(folder), "hours", "webchat", None) == {"De 9 a 20"}
    edit(folder / "company.yml", "default_language: es", "default_language: en")
    importer = imported(folder)
    conditions = [variation.get("condition") for variation in responses(importer)["utter_hours"]]
    assert conditions == [None, [{"type": "slot", "name": "language", "value": "es"}]]
    assert said(importer, "hours", "webchat", None) == {"From 9 to 8"}
    assert said(importer, "hours", "webchat", "es") == {"De 9 a 20"}


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
    assert rules(importer)["hours"] == ["utter_hours"]


def test_new_topic_is_one_entry_in_the_protocol(folder: Path, imported: Import) -> None:
    before = rules(imported(folder))
    (folder / "topics" / "more.yml").write_text(
        "parking:\n  title: {en: Parking, es: Estacionar}\n  answers: {en: [Free], es: [Gratis]}\n"
    )
    importer = imported(folder)
    assert rules(importer) == {**before, "parking": ["utter_parking"]}
    assert [variation["text"] for variation in responses(importer)["utter_parking"]] == ["Free", "Gratis"]


def test_topic_without_answers_is_left_to_an_action(folder: Path, imported: Import) -> None:
    importer = imported(folder)
    assert "complaint" in load_protocol(folder).topics
    assert "complaint" not in rules(importer)
    assert "utter_complaint" not in responses(importer)


def test_topic_that_the_contingency_plan_hands_over_has_no_rule(folder: Path, imported: Import) -> None:
    before = rules(imported(folder))
    one_more_trigger(folder, "{intent: hours}", "hand_off")
    importer = imported(folder)
    assert rules(importer) == {name: steps for name, steps in before.items() if name != "hours"}
    assert "utter_hours" in responses(importer)


@pytest.mark.parametrize(
    ("when", "outcome"),
    [
        ("{intent: hours}", "answer_and_stay"),
        ("{intent: hours}", "offer_follow_up"),
        ("{all: [{intent: hours}, {channel: phone}]}", "hand_off"),
        ("{again: {intent: hours, times: 2}}", "hand_off"),
    ],
)
def test_topic_that_is_not_always_handed_over_keeps_its_rule(
    folder: Path, imported: Import, when: str, outcome: str
) -> None:
    one_more_trigger(folder, when, outcome)
    assert rules(imported(folder))["hours"] == ["utter_hours"]


def test_changed_text_changes_the_answer(folder: Path, imported: Import) -> None:
    assert said(imported(folder), "hours", "webchat", "es") == {"De 9 a 20"}
    edit(folder / "topics" / "all.yml", "De 9 a 20", "De 10 a 18")
    assert said(imported(folder), "hours", "webchat", "es") == {"De 10 a 18"}


def test_wordings_are_varied(imported: Import, protocol: Protocol) -> None:
    warranty = protocol.topics["warranty"].answers
    assert warranty and len(warranty.es) > 1
    assert said(imported(DEMO), "warranty", "webchat", "es") == set(warranty.es)


# --- by channel --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", get_args(ChannelName))
def test_each_channel_hears_its_own_answer_or_else_the_general_one(
    imported: Import, protocol: Protocol, channel: ChannelName, language: Language
) -> None:
    importer = imported(DEMO)
    varied = {name: topic for name, topic in protocol.topics.items() if topic.channels}
    assert varied
    for name, topic in varied.items():
        wordings = topic.channels.get(channel) or topic.answers
        assert wordings
        assert said(importer, name, channel, language) == set(wordings.in_language(language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", ["webchat", "email"])
def test_each_channel_hears_its_own_words_or_else_the_general_ones(
    imported: Import, protocol: Protocol, channel: ChannelName, language: Language
) -> None:
    importer = imported(DEMO)
    for name in ("stopped", "ask_complaint_order", "hand_off_person", "not_understood"):
        words = protocol.words[name]
        assert "email" in words.channels
        spoken = words.channels["email"] if channel == "email" else words
        assert said(importer, name, channel, language) == set(spoken.in_language(language))


def test_answer_of_a_channel_has_the_topics_buttons(imported: Import, protocol: Protocol) -> None:
    replies = protocol.topics["delivery_options"].quick_replies
    own = [v for v in responses(imported(DEMO))["utter_delivery_options"] if v.get("channel") == "whatsapp"]
    assert own and replies
    for variation in own:
        assert [button["payload"] for button in variation["buttons"]] == [f"/{reply}" for reply in replies]


@pytest.mark.parametrize("language", LANGUAGES)
def test_thanks_are_followed_by_the_channels_closing(
    imported: Import, protocol: Protocol, language: Language
) -> None:
    importer = imported(DEMO)
    assert rules(importer)["thank"] == ["utter_thank", "utter_closing"]
    for name, channel in protocol.channels.items():
        assert said(importer, "closing", name, language) == {channel.closing.in_language(language)}
    unknown = said(importer, "closing", "carrier_pigeon", language)
    assert unknown == {protocol.channels["webchat"].closing.in_language(language)}


def test_goodbye_has_no_closing_question(imported: Import) -> None:
    assert rules(imported(DEMO))["goodbye"] == ["utter_goodbye"]


# --- notices -----------------------------------------------------------------------------------------------


def test_notice_is_recognised_by_the_protocols_own_examples(imported: Import, protocol: Protocol) -> None:
    importer = imported(DEMO)
    for name, notice in protocol.notices.items():
        assert f"notice_{name}" in importer.get_domain().intents
        examples = [
            message.get("text")
            for message in importer.get_nlu_data().training_examples
            if message.get("intent") == f"notice_{name}"
        ]
        assert examples == [*notice.asked_as.en, *notice.asked_as.es]


@pytest.mark.parametrize("language", LANGUAGES)
def test_notice_that_is_asked_after_is_looked_up_and_told_in_full(
    imported: Import, protocol: Protocol, language: Language
) -> None:
    importer = imported(DEMO)
    for name, notice in protocol.notices.items():
        assert rules(importer)[f"notice_{name}"] == ["action_explain_notice"]
        assert said(importer, f"notice_{name}", "webchat", language) == {notice.text.in_language(language)}
        short = said(importer, f"notice_{name}_short", "webchat", language)
        assert short == {notice.short.in_language(language)}


def test_topics_under_a_notice_are_answered_by_the_action_that_knows_the_date(
    imported: Import, protocol: Protocol
) -> None:
    importer = imported(DEMO)
    bound = {topic for notice in protocol.notices.values() for topic in notice.applies_to}
    assert bound == {"delivery_options", "delivery_period", "track_order"}
    found = rules(importer)
    assert {topic for topic, actions in found.items() if actions == ["action_answer_under_notice"]} == bound
    assert {f"utter_{topic}" for topic in bound} <= set(responses(importer))


def test_protocol_without_notices_binds_no_topic_and_adds_no_utterances(
    folder: Path, imported: Import
) -> None:
    importer = imported(folder)
    assert importer.get_nlu_data().is_empty()
    assert not any(name.startswith("notice_") for name in rules(importer))
    assert not any("action_answer_under_notice" in actions for actions in rules(importer).values())


# --- the configuration -------------------------------------------------------------------------------------


def test_contingency_plan_is_in_the_configuration_of_its_policy(imported: Import, protocol: Protocol) -> None:
    plan = plan_of(imported(DEMO))
    assert [Trigger(**trigger) for trigger in plan["triggers"]] == protocol.contingency.triggers
    assert OpeningHours(**plan["hours"]) == protocol.company.hours
    assert {"greet", "thank"} <= set(plan["small_talk"])
    assert set(plan["small_talk"]) == {name for name, t in protocol.topics.items() if t.is_small_talk}
    assert plan["protocol"] == protocol.hash


def test_changed_plan_changes_the_configuration_so_that_rasa_trains_again(
    folder: Path, imported: Import
) -> None:
    before = plan_of(imported(folder))
    edit(folder / "contingency.yml", "{intent: contact_human_agent}", "{tone: angry}")
    after = plan_of(imported(folder))
    assert before["triggers"][0]["when"] == {"intent": "contact_human_agent"}
    assert after["triggers"][0]["when"] == {"tone": "angry"}


def test_policy_knows_what_it_may_answer_and_which_notices_there_are(
    imported: Import, protocol: Protocol
) -> None:
    plan = plan_of(imported(DEMO))
    answered = set(plan["answered"])
    assert {"track_order", "warranty", "bot_challenge"} <= answered
    assert answered & {"greet", "thank", "deny", "out_of_scope", "complaint", "contact_human_agent"} == set()
    assert (plan["while_waiting"], plan["mxn_per_usd"]) == ("answer", protocol.contingency.mxn_per_usd)
    assert plan["notices"].keys() == protocol.notices.keys()


def test_changed_hours_change_the_configuration_too(folder: Path, imported: Import) -> None:
    before = plan_of(imported(folder))
    edit(folder / "company.yml", "16:00-20:00", "16:00-21:00")
    after = plan_of(imported(folder))
    assert before["hours"]["weekly"]["monday"] == ["09:00-14:00", "16:00-20:00"]
    assert after["hours"]["weekly"]["monday"] == ["09:00-14:00", "16:00-21:00"]


def test_topics_of_the_protocol_are_in_the_configuration_of_what_reads_and_offers(
    folder: Path, imported: Import
) -> None:
    config = imported(folder).get_config()
    components = {c["name"]: c for c in (*config["pipeline"], *config["policies"])}
    reader, offers = components[CONTEXT_READER], components[OFFER_POLICY]
    assert "hours" in reader["answered"]
    assert "complaint" in offers["topics"]
    assert "complaint" not in reader["answered"]
    assert reader["handed_over"] == ["contact_human_agent"]
    assert "contact_human_agent" not in offers["topics"]
    assert {"change_language", "repeat", "stop"} <= set(components[TOPIC_CLASSIFIER]["no_requests"])


def test_what_an_answer_asks_for_is_known_to_the_reader(folder: Path, imported: Import) -> None:
    edit(folder / "topics" / "all.yml", "  quick_replies: [hours]", "  asks_for: [order_number]")
    config = imported(folder).get_config()
    (reader,) = [c for c in config["pipeline"] if c["name"] == CONTEXT_READER]
    assert reader["asks_for"]["hours"] == ["order_number"]


def test_components_that_read_examples_of_their_own_know_them_by_a_digest(imported: Import) -> None:
    components = [c for c in imported(DEMO).get_config()["pipeline"] if "examples" in c]
    assert {component["examples"] for component in components} == {"data/nlu", "data/tone"}
    assert len({component["examples_digest"] for component in components}) == 2


def test_importer_without_a_configuration_adds_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEVO_PROTOCOL_DIR", str(folder))
    assert ProtocolImporter().get_config() == {}


def test_importer_has_no_conversation_tests_of_its_own(folder: Path, imported: Import) -> None:
    assert imported(folder).get_conversation_tests().is_empty()


def test_demo_and_the_domain_fit_together(imported: Import) -> None:
    domain = Domain.load(str(ROOT / "domain.yml")).merge(imported(DEMO).get_domain())
    topics = set(load_protocol(DEMO).topics)
    assert topics <= set(domain.intents)
    assert "utter_not_understood" in domain.responses
    assert "language" in {slot.name for slot in domain.slots}
