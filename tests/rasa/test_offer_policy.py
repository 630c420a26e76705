"""The offer of a second topic on Rasa's trackers: when the first is done, once, and below the plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import ROOT
from protocols import DEMO
from rasa.core.policies.ensemble import DefaultPolicyPredictionEnsemble
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from relevo.dialogue.offer_policy import OFFER, OfferPolicy, last_actions
from relevo.protocol import load_protocol
from relevo.protocol.importer import OFFER_POLICY, compiled_configuration, responses

CONTEXT = ExecutionContext(GraphSchema({}))
LISTEN = "action_listen"
RULES = [
    ["utter_cancel_order"],
    ["utter_thank", "utter_closing"],
    ["action_start_complaint", "complaint_form"],
    ["complaint_form", "action_file_complaint"],
]


@pytest.fixture(scope="module")
def domain() -> Domain:
    told = Domain.from_dict({"responses": responses(load_protocol(DEMO))})
    return Domain.load(str(ROOT / "domain.yml")).merge(told)


@pytest.fixture
def policy(domain: Domain, tmp_path: Path) -> OfferPolicy:
    """Trained, kept and loaded."""
    compiled = compiled_configuration(load_protocol(DEMO))[OFFER_POLICY]
    config = {**OfferPolicy.get_default_config(), **compiled}
    storage, resource = LocalModelStorage(tmp_path), Resource("offer")
    OfferPolicy(config, storage, resource, CONTEXT).train([rule(*actions) for actions in RULES], domain)  # type: ignore[misc]
    return OfferPolicy.load(config, storage, resource, CONTEXT)


def rule(*actions: str) -> Any:
    return DialogueStateTracker.from_events(
        "r", [ActionExecuted(name) for name in (LISTEN, *actions, LISTEN)]
    )


def says(topic: str, also_asked: str | None = None) -> list[Event]:
    intent = {"name": topic, "confidence": 0.9}
    parsed: Any = {"intent": intent, "entities": [], "also_asked": also_asked}
    return [ActionExecuted(LISTEN), UserUttered("…", intent, [], parsed)]


def does(*actions: str) -> list[Event]:
    return [event for name in actions for event in (ActionExecuted(name), BotUttered("…"))]


BOTH = [*says("cancel_order", "get_refund"), *does("utter_cancel_order")]
FORM_OPENS = [*does("action_start_complaint"), ActionExecuted("complaint_form"), ActiveLoop("complaint_form")]
FORM_ENDS: list[Event] = [ActionExecuted("complaint_form"), ActiveLoop(None)]


def predicted(policy: OfferPolicy, domain: Domain, *events: Event) -> PolicyPrediction:
    tracker = DialogueStateTracker.from_events("c1", list(events), domain.slots, domain=domain)
    return policy.predict_action_probabilities(tracker, domain)


def action(prediction: PolicyPrediction, domain: Domain) -> str | None:
    if prediction.max_confidence == 0:
        return None
    return str(domain.action_names_or_texts[prediction.max_confidence_index])


def test_last_actions_are_those_after_which_rules_listen() -> None:
    found = last_actions([rule(*actions) for actions in RULES])
    assert found == {"utter_cancel_order", "utter_closing", "action_file_complaint"}


def test_second_topic_is_offered_when_the_first_is_answered(policy: OfferPolicy, domain: Domain) -> None:
    prediction = predicted(policy, domain, *BOTH)
    assert action(prediction, domain) == OFFER
    assert prediction.optional_events == [SlotSet("offered_topic", "get_refund")]


def test_bot_listens_after_the_offer(policy: OfferPolicy, domain: Domain) -> None:
    offered = [*BOTH, SlotSet("offered_topic", "get_refund"), *does(OFFER)]
    assert action(predicted(policy, domain, *offered), domain) == LISTEN


@pytest.mark.parametrize("answer", ["utter_cancel_order", "action_answer_and_stay"])
@pytest.mark.parametrize(
    ("topic", "start", "form"),
    [
        ("complaint", "action_start_complaint", "complaint_form"),
        ("schedule_follow_up", "action_start_follow_up", "follow_up_form"),
    ],
)
def test_complaint_or_contact_begins_at_once_after_a_plain_answer(
    policy: OfferPolicy, domain: Domain, answer: str, topic: str, start: str, form: str
) -> None:
    answered = [*says("cancel_order", topic), *does(answer)]
    assert action(predicted(policy, domain, *answered), domain) == start
    begun = [*answered, *does(start)]
    assert action(predicted(policy, domain, *begun), domain) == form


def test_what_is_begun_at_once_is_begun_once(policy: OfferPolicy, domain: Domain) -> None:
    opened = [*says("cancel_order", "complaint"), *does("utter_cancel_order"), *FORM_OPENS]
    filed = [*does("action_file_complaint")]
    all_told = [*opened, ActiveLoop(None), *filed]
    assert action(predicted(policy, domain, *all_told), domain) is None
    answered = [*opened, *says("nlu_fallback"), *FORM_ENDS, *filed]
    assert action(predicted(policy, domain, *answered), domain) is None


def test_complaint_after_another_form_is_offered(policy: OfferPolicy, domain: Domain) -> None:
    events = [*says("check_case", "complaint"), *does("utter_cancel_order")]
    assert action(predicted(policy, domain, *events), domain) == OFFER


def test_bot_listens_after_kind_words_and_an_answer(policy: OfferPolicy, domain: Domain) -> None:
    events = [*says("cancel_order"), *does("action_answer_and_stay")]
    assert action(predicted(policy, domain, *events), domain) == LISTEN


def test_nothing_is_offered_after_a_message_that_asked_for_one_thing(
    policy: OfferPolicy, domain: Domain
) -> None:
    one = [*says("cancel_order"), *does("utter_cancel_order")]
    assert action(predicted(policy, domain, *one), domain) is None
    later = [*BOTH, *does(OFFER), *says("cancel_order"), *does("utter_cancel_order")]
    assert action(predicted(policy, domain, *later), domain) is None


def test_nothing_is_offered_before_the_answer(policy: OfferPolicy, domain: Domain) -> None:
    assert action(predicted(policy, domain, *says("cancel_order", "get_refund")), domain) is None
    begun = [*says("thank", "get_refund"), *does("utter_thank")]
    assert action(predicted(policy, domain, *begun), domain) is None


def test_form_runs_to_its_end_first(policy: OfferPolicy, domain: Domain) -> None:
    opened = [*says("complaint", "get_refund"), *FORM_OPENS]
    assert action(predicted(policy, domain, *opened), domain) is None
    answered = [*opened, *says("nlu_fallback"), *FORM_ENDS]
    assert action(predicted(policy, domain, *answered), domain) is None
    filed = [*answered, *does("action_file_complaint")]
    assert action(predicted(policy, domain, *filed), domain) == OFFER


@pytest.mark.parametrize("topic", ["contact_human_agent", "notice_christmas", "greet", "repeat"])
def test_what_has_no_answer_of_its_own_is_not_offered(
    policy: OfferPolicy, domain: Domain, topic: str
) -> None:
    events = [*says("cancel_order", topic), *does("utter_cancel_order")]
    assert action(predicted(policy, domain, *events), domain) is None


def test_offer_outranks_listening(policy: OfferPolicy, domain: Domain) -> None:
    tracker = DialogueStateTracker.from_events("c1", BOTH, domain.slots, domain=domain)
    ours = policy.predict_action_probabilities(tracker, domain)
    listening = PolicyPrediction.for_action_name(domain, LISTEN, RulePolicy.__name__, 1.0)
    listening.policy_priority = RulePolicy.get_default_config()["priority"]
    winner = DefaultPolicyPredictionEnsemble().combine_predictions_from_kwargs(
        tracker, domain, a=ours, b=listening
    )
    assert action(winner, domain) == OFFER
