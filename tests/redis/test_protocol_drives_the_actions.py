"""Changing a line of the protocol changes what the bot does: routing, targets, notices, causes, words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio as redis
import yaml
from builders import NOON, local_time
from dialogue import Dialogue, services_of
from protocols import demo_copy

from actions.services import Services
from relevo.cases.case import Case
from relevo.protocol import Protocol, load_protocol

BROKEN = "el sillón llegó roto y muy sucio"
IN_FORCE = local_time("2026-12-01 12:00")
OVER = local_time("2027-06-01 12:00")


def changed(folder: Path, part: str, *steps: Any) -> Protocol:
    """The demo protocol with one value of one file changed: the steps lead to it, the last is the value."""
    copy = demo_copy(folder)
    file = copy / f"{part}.yml"
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    *path, last, value = steps
    target = data
    for step in path:
        target = target[step]
    target[last] = value
    file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return load_protocol(copy)


def index_of(protocol: Protocol, trigger_id: str) -> int:
    return [trigger.id for trigger in protocol.contingency.triggers].index(trigger_id)


async def handed_over(services: Services, trigger: str, topic: str = "contact_human_agent") -> Case:
    dialogue = Dialogue(services)
    dialogue.slots["contingency_trigger"] = trigger
    await dialogue.customer("quiero hablar con alguien", topic).run("action_hand_off")
    (case,) = await services.queue.open_cases()
    return case


async def complained(services: Services) -> tuple[Case, list[str]]:
    dialogue = Dialogue(services)
    await dialogue.customer("quiero poner una queja", "complaint").run("action_start_complaint")
    await dialogue.begin("complaint_form")
    for answer in (BROKEN, "CJ-483920", "ana@example.com"):
        await dialogue.answer(answer)
    reply = await dialogue.run("action_file_complaint")
    (case,) = await services.queue.open_cases()
    return case, reply.texts


async def test_area_of_a_trigger_decides_who_takes_the_case(
    redis_client: redis.Redis, protocol: Protocol, tmp_path: Path
) -> None:
    at = index_of(protocol, "anger")
    elsewhere = changed(tmp_path, "contingency", "triggers", at, "area", "safety")
    assert (await handed_over(services_of(redis_client, elsewhere), "anger")).area == "safety"


async def test_press_goes_to_the_area_of_whoever_speaks_to_the_press(
    redis_client: redis.Redis, protocol: Protocol, tmp_path: Path
) -> None:
    speaker = protocol.business.speaker_to("press")
    assert speaker is not None
    case = await handed_over(services_of(redis_client, protocol), "press_or_authority")
    assert case.area == protocol.roster.people[speaker].area

    other = next(name for name, person in protocol.roster.people.items() if person.area == "safety")
    changed_speaker = changed(tmp_path, "business", "spokespersons", 0, "person", other)
    await redis_client.flushdb()
    case = await handed_over(services_of(redis_client, changed_speaker), "press_or_authority")
    assert case.area == "safety"


async def test_target_of_a_priority_decides_by_when_a_person_must_answer(
    redis_client: redis.Redis, tmp_path: Path
) -> None:
    hurried = changed(tmp_path, "contingency", "targets", "high", "first_response", "30 s")
    case = await handed_over(services_of(redis_client, hurried), "anger")
    assert case.target_at == case.opened_at + 30


async def test_target_of_a_channel_holds_where_it_is_stricter(
    redis_client: redis.Redis, tmp_path: Path
) -> None:
    hurried = changed(tmp_path, "channels", "webchat", "first_response", "10 s")
    case = await handed_over(services_of(redis_client, hurried), "asks_for_person")
    assert case.target_at == case.opened_at + 10


async def test_trigger_without_area_goes_to_the_area_of_the_topic(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    without = next(trigger for trigger in protocol.contingency.triggers if trigger.id == "same_topic_again")
    assert without.area is None
    case = await handed_over(services_of(redis_client, protocol), "same_topic_again", topic="warranty")
    assert case.area == protocol.area_of("warranty")


async def test_cause_of_a_complaint_decides_apology_remedy_and_area(
    redis_client: redis.Redis, tmp_path: Path
) -> None:
    apology = {"en": "So sorry about the damage.", "es": "Qué pena lo del golpe."}
    other = changed(tmp_path, "complaints", "causes", "damaged_on_arrival", "apology", apology)
    case, texts = await complained(services_of(redis_client, other))
    cause = other.complaints.causes["damaged_on_arrival"]
    assert texts[:2] == ["Qué pena lo del golpe.", cause.remedy.es]
    assert (case.area, case.priority) == (cause.area, cause.priority)


async def test_complaint_like_no_cause_goes_where_the_protocol_sends_all_others(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    dialogue = Dialogue(services_of(redis_client, protocol))
    await dialogue.customer("quiero poner una queja", "complaint").run("action_start_complaint")
    await dialogue.begin("complaint_form")
    for answer in ("el volcán tapó las estrellas anoche", "CJ-483920", "ana@example.com"):
        await dialogue.answer(answer)
    await dialogue.run("action_file_complaint")
    (case,) = await dialogue.services.queue.open_cases()
    assert case.area == protocol.complaints.area


@pytest.mark.parametrize(("now", "is_told"), [(IN_FORCE, True), (OVER, False)])
async def test_rule_comes_before_the_service_while_its_notice_is_in_force(
    redis_client: redis.Redis, protocol: Protocol, now: float, is_told: bool
) -> None:
    name, notice = next((name, notice) for name, notice in protocol.notices.items() if notice.applies_to)
    dialogue = Dialogue(services_of(redis_client, protocol, now))
    dialogue.customer("¿cuándo vienen a instalarla?", notice.applies_to[0])
    reply = await dialogue.run("action_answer_under_notice")
    assert reply.responses == [*([f"notice_{name}_short"] if is_told else []), notice.applies_to[0]]


@pytest.mark.parametrize(("now", "is_told"), [(IN_FORCE, True), (OVER, False)])
async def test_notice_is_explained_when_asked_after(
    redis_client: redis.Redis, protocol: Protocol, now: float, is_told: bool
) -> None:
    name = next(iter(protocol.notices))
    dialogue = Dialogue(services_of(redis_client, protocol, now))
    dialogue.customer("¿y eso por qué?", f"notice_{name}")
    reply = await dialogue.run("action_explain_notice")
    assert reply.responses == [f"notice_{name}" if is_told else "notice_over"]


def test_greeting_tells_the_notices_that_belong_in_greetings(protocol: Protocol) -> None:
    notice = next(notice for notice in protocol.notices.values() if notice.in_greeting)
    greeting = protocol.greeting("webchat", "es", notice.first_day)
    assert greeting.startswith(protocol.channels["webchat"].greeting.es)
    assert notice.short.es in greeting
    assert notice.short.es not in protocol.greeting("webchat", "es", date(2030, 1, 1))


async def test_hours_of_the_company_decide_whether_a_person_comes_now_or_when_they_are_back(
    redis_client: redis.Redis, tmp_path: Path, protocol: Protocol
) -> None:
    assert protocol.company.hours.is_open(NOON)
    closed = changed(tmp_path, "company", "hours", "weekly", {"sunday": ["09:00-12:00"]})
    dialogue = Dialogue(services_of(redis_client, closed))
    reply = await dialogue.customer("una persona", "contact_human_agent").run("action_hand_off")
    assert "place_in_line_closed" in reply.responses


async def test_answer_before_the_hand_off_is_the_plans_wish(
    redis_client: redis.Redis, tmp_path: Path, protocol: Protocol
) -> None:
    anger = index_of(protocol, "anger")
    silent = changed(tmp_path, "contingency", "triggers", anger, "answer", None)
    dialogue = Dialogue(services_of(redis_client, silent)).customer("¡YA!", "track_order", tone="angry")
    dialogue.slots["contingency_trigger"] = "anger"
    reply = await dialogue.run("action_hand_off")
    assert reply.responses[:2] == ["acknowledge_anger", "hand_off_anger"]


async def test_patience_in_forms_is_the_plans_also_deep_in_a_condition(
    redis_client: redis.Redis, tmp_path: Path, protocol: Protocol
) -> None:
    at = index_of(protocol, "not_understood")
    when = {"any": [{"all": [{"misunderstandings": 1}, {"channel": "whatsapp"}]}, {"misunderstandings": 3}]}
    patient = changed(tmp_path, "contingency", "triggers", at, "when", when)
    dialogue = Dialogue(services_of(redis_client, patient))
    await dialogue.customer("quiero que me llamen", "schedule_follow_up").run("action_start_follow_up")
    await dialogue.begin("follow_up_form")
    for failures in (1, 2):
        await dialogue.answer("asdf")
        assert (dialogue.form, dialogue.slots["form_failures"]) == ("follow_up_form", failures)
    await dialogue.answer("asdf")
    assert (dialogue.form, dialogue.slots["form_failures"]) == (None, 3)


async def test_words_of_a_trigger_are_what_the_customer_reads(
    redis_client: redis.Redis, protocol: Protocol, tmp_path: Path
) -> None:
    words = {"en": ["One moment."], "es": ["Va, te paso."]}
    other = changed(tmp_path, "words", "hand_off_person", words)
    services = replace(services_of(redis_client, other))
    dialogue = Dialogue(services).customer("una persona", "contact_human_agent")
    assert (await dialogue.run("action_hand_off")).texts[0] == "Va, te paso."


async def test_procedure_decides_by_when_a_complaint_is_answered(
    redis_client: redis.Redis, protocol: Protocol, tmp_path: Path
) -> None:
    steps = [step.step for step in protocol.complaints.procedure]
    quick = changed(tmp_path, "complaints", "procedure", steps.index("answer"), "within", "3 h")
    case, _ = await complained(services_of(redis_client, quick))
    assert case.target_at == case.opened_at + 3 * 3600
