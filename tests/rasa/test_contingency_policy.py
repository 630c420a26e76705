"""The contingency policy on Rasa's trackers: it outranks the rest, listens, and forgets after a hand-off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import ROOT
from protocols import DEMO
from rasa.core.policies.ensemble import DefaultPolicyPredictionEnsemble
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from relevo.dialogue.contingency_policy import HAND_OFF, ContingencyPolicy
from relevo.protocol import load_protocol
from relevo.protocol.importer import plan, responses
from relevo.protocol.opening_hours import WEEKDAYS

CONTEXT = ExecutionContext(GraphSchema({}))
CONFIGURED = {
    policy["name"]: policy for policy in yaml.safe_load((ROOT / "config.yml").read_text())["policies"]
}
LISTEN = "action_listen"


@pytest.fixture(scope="module")
def domain() -> Domain:
    told = Domain.from_dict({"responses": responses(load_protocol(DEMO))})
    return Domain.load(str(ROOT / "domain.yml")).merge(told)


@pytest.fixture
def policy(tmp_path: Path) -> ContingencyPolicy:
    return configured(tmp_path, **plan(load_protocol(DEMO)))


def configured(folder: Path, **compiled: Any) -> ContingencyPolicy:
    """The policy as `config.yml` and the importer configure it."""
    config = {
        **ContingencyPolicy.get_default_config(),
        **CONFIGURED[f"{ContingencyPolicy.__module__}.ContingencyPolicy"],
    }
    storage = LocalModelStorage(folder)
    return ContingencyPolicy({**config, **compiled}, storage, Resource("contingency"), CONTEXT)


def a_trigger(trigger_id: str, when: dict[str, Any], outcome: str = "hand_off") -> dict[str, Any]:
    """A trigger as the importer compiles it."""
    text = {"en": "x", "es": "x"}
    return {
        "id": trigger_id,
        "title": text,
        "when": when,
        "outcome": outcome,
        "words": "passing",
        "guidance": text,
    }


def says(
    topic: str = "nlu_fallback", confidence: float = 0.9, tone: str = "calm", channel: str = "webchat"
) -> list[Event]:
    """The bot listens, and the customer says something."""
    intent = {"name": topic, "confidence": confidence}
    parsed: Any = {"intent": intent, "tone": {"name": tone}, "entities": []}
    return [ActionExecuted(LISTEN), UserUttered("…", intent, [], parsed, input_channel=channel)]


def answers(name: str = "utter_not_understood") -> list[Event]:
    return [ActionExecuted(name), BotUttered("…")]


def form_asks(form: str = "complaint_form") -> list[Event]:
    """A form opens and asks its first question."""
    return [ActionExecuted(form), ActiveLoop(form), SlotSet("requested_slot", "complaint_description")]


def predicted(policy: ContingencyPolicy, domain: Domain, *events: list[Event]) -> PolicyPrediction:
    return policy.predict_action_probabilities(tracker_of(domain, *events), domain)


def tracker_of(domain: Domain, *events: list[Event]) -> DialogueStateTracker:
    flat = [event for some in events for event in some]
    return DialogueStateTracker.from_events("c1", flat, domain.slots, domain=domain)


def action(prediction: PolicyPrediction, domain: Domain) -> str | None:
    """What the policy wants; None if it has no opinion."""
    if prediction.max_confidence == 0:
        return None
    return str(domain.action_names_or_texts[prediction.max_confidence_index])


def trigger(prediction: PolicyPrediction) -> str | None:
    """The trigger that the action will find in its slot."""
    found = [e.value for e in prediction.optional_events or [] if isinstance(e, SlotSet)]
    return found[0] if found else None


def test_calm_question_is_left_to_the_rules(policy: ContingencyPolicy, domain: Domain) -> None:
    assert action(predicted(policy, domain, says("greet")), domain) is None


def test_customer_who_asks_for_a_person_is_handed_over_with_the_reason(
    policy: ContingencyPolicy, domain: Domain
) -> None:
    prediction = predicted(policy, domain, says("contact_human_agent"))
    assert action(prediction, domain) == HAND_OFF
    assert prediction.max_confidence == 1.0
    assert trigger(prediction) == "asks_for_person"


def test_tone_of_the_parse_is_heard(policy: ContingencyPolicy, domain: Domain) -> None:
    prediction = predicted(policy, domain, says("track_order", tone="angry"))
    assert (action(prediction, domain), trigger(prediction)) == (HAND_OFF, "anger")


def test_message_without_a_tone_is_calm(policy: ContingencyPolicy, domain: Domain) -> None:
    unread = UserUttered("hola", {"name": "greet", "confidence": 1.0})
    assert action(predicted(policy, domain, [ActionExecuted(LISTEN), unread]), domain) is None


def test_hand_off_outranks_an_open_form(policy: ContingencyPolicy, domain: Domain) -> None:
    tracker = tracker_of(domain, says("complaint"), form_asks(), says("contact_human_agent"))
    ours = policy.predict_action_probabilities(tracker, domain)
    the_forms = PolicyPrediction.for_action_name(domain, "complaint_form", RulePolicy.__name__, 1.0)
    the_forms.policy_priority = RulePolicy.get_default_config()["priority"]
    the_forms.is_no_user_prediction = True
    ensemble = DefaultPolicyPredictionEnsemble()
    for order in ([ours, the_forms], [the_forms, ours]):
        winner = ensemble.combine_predictions_from_kwargs(tracker, domain, a=order[0], b=order[1])
        assert action(winner, domain) == HAND_OFF


def test_form_goes_on_while_the_customer_answers(policy: ContingencyPolicy, domain: Domain) -> None:
    story = [says("complaint"), form_asks()]
    assert action(predicted(policy, domain, *story, says(), says()), domain) is None
    unsure = says("contact_human_agent", confidence=0.3)
    assert action(predicted(policy, domain, *story, unsure), domain) is None


def test_bot_listens_after_the_hand_off(policy: ContingencyPolicy, domain: Domain) -> None:
    prediction = predicted(policy, domain, says("contact_human_agent"), [ActionExecuted(HAND_OFF)])
    assert action(prediction, domain) == LISTEN
    assert trigger(prediction) is None


def test_bot_listens_after_a_hand_off_that_left_a_form(policy: ContingencyPolicy, domain: Domain) -> None:
    left = [ActionExecuted(HAND_OFF), BotUttered("…"), ActiveLoop(None), SlotSet("requested_slot", None)]
    prediction = predicted(policy, domain, says("complaint"), form_asks(), says("contact_human_agent"), left)
    assert action(prediction, domain) == LISTEN


def test_second_misunderstanding_in_a_row_is_handed_over(policy: ContingencyPolicy, domain: Domain) -> None:
    assert action(predicted(policy, domain, says()), domain) is None
    prediction = predicted(policy, domain, says(), answers(), says())
    assert (action(prediction, domain), trigger(prediction)) == (HAND_OFF, "not_understood")


def test_misunderstandings_apart_stay_with_the_bot(policy: ContingencyPolicy, domain: Domain) -> None:
    story = [says(), answers(), says("greet"), answers("utter_greet"), says()]
    assert action(predicted(policy, domain, *story), domain) is None


def test_messages_before_a_hand_off_do_not_count(policy: ContingencyPolicy, domain: Domain) -> None:
    handed_over = [says(), answers(), says(), [ActionExecuted(HAND_OFF), ConversationPaused()]]
    given_back: list[Event] = [ConversationResumed(), BotUttered("Soy Luz otra vez")]
    prediction = predicted(policy, domain, *handed_over, given_back, says())
    assert action(prediction, domain) is None
    prediction = predicted(policy, domain, *handed_over, given_back, says(), answers(), says())
    assert trigger(prediction) == "not_understood"


def test_answers_in_a_form_that_is_over_do_not_count(policy: ContingencyPolicy, domain: Domain) -> None:
    filled: list[Event] = [ActionExecuted("complaint_form"), ActiveLoop(None), SlotSet("form_failures", 0)]
    story = [says("complaint"), form_asks(), says(), says(), filled, answers("action_file_complaint"), says()]
    assert action(predicted(policy, domain, *story), domain) is None


def test_form_that_ended_by_failures_is_handed_over(policy: ContingencyPolicy, domain: Domain) -> None:
    failed: list[Event] = [
        ActionExecuted("complaint_form"),
        SlotSet("form_failures", 2),
        ActiveLoop(None),
        SlotSet("requested_slot", None),
    ]
    prediction = predicted(policy, domain, says("complaint"), form_asks(), says(), says(), failed)
    assert (action(prediction, domain), trigger(prediction)) == (HAND_OFF, "not_understood")


def test_form_that_ended_well_is_left_to_the_rules(policy: ContingencyPolicy, domain: Domain) -> None:
    filled: list[Event] = [ActionExecuted("complaint_form"), SlotSet("form_failures", 0), ActiveLoop(None)]
    prediction = predicted(policy, domain, says("complaint"), form_asks(), says(), filled)
    assert action(prediction, domain) is None


def test_trained_policy_is_loaded_with_the_plan_of_its_model(
    policy: ContingencyPolicy, domain: Domain, tmp_path: Path
) -> None:
    storage = LocalModelStorage(tmp_path)
    resource = policy.train([], domain)
    loaded = ContingencyPolicy.load(policy.config, storage, resource, CONTEXT)
    assert trigger(predicted(loaded, domain, says("self_harm"))) == "self_harm"


def test_policy_without_a_plan_has_no_opinion(domain: Domain, tmp_path: Path) -> None:
    config = ContingencyPolicy.get_default_config()
    planless = ContingencyPolicy(config, LocalModelStorage(tmp_path), Resource("contingency"), CONTEXT)
    assert action(predicted(planless, domain, says("self_harm", tone="threat")), domain) is None


# --- what the plan is asked to decide ----------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["answer_and_stay", "offer_follow_up", "reopen_as_claim", "escalate"])
def test_outcome_other_than_a_hand_off_leaves_the_turn_to_the_rules(
    domain: Domain, tmp_path: Path, outcome: str
) -> None:
    stays = a_trigger("stays", {"intent": "warranty"}, outcome)
    asks = a_trigger("asks", {"intent": "contact_human_agent"})
    policy = configured(tmp_path, triggers=[stays, asks])
    assert action(predicted(policy, domain, says("warranty")), domain) is None
    assert action(predicted(policy, domain, says("contact_human_agent")), domain) == HAND_OFF


def test_form_that_failed_is_left_to_the_rules_where_the_plan_says_to_stay(
    domain: Domain, tmp_path: Path
) -> None:
    policy = configured(tmp_path, triggers=[a_trigger("stays", {"misunderstandings": 2}, "answer_and_stay")])
    failed: list[Event] = [ActionExecuted("complaint_form"), SlotSet("form_failures", 2), ActiveLoop(None)]
    prediction = predicted(policy, domain, says("complaint"), form_asks(), says(), says(), failed)
    assert action(prediction, domain) is None


@pytest.mark.parametrize(
    ("weekly", "fires"),
    [({day: ["00:00-24:00"] for day in WEEKDAYS}, "while_open"), ({}, "while_closed")],
)
def test_opening_hours_of_the_company_decide(
    domain: Domain, tmp_path: Path, weekly: dict[str, list[str]], fires: str
) -> None:
    triggers = [a_trigger(f"while_{opening}", {"opening": opening}) for opening in ("open", "closed")]
    hours = {"time_zone": "America/Mexico_City", "holidays": [], "weekly": weekly}
    policy = configured(tmp_path, triggers=triggers, hours=hours)
    assert trigger(predicted(policy, domain, says("track_order"))) == fires


def test_opening_without_hours_in_the_model_fires_nothing(domain: Domain, tmp_path: Path) -> None:
    triggers = [a_trigger(f"while_{opening}", {"opening": opening}) for opening in ("open", "closed")]
    policy = configured(tmp_path, triggers=triggers, hours=None)
    assert action(predicted(policy, domain, says("track_order")), domain) is None


@pytest.mark.parametrize(("channel", "wanted"), [("whatsapp", HAND_OFF), ("webchat", None)])
def test_channel_is_the_one_the_message_came_by(
    domain: Domain, tmp_path: Path, channel: str, wanted: str | None
) -> None:
    policy = configured(tmp_path, triggers=[a_trigger("here", {"channel": "whatsapp"})])
    assert action(predicted(policy, domain, says("track_order", channel=channel)), domain) == wanted


def test_topic_that_is_asked_a_third_time_is_handed_over(policy: ContingencyPolicy, domain: Domain) -> None:
    asked = [says("warranty"), answers("utter_warranty")]
    assert action(predicted(policy, domain, *asked, says("warranty")), domain) is None
    prediction = predicted(policy, domain, *asked, *asked, says("warranty"))
    assert (action(prediction, domain), trigger(prediction)) == (HAND_OFF, "same_topic_again")


def test_small_talk_is_never_handed_over_for_being_repeated(
    policy: ContingencyPolicy, domain: Domain
) -> None:
    thanks = [says("thank"), answers("utter_thank")]
    assert action(predicted(policy, domain, *thanks * 5, says("thank")), domain) is None


def test_topics_asked_before_a_hand_off_are_not_asked_again(
    policy: ContingencyPolicy, domain: Domain
) -> None:
    asked = [says("warranty"), answers("utter_warranty")]
    handed_over = [says("contact_human_agent"), [ActionExecuted(HAND_OFF), ConversationPaused()]]
    given_back: list[Event] = [ConversationResumed(), BotUttered("Soy Luz otra vez")]
    prediction = predicted(policy, domain, *asked, *asked, *handed_over, given_back, says("warranty"))
    assert action(prediction, domain) is None


def test_frustration_that_stays_is_handed_over(policy: ContingencyPolicy, domain: Domain) -> None:
    first = [says("track_order", tone="frustrated"), answers("utter_track_order")]
    assert action(predicted(policy, domain, *first), domain) is None
    prediction = predicted(policy, domain, *first, says("delivery_period", tone="frustrated"))
    assert (action(prediction, domain), trigger(prediction)) == (HAND_OFF, "frustration")
