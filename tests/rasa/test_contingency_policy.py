"""The contingency policy on Rasa's trackers: it outranks the rest, listens, and forgets after a hand-off."""

from __future__ import annotations

import time
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

from relevo.dialogue.contingency_policy import WAITING_STEPS, ContingencyPolicy
from relevo.dialogue.heard import HAND_OFF
from relevo.protocol import load_protocol
from relevo.protocol.explanation import Explanation
from relevo.protocol.importer import plan, responses
from relevo.protocol.opening_hours import WEEKDAYS
from relevo.protocol.parts.contingency import CASES_ELSEWHERE

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
    topic: str = "nlu_fallback",
    confidence: float = 0.9,
    tone: str = "calm",
    channel: str = "webchat",
    amount: str = "",
    metadata: dict[str, Any] | None = None,
) -> list[Event]:
    """The bot listens, and the customer says something."""
    intent = {"name": topic, "confidence": confidence}
    entities = [{"entity": "amount", "value": amount}] if amount else []
    parsed: Any = {"intent": intent, "tone": {"name": tone}, "entities": entities}
    said = UserUttered("…", intent, entities, parsed, input_channel=channel, metadata=metadata)
    return [ActionExecuted(LISTEN), said]


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
    return told(prediction).get("contingency_trigger")


def told(prediction: PolicyPrediction) -> dict[str, Any]:
    """The slots that the action will find if the policy has its way."""
    return {e.key: e.value for e in prediction.optional_events or [] if isinstance(e, SlotSet)}


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


@pytest.mark.parametrize(
    ("outcome", "wanted"),
    [
        ("answer_and_stay", "action_answer_and_stay"),
        ("offer_follow_up", "action_offer_follow_up"),
        ("reopen_as_claim", None),
        ("escalate", None),
    ],
)
def test_outcome_of_the_trigger_decides_what_follows(
    domain: Domain, tmp_path: Path, outcome: str, wanted: str | None
) -> None:
    stays = a_trigger("stays", {"intent": "warranty"}, outcome)
    asks = a_trigger("asks", {"intent": "contact_human_agent"})
    policy = configured(tmp_path, triggers=[stays, asks], answered=["warranty"])
    prediction = predicted(policy, domain, says("warranty"))
    assert action(prediction, domain) == wanted
    assert trigger(prediction) == (wanted and "stays")
    assert action(predicted(policy, domain, says("contact_human_agent")), domain) == HAND_OFF


def test_first_frustration_gets_kind_words_before_the_answer(
    policy: ContingencyPolicy, domain: Domain
) -> None:
    prediction = predicted(policy, domain, says("track_order", tone="frustrated"))
    assert (action(prediction, domain), trigger(prediction)) == (
        "action_answer_and_stay",
        "first_frustration",
    )
    rephrased = predicted(policy, domain, says("nlu_fallback", tone="frustrated"))
    assert action(rephrased, domain) == "action_answer_and_stay"
    after = predicted(
        policy, domain, says("track_order", tone="frustrated"), [ActionExecuted("action_answer_and_stay")]
    )
    assert action(after, domain) is None, "OfferPolicy goes on, or listens"


def test_what_is_taken_up_step_by_step_begins_with_the_kind_words(
    policy: ContingencyPolicy, domain: Domain
) -> None:
    prediction = predicted(policy, domain, says("complaint", tone="frustrated"))
    assert action(prediction, domain) is None, "the rule's own action begins"
    assert SlotSet("contingency_trigger", "first_frustration") in prediction.events


def test_small_talk_and_answers_in_a_form_get_no_kind_words(
    policy: ContingencyPolicy, domain: Domain
) -> None:
    for story in (
        [says("greet", tone="frustrated")],
        [says("complaint"), form_asks(), says(tone="frustrated")],
    ):
        prediction = predicted(policy, domain, *story)
        assert action(prediction, domain) is None
        assert prediction.events == []


def test_hand_off_is_told_why(policy: ContingencyPolicy, domain: Domain) -> None:
    prediction = predicted(policy, domain, says("greet"), answers("utter_greet"), says(tone="angry"))
    explained = Explanation.from_json(told(prediction)["contingency_explanation"])
    assert explained is not None
    (reason,) = explained.reasons
    assert (explained.trigger, reason.when, reason.messages[0].number) == ("anger", {"tone": "angry"}, 1)
    assert reason.messages[0].at == pytest.approx(time.time(), abs=60)


# --- while a hand-off waits --------------------------------------------------------------------------------

ALWAYS = {
    "time_zone": "America/Mexico_City",
    "holidays": [],
    "weekly": {d: ["00:00-24:00"] for d in WEEKDAYS},
}
NEVER = {**ALWAYS, "weekly": {}}


def waits_for(reason: str, *, is_noted: bool = False) -> list[Event]:
    """The bot has handed over, and nobody has the case yet."""
    waiting = {"folio": "RV-0000-0001", "trigger": reason, "is_noted": is_noted}
    return [ActionExecuted(HAND_OFF), BotUttered("…"), SlotSet("waiting", waiting)]


@pytest.fixture
def at_work(tmp_path: Path) -> ContingencyPolicy:
    return configured(tmp_path, **{**plan(load_protocol(DEMO)), "hours": ALWAYS})


@pytest.fixture
def after_hours(tmp_path: Path) -> ContingencyPolicy:
    return configured(tmp_path, **{**plan(load_protocol(DEMO)), "hours": NEVER})


@pytest.mark.parametrize(
    ("topic", "tone", "wanted"),
    [
        ("deny", "calm", "action_cancel_hand_off"),
        ("stop", "calm", "action_cancel_hand_off"),
        ("deny", "angry", HAND_OFF),
        ("stop", "frustrated", "action_note_while_waiting"),
        ("contact_human_agent", "calm", "action_tell_place"),
        ("check_case", "calm", "action_tell_place"),
        ("warranty", "calm", "action_answer_while_waiting"),
        ("bot_challenge", "calm", "action_answer_while_waiting"),
        ("thank", "calm", "action_note_while_waiting"),
        ("complaint", "calm", "action_note_while_waiting"),
        ("nlu_fallback", "calm", "action_note_while_waiting"),
        ("schedule_follow_up", "calm", None),
        ("change_language", "calm", None),
        ("self_harm", "calm", HAND_OFF),
    ],
)
def test_message_of_a_customer_who_waits(
    at_work: ContingencyPolicy, domain: Domain, topic: str, tone: str, wanted: str | None
) -> None:
    story = [says("contact_human_agent"), waits_for("asks_for_person"), says(topic, tone=tone)]
    assert action(predicted(at_work, domain, *story), domain) == wanted


def test_bot_listens_after_each_word_to_a_customer_who_waits(
    at_work: ContingencyPolicy, domain: Domain
) -> None:
    for name in WAITING_STEPS.values():
        story = [waits_for("anger"), says("thank"), [ActionExecuted(name)]]
        assert action(predicted(at_work, domain, *story), domain) == LISTEN


def test_no_to_an_answer_is_no_wish_to_stop_waiting(at_work: ContingencyPolicy, domain: Domain) -> None:
    asked = [says("warranty"), answers("action_answer_while_waiting")]
    story = [waits_for("anger"), *asked, says("deny")]
    assert action(predicted(at_work, domain, *story), domain) == "action_note_while_waiting"


def test_grave_hand_off_stays_whatever_the_customer_says(at_work: ContingencyPolicy, domain: Domain) -> None:
    for grave in ("self_harm", "safety", "threat"):
        story = [waits_for(grave), says("stop")]
        assert action(predicted(at_work, domain, *story), domain) == "action_note_while_waiting"


def test_only_what_is_graver_is_handed_over_again(at_work: ContingencyPolicy, domain: Domain) -> None:
    story = [says("track_order", tone="angry"), waits_for("anger")]
    again = predicted(at_work, domain, *story, says("track_order", tone="angry"))
    assert action(again, domain) == "action_answer_while_waiting"
    graver = predicted(at_work, domain, *story, says("track_order", tone="threat"))
    assert (action(graver, domain), trigger(graver)) == (HAND_OFF, "threat")


def test_question_is_only_noted_where_the_plan_says_so(domain: Domain, tmp_path: Path) -> None:
    noting = configured(tmp_path, **{**plan(load_protocol(DEMO)), "hours": ALWAYS, "while_waiting": "note"})
    story = [waits_for("anger"), says("warranty")]
    assert action(predicted(noting, domain, *story), domain) == "action_note_while_waiting"


def test_unclear_question_is_left_to_the_person(at_work: ContingencyPolicy, domain: Domain) -> None:
    story = [waits_for("anger"), says("warranty", confidence=0.4)]
    assert action(predicted(at_work, domain, *story), domain) == "action_note_while_waiting"


@pytest.mark.parametrize(
    ("topic", "wanted"),
    [("warranty", None), ("deny", None), ("complaint", None), ("stop", "action_cancel_hand_off")],
)
def test_after_hours_the_bot_goes_on_as_ever(
    after_hours: ContingencyPolicy, domain: Domain, topic: str, wanted: str | None
) -> None:
    story = [waits_for("asks_for_person"), says(topic)]
    assert action(predicted(after_hours, domain, *story), domain) == wanted


def test_form_that_is_open_while_waiting_goes_on(at_work: ContingencyPolicy, domain: Domain) -> None:
    opened = [waits_for("anger"), says("schedule_follow_up"), form_asks("follow_up_form")]
    assert action(predicted(at_work, domain, *opened, says("deny")), domain) is None
    assert action(predicted(at_work, domain, *opened, says("self_harm")), domain) == HAND_OFF


def test_conversation_that_came_back_begins_anew(at_work: ContingencyPolicy, domain: Domain) -> None:
    with_a_person: list[Event] = [ConversationPaused(), *says(), *says(tone="angry")[1:], *says()[1:]]
    returned: list[Event] = [ConversationResumed(), SlotSet("waiting", None), BotUttered("…")]
    story = [says("contact_human_agent"), waits_for("asks_for_person"), with_a_person, returned]
    assert action(predicted(at_work, domain, *story, says()), domain) is None
    assert action(predicted(at_work, domain, *story, says("warranty")), domain) is None


# --- what else it knows ------------------------------------------------------------------------------------


def test_messages_before_the_working_window_count_where_the_whole_conversation_does(
    policy: ContingencyPolicy, domain: Domain
) -> None:
    before: list[Event] = [SlotSet("heard_before", [["out_of_scope", 7.0], ["greet", 8.0]])]
    prediction = predicted(policy, domain, before, says("out_of_scope"))
    assert (action(prediction, domain), trigger(prediction)) == (HAND_OFF, "out_of_scope_again")
    handed_over: list[Event] = [ActionExecuted(HAND_OFF), SlotSet("waiting", None)]
    prediction = predicted(policy, domain, before, handed_over, says("out_of_scope"))
    assert action(prediction, domain) is None


def test_earlier_cases_are_read_from_the_tracker(policy: ContingencyPolicy, domain: Domain) -> None:
    lately = [time.time() - 86_400, time.time() - 2 * 86_400]
    known: list[Event] = [SlotSet("earlier_cases", lately)]
    prediction = predicted(policy, domain, known, says("track_order", tone="frustrated"))
    assert (action(prediction, domain), trigger(prediction)) == (HAND_OFF, "frustration")


def test_cases_of_the_same_customer_on_another_channel_count_with_those_of_this_one(
    policy: ContingencyPolicy, domain: Domain
) -> None:
    yesterday = time.time() - 86_400
    known: list[Event] = [SlotSet("earlier_cases", [yesterday])]

    def asked(elsewhere: Any) -> str | None:
        message = says("track_order", tone="frustrated", metadata={CASES_ELSEWHERE: elsewhere})
        return action(predicted(policy, domain, known, message), domain)

    assert asked([yesterday - 5]) == HAND_OFF
    assert asked([yesterday]) != HAND_OFF, "one case that went on on another channel is one"
    assert asked([]) != HAND_OFF and asked("many") != HAND_OFF


@pytest.mark.parametrize("slot", [None, "many", 7, [None, "x"], {"a": 1}])
def test_slots_that_hold_something_else_do_no_harm(
    policy: ContingencyPolicy, domain: Domain, slot: Any
) -> None:
    odd: list[Event] = [SlotSet("earlier_cases", slot), SlotSet("waiting", slot)]
    prediction = predicted(policy, domain, odd, says("contact_human_agent"))
    assert action(prediction, domain) == HAND_OFF


@pytest.mark.parametrize(("amount", "wanted"), [("60.00 USD", HAND_OFF), ("60.00 MXN", None), ("", None)])
def test_amount_of_the_message_is_compared_by_the_plans_rate(
    domain: Domain, tmp_path: Path, amount: str, wanted: str | None
) -> None:
    policy = configured(tmp_path, triggers=[a_trigger("much", {"amount_above": 1_000})], mxn_per_usd=18.5)
    assert action(predicted(policy, domain, says("warranty", amount=amount)), domain) == wanted


@pytest.mark.parametrize(
    ("last_day", "channels", "wanted"),
    [
        ("2999-12-31", ["webchat"], HAND_OFF),
        ("2020-12-31", ["webchat"], None),
        ("2999-12-31", ["whatsapp"], None),
    ],
)
def test_notice_counts_on_its_days_and_channels(
    domain: Domain, tmp_path: Path, last_day: str, channels: list[str], wanted: str | None
) -> None:
    notice = {"first_day": "2020-01-01", "last_day": last_day, "channels": channels}
    policy = configured(
        tmp_path,
        triggers=[a_trigger("strike", {"notice": "strike"})],
        notices={"strike": notice},
        hours=ALWAYS,
    )
    assert action(predicted(policy, domain, says("warranty")), domain) == wanted


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
