"""A customer on a second channel: they keep their turn, and hear of their own cases but of nobody else's."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, a_case
from dialogue import Dialogue, Reply, services_of
from faults import Faults

from actions.services import Services
from relevo.cases.case import Case
from relevo.cases.changes import BOT
from relevo.cases.queue import CannotMerge, CaseNotYours
from relevo.protocol import Protocol
from relevo.store import keys
from relevo.store.confirmed_contacts import Confirmation
from relevo.store.customers import Customer, Customers
from relevo.store.outbox import OutboxMessage

PHONE = "+525512345678"
DIGEST = keys.digest_of(PHONE)


@pytest.fixture
def services(redis_client: redis.Redis, protocol: Protocol) -> Services:
    return services_of(redis_client, protocol)


async def writes_on_whatsapp(services: Services, conversation: str = "wa-1", contact: str = PHONE) -> None:
    known = Customer("whatsapp", "1055", contact, NOON, contact=contact)
    await Customers(services.client).note(conversation, known)


async def opened(services: Services, conversation: str = "web-1", **values: Any) -> Case:
    wanted = a_case(conversation=conversation, **values)
    cause = f"{conversation}:{wanted.kind}:{wanted.description}"
    return (await services.queue.open(wanted, cause))[0]


async def confirmed(services: Services, case: Case) -> None:
    """Somebody at the desk has made sure that the phone is theirs, once in a case that has ended since."""
    old = await opened(services, case.conversation, kind="complaint", description="old")
    await services.queue.claim(old.folio, "Ana", NOON)
    await services.queue.confirm_contact(old.folio, DIGEST, Confirmation("phone", "desk", "Ana", NOON))
    await services.queue.close(old.folio, "Ana", NOON)


async def asks_for_person(services: Services, conversation: str = "wa-1") -> Reply:
    dialogue = Dialogue(services, conversation).customer("una persona, por favor", "contact_human_agent")
    return await dialogue.run("action_hand_off")


async def last_words(client: redis.Redis, conversation: str) -> str:
    entries = [OutboxMessage.from_fields(fields) for _, fields in await client.xrange(keys.OUTBOX)]
    message = [entry for entry in entries if entry.conversation == conversation][-1]
    return next(str(event["text"]) for event in message.events if "text" in event)


# --- one customer, one open hand-off ---


async def test_customer_who_waits_elsewhere_keeps_their_turn_where_they_write_now(services: Services) -> None:
    waits = await opened(services, opened_at=NOON - 600, target_at=NOON - 300, priority="high", rank=1)
    other = await opened(services, "c9", opened_at=NOON - 60, target_at=NOON - 30)
    await confirmed(services, waits)
    await writes_on_whatsapp(services)
    reply = await asks_for_person(services)
    assert reply.responses[:2] == ["hand_off_person", "hand_off_goes_on"]
    first, second = await services.queue.open_cases()
    assert (first.conversation, second.folio) == ("wa-1", other.folio)
    assert (first.opened_at, first.target_at, first.priority) == (NOON - 600, NOON - 300, "high")
    assert first.merged == waits.folio
    place = await services.queue.place(first)
    assert place and place.position == 1
    ended = await services.queue.get(waits.folio)
    assert (ended.state, ended.merged_into, ended.closing_reason) == ("closed", first.folio, "duplicate")
    assert first.folio in await last_words(services.client, "web-1")
    assert reply.slots["waiting"]["folio"] == first.folio


async def test_turn_follows_the_customer_back_to_the_first_channel(services: Services) -> None:
    waits = await opened(services)
    await confirmed(services, waits)
    await writes_on_whatsapp(services)
    await asks_for_person(services)
    await asks_for_person(services, "web-1")
    (case,) = await services.queue.open_cases()
    assert (case.conversation, case.opened_at) == ("web-1", NOON)


async def test_person_who_has_the_first_one_is_suggested_for_the_second(services: Services) -> None:
    waits = await opened(services)
    await confirmed(services, waits)
    await services.queue.claim(waits.folio, "Ana", NOON, person="daniel_olvera")
    await writes_on_whatsapp(services)
    reply = await asks_for_person(services)
    assert "hand_off_goes_on" not in reply.responses
    on_whatsapp, with_ana = await services.queue.open_cases()
    assert (with_ana.folio, with_ana.state) == (waits.folio, "claimed")
    assert on_whatsapp.for_person == "daniel_olvera"


async def test_claim_stays_one_level_higher_and_meant_for_whom_it_was(services: Services) -> None:
    case = await opened(services)
    await confirmed(services, case)
    await services.queue.claim(case.folio, "Ana", NOON, person="daniel_olvera")
    await services.queue.resolve(case.folio, "Ana", NOON, "solved")
    claim = await services.queue.reject_resolution(case.folio, NOON)
    await writes_on_whatsapp(services)
    await asks_for_person(services)
    cases = {case.conversation: case for case in await services.queue.open_cases()}
    assert cases["web-1"] == claim
    assert cases["wa-1"].for_person == claim.for_person != ""


async def test_phone_that_somebody_only_gave_moves_nothing(services: Services) -> None:
    waits = await opened(services, contact=PHONE)
    await writes_on_whatsapp(services)
    reply = await asks_for_person(services)
    assert "hand_off_goes_on" not in reply.responses
    assert len(await services.queue.open_cases()) == 2
    assert (await services.queue.get(waits.folio)).state == "waiting"


async def test_cases_by_a_contact_that_was_only_given_are_not_merged(services: Services) -> None:
    mine, theirs = await opened(services, contact=PHONE), await opened(services, "web-2", contact=PHONE)
    await services.queue.claim(mine.folio, "Ana", NOON)
    with pytest.raises(CannotMerge):
        await services.queue.merge(theirs.folio, mine.folio, "Ana", NOON)
    how = Confirmation("phone", "desk", "Ana", NOON)
    await services.queue.confirm_contact(mine.folio, DIGEST, how, also_in=["web-2"])
    assert (await services.queue.merge(theirs.folio, mine.folio, "Ana", NOON)).merged == theirs.folio
    assert not any(PHONE in key for key in await services.client.keys("*"))


async def test_hand_off_that_is_repeated_after_a_crash_moves_the_turn_once(services: Services) -> None:
    faults = Faults(services.client)
    for lost in range(1, 60):
        await services.client.flushall()
        waits = await opened(services)
        await confirmed(services, waits)
        await writes_on_whatsapp(services)
        dialogue = Dialogue(services, "wa-1").customer("una persona, por favor", "contact_human_agent")
        reply = await faults.repeated(lost, partial(dialogue.run, "action_hand_off", keep=False))
        (case,) = await services.queue.open_cases()
        assert (case.conversation, case.merged, case.opened_at) == ("wa-1", waits.folio, NOON), lost
        assert "hand_off_goes_on" in reply.responses, lost


async def test_bot_joins_nothing_to_a_case_that_a_person_has(services: Services) -> None:
    in_hand, waits = await opened(services), await opened(services, kind="complaint")
    await services.queue.claim(in_hand.folio, "Ana", NOON)
    with pytest.raises(CaseNotYours):
        await services.queue.merge(waits.folio, in_hand.folio, BOT, NOON)


# --- how their cases stand ---


async def asks_how_it_goes(services: Services, conversation: str, text: str = "¿cómo va mi caso?") -> Reply:
    """What a customer hears who asks, and names no more than stands in the text."""
    dialogue = Dialogue(services, conversation).customer(text, "check_case")
    begun = await dialogue.run("action_start_case_check") + await dialogue.begin("case_form")
    return begun if dialogue.form else begun + await dialogue.run("action_check_case")


async def test_customer_hears_of_their_case_on_another_channel_without_folio_or_contact(
    services: Services,
) -> None:
    case = await opened(services, kind="complaint", area="senior_care", description="Llegó roto.")
    await confirmed(services, case)
    await writes_on_whatsapp(services)
    (text,) = (await asks_how_it_goes(services, "wa-1")).texts
    assert case.folio in text and "Atención especializada" in text and "en espera" in text
    assert "roto" not in text


async def test_all_open_cases_are_told_those_of_the_same_conversation_too(services: Services) -> None:
    elsewhere = await opened(services, kind="complaint")
    await confirmed(services, elsewhere)
    await writes_on_whatsapp(services)
    here = await opened(services, "wa-1", kind="complaint", contact=PHONE)
    reply = await asks_how_it_goes(services, "wa-1")
    assert reply.responses == ["case_waiting", "case_waiting"]
    assert all(case.folio in " ".join(reply.texts) for case in (elsewhere, here))
    (text,) = (await asks_how_it_goes(services, "wa-1", f"¿cómo va {elsewhere.folio}?")).texts
    assert elsewhere.folio in text


@pytest.mark.parametrize("asks_on", ["wa-1", "web-2"])
async def test_nobody_hears_of_a_case_by_a_phone_that_was_only_given(
    services: Services, asks_on: str
) -> None:
    """Neither who owns the phone, of who gave it; nor who gave it, of its owner."""
    typed = await opened(services, kind="complaint", contact=PHONE)
    await writes_on_whatsapp(services)
    await opened(services, "web-2", kind="complaint", contact=PHONE)
    reply = await asks_how_it_goes(services, asks_on)
    assert reply.responses == ["ask_case_folio"]
    assert typed.folio not in " ".join(reply.texts)


async def test_browser_whose_phone_an_agent_confirmed_hears_nothing_by_itself(services: Services) -> None:
    """Whoever sits at it by now may be somebody else."""
    on_web = await opened(services, kind="complaint")
    await confirmed(services, on_web)
    await writes_on_whatsapp(services)
    await opened(services, "wa-1", kind="complaint")
    assert (await asks_how_it_goes(services, "web-1")).responses == ["ask_case_folio"]


async def test_folio_of_somebody_else_still_asks_for_the_contact(services: Services) -> None:
    case = await opened(services, kind="complaint", contact="+525587654321")
    await writes_on_whatsapp(services)
    await opened(services, "wa-1", kind="complaint")
    reply = await asks_how_it_goes(services, "wa-1", f"¿cómo va {case.folio}?")
    assert reply.responses == ["ask_case_contact"]


# --- the plan's condition on earlier cases ---


async def test_plan_counts_cases_that_a_confirmed_contact_links_and_no_others(services: Services) -> None:
    counted = await opened(services, kind="complaint", opened_at=NOON - 9)
    await opened(services, "web-2", kind="complaint", contact=PHONE, opened_at=NOON - 5)
    await writes_on_whatsapp(services)
    await opened(services, "wa-1", kind="complaint", opened_at=NOON - 3)
    assert await services.queue.opened_elsewhere("wa-1") == []
    await confirmed(services, counted)
    assert await services.queue.opened_elsewhere("wa-1") == [NOON - 9, NOON]
    assert await services.queue.opened_elsewhere("web-2") == []


async def test_case_that_went_on_on_another_channel_counts_once(services: Services) -> None:
    waits = await opened(services, opened_at=NOON - 600)
    await confirmed(services, waits)
    await writes_on_whatsapp(services)
    reply = await asks_for_person(services)
    assert reply.slots["earlier_cases"] == [NOON - 600]
    assert NOON - 600 not in await services.queue.opened_elsewhere("wa-1")
