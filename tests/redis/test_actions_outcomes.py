"""What the plan asks for where the bot stays: kind words before the answer, a person within reach."""

from __future__ import annotations

import pytest
import redis.asyncio as redis
from builders import local_time
from dialogue import Dialogue, services_of

from actions.services import Services
from relevo.protocol import Protocol

WITHOUT_PERSON = "delivery_period"
"""A topic whose answer offers no person by itself."""


@pytest.fixture
def services(redis_client: redis.Redis, protocol: Protocol) -> Services:
    return services_of(redis_client, protocol)


def frustrated(services: Services, topic: str, **values: str) -> Dialogue:
    dialogue = Dialogue(services, **values).customer("otra vez lo mismo…", topic, tone="frustrated")  # type: ignore[arg-type]
    dialogue.slots |= {"contingency_trigger": "first_frustration", "contingency_explanation": "{}"}
    return dialogue


async def test_kind_words_come_before_the_answer_and_a_person_is_a_button_away(services: Services) -> None:
    dialogue = frustrated(services, WITHOUT_PERSON)
    reply = await dialogue.run("action_answer_and_stay")
    topic = services.protocol.topics[WITHOUT_PERSON]
    assert reply.texts[0] in services.protocol.words["acknowledge_frustration"].es
    assert topic.answers is not None
    assert reply.texts[1] in topic.answers.es
    offered = [button["payload"] for button in reply.messages[1]["buttons"]]
    assert offered == [*(f"/{name}" for name in topic.quick_replies[:2]), "/contact_human_agent"]
    assert dialogue.slots["contingency_trigger"] is None
    assert dialogue.slots["contingency_explanation"] is None
    assert await services.queue.open_cases() == []


async def test_button_that_the_answer_has_is_not_doubled(services: Services, protocol: Protocol) -> None:
    topic = next(
        name
        for name, topic in protocol.topics.items()
        if "contact_human_agent" in topic.quick_replies and topic.answers and not topic.is_small_talk
    )
    reply = await frustrated(services, topic).run("action_answer_and_stay")
    assert reply.responses == ["acknowledge_frustration", topic], "the answer comes with its own buttons"
    assert reply.messages[1]["buttons"] == []


async def test_buttons_speak_the_customers_language(services: Services) -> None:
    reply = await frustrated(services, WITHOUT_PERSON, language="en").run("action_answer_and_stay")
    topics = services.protocol.topics
    assert reply.messages[1]["buttons"][-1]["title"] == topics["contact_human_agent"].title.en
    assert topics[WITHOUT_PERSON].answers and reply.texts[1] in topics[WITHOUT_PERSON].answers.en


async def test_message_that_is_handled_again_gets_the_same_wording(services: Services) -> None:
    first, again = [await frustrated(services, WITHOUT_PERSON).run("action_answer_and_stay") for _ in "ab"]
    assert first.texts[1] == again.texts[1]


async def test_what_is_not_understood_is_asked_again_with_kind_words(services: Services) -> None:
    reply = await frustrated(services, "nlu_fallback").run("action_answer_and_stay")
    assert reply.responses == ["acknowledge_frustration", "not_understood"]


async def test_rule_that_binds_the_topic_still_comes_before_the_service(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    name, notice = next((name, notice) for name, notice in protocol.notices.items() if notice.applies_to)
    in_force = services_of(redis_client, protocol, local_time("2026-12-01 12:00"))
    reply = await frustrated(in_force, notice.applies_to[0]).run("action_answer_and_stay")
    assert reply.responses == ["acknowledge_frustration", f"notice_{name}_short"]
    answers = protocol.topics[notice.applies_to[0]].answers
    assert answers
    assert reply.texts[2] in answers.es


@pytest.mark.parametrize(
    ("topic", "action"),
    [
        ("complaint", "action_start_complaint"),
        ("check_case", "action_start_case_check"),
        ("schedule_follow_up", "action_start_follow_up"),
    ],
)
async def test_what_is_taken_up_step_by_step_begins_with_kind_words(
    services: Services, topic: str, action: str
) -> None:
    dialogue = frustrated(services, topic)
    assert (await dialogue.run(action)).responses == ["acknowledge_frustration"]
    assert dialogue.slots["contingency_trigger"] is None
    assert (await dialogue.run(action)).responses == [], "only where a trigger has fired"


async def test_moving_a_follow_up_begins_with_kind_words(services: Services) -> None:
    reply = await frustrated(services, "change_follow_up").run("action_start_follow_up_change")
    assert reply.responses == ["acknowledge_frustration", "no_follow_up"]


async def test_follow_up_is_offered_with_a_button(services: Services) -> None:
    dialogue = Dialogue(services).customer("¿a qué hora abren?", "opening_hours")
    dialogue.slots["contingency_trigger"] = "nobody_available"
    reply = await dialogue.run("action_offer_follow_up")
    assert reply.responses == ["offer_follow_up_nobody"]
    assert [button["payload"] for button in reply.messages[0]["buttons"]] == ["/schedule_follow_up"]


async def test_trigger_of_another_protocol_leaves_the_answer_alone(services: Services) -> None:
    dialogue = frustrated(services, "warranty")
    dialogue.slots["contingency_trigger"] = "no_longer_in_the_plan"
    assert (await dialogue.run("action_answer_and_stay")).responses == ["warranty"]
