"""Letters that nobody asked for: a complaint is confirmed, a promised contact is kept by e-mail."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import redis.asyncio as redis
from builders import NOON, a_case, settings_for_tests
from dialogue import Dialogue, services_of
from mail_server import ANA, COMPANY
from test_promises import FOLIO, promised

from actions.services import Services
from relevo.cases.case import Case
from relevo.cases.queue import CaseQueue
from relevo.follow_ups.agenda import Agenda
from relevo.follow_ups.keeping import Keeping
from relevo.letters import TO_ADDRESS, LetterWriter
from relevo.privacy.records import find_customer
from relevo.protocol import Protocol
from relevo.store import keys
from relevo.store.customers import Customer, Customers
from relevo.store.outbox import OutboxMessage

SETTINGS = settings_for_tests(email_address=COMPANY)
STORY = "El sillón llegó roto, mira https://evil.example/x y www.evil.example"


@pytest.fixture
def letters(redis_client: redis.Redis, protocol: Protocol) -> LetterWriter:
    writer = LetterWriter.of(redis_client, protocol, SETTINGS)
    assert writer
    return writer


@pytest.fixture
def services(redis_client: redis.Redis, protocol: Protocol) -> Services:
    return replace(services_of(redis_client, protocol), has_email=True)


async def sent(client: redis.Redis, letters: LetterWriter | None = None) -> list[OutboxMessage]:
    """What the outbox holds for e-mail, after the clock has written what was asked for."""
    if letters:
        await letters.confirm_all(NOON)
    messages = [OutboxMessage.from_fields(fields) for _, fields in await client.xrange(keys.OUTBOX)]
    return [message for message in messages if message.channel == "email"]


def told_in(message: OutboxMessage) -> tuple[str, str]:
    """Subject and text of the letter in a message."""
    [said] = [event for event in message.events if event.get("text")]
    return said["metadata"]["subject"], said["text"]


async def complains(dialogue: Dialogue, contact: str) -> list[str]:
    """A customer files a complaint; what they are told."""
    dialogue.customer("quiero poner una queja", "complaint")
    await dialogue.run("action_start_complaint")
    await dialogue.begin("complaint_form")
    for answer in (STORY, "CJ-483920", contact):
        await dialogue.answer(answer)
    return (await dialogue.run("action_file_complaint")).responses


async def only_case(client: redis.Redis, protocol: Protocol) -> Case:
    [case] = await CaseQueue(client, protocol).open_cases()
    return case


async def test_complaint_is_confirmed_by_email_with_folio_and_what_was_noted(
    services: Services, letters: LetterWriter
) -> None:
    assert "acknowledgement_sent" in await complains(Dialogue(services), ANA)
    case = await only_case(services.client, services.protocol)
    [message] = await sent(services.client, letters)
    subject, text = told_in(message)
    assert message.conversation == letters.conversation_with(ANA)
    assert subject == f"Su queja {case.folio}"
    assert "El sillón llegó roto" in text and "CJ-483920" in text and "jueves 4 de diciembre" in text
    assert message.events[0] == {**message.events[0], "name": "language", "value": "es"}


async def test_nothing_in_the_letter_leads_anywhere(services: Services, letters: LetterWriter) -> None:
    await complains(Dialogue(services), ANA)
    assert "evil.example" not in told_in((await sent(services.client, letters))[0])[1]


async def test_customer_of_the_letter_is_known_and_found_by_their_address(
    services: Services, letters: LetterWriter
) -> None:
    await complains(Dialogue(services), ANA)
    await letters.confirm_all(NOON)
    customer = await Customers(services.client).get(letters.conversation_with(ANA))
    assert customer
    assert (customer.address, customer.line, customer.language) == (ANA, COMPANY, "es")
    assert letters.conversation_with(ANA) in (await find_customer(services.client, ANA)).conversations


async def test_what_is_known_of_who_writes_by_email_stays(services: Services, letters: LetterWriter) -> None:
    known = Customer("email", COMPANY, ANA, NOON, references="<1@example.com>", language="en")
    await Customers(services.client).note(letters.conversation_with(ANA), known)
    await complains(Dialogue(services), ANA)
    await letters.confirm_all(NOON)
    assert await Customers(services.client).get(letters.conversation_with(ANA)) == known


async def test_who_gave_a_phone_number_gets_no_letter_and_is_promised_none(
    services: Services, letters: LetterWriter
) -> None:
    assert "acknowledgement_sent" not in await complains(Dialogue(services), "55 1234 5678")
    assert await sent(services.client, letters) == []


async def test_without_email_nothing_is_promised(services: Services, letters: LetterWriter) -> None:
    told = await complains(Dialogue(replace(services, has_email=False)), ANA)
    assert "complaint_filed" in told and "acknowledgement_sent" not in told
    assert await sent(services.client, letters) == []


async def test_who_complains_by_email_has_the_confirmation_in_the_answer(
    services: Services, letters: LetterWriter
) -> None:
    dialogue = Dialogue(services, conversation=letters.conversation_with(ANA))
    dialogue.channel = "email"
    assert "acknowledgement_sent" not in await complains(dialogue, ANA)
    assert await sent(services.client, letters) == []


async def test_address_that_is_not_theirs_is_not_flooded(services: Services, letters: LetterWriter) -> None:
    for _ in range(TO_ADDRESS.count):
        await TO_ADDRESS.allows(services.client, keys.digest_of(ANA))
    assert "acknowledgement_sent" not in await complains(Dialogue(services), ANA)
    assert await sent(services.client, letters) == []


async def test_contact_by_email_is_written_when_due_and_a_person_is_called(
    redis_client: redis.Redis, protocol: Protocol, letters: LetterWriter
) -> None:
    keeping, agenda = Keeping(redis_client, protocol, letters), Agenda(redis_client)
    await agenda.book(promised(method="email", contact=ANA))
    await keeping.see_to(NOON - 1)
    assert await sent(redis_client) == []
    await keeping.see_to(NOON)
    case = await only_case(redis_client, protocol)
    assert (case.conversation, case.channel, case.contact) == (letters.conversation_with(ANA), "email", ANA)
    [message] = await sent(redis_client)
    subject, text = told_in(message)
    assert case.folio in subject and "Le escribimos a la hora que acordamos" in text
    assert "a más tardar el martes 2 de diciembre a las 20:00" in text, "the same day, as channels.yml says"
    assert "waiting" in [event.get("name") for event in message.events], "the bot knows who is waited for"
    kept = await agenda.get(FOLIO)
    assert kept and kept.state == "done"
    history = await CaseQueue(redis_client, protocol).history(case.folio)
    assert FOLIO in str(history), "the person finds what was agreed"


async def test_letter_is_written_once_whatever_fails_on_the_way(
    redis_client: redis.Redis, redis_url: str, protocol: Protocol, letters: LetterWriter
) -> None:
    keeping = Keeping(redis_client, protocol, letters)
    await Agenda(redis_client).book(promised(method="email", contact=ANA))
    await keeping.see_to(NOON)
    await redis_client.zadd(keys.FOLLOW_UPS_TO_WRITE, {FOLIO: NOON})
    await keeping.see_to(NOON + 1)
    assert len({message.id for message in await sent(redis_client)}) == 1
    assert len(await CaseQueue(redis_client, protocol).open_cases()) == 1


async def test_without_email_the_contact_stands_at_the_desk(
    redis_client: redis.Redis, protocol: Protocol, letters: LetterWriter
) -> None:
    agenda = Agenda(redis_client)
    await agenda.book(promised(method="email", contact=ANA))
    await Keeping(redis_client, protocol).see_to(NOON)
    # Nor is it written by surprise once e-mail is there: a person may be at it.
    await Keeping(redis_client, protocol, letters).see_to(NOON + 60)
    assert [due.folio for due in await agenda.due()] == [FOLIO]
    assert await sent(redis_client) == []


async def test_letter_in_a_persons_hands_comes_all_the_same(
    redis_client: redis.Redis, protocol: Protocol, letters: LetterWriter
) -> None:
    queue, agenda = CaseQueue(redis_client, protocol), Agenda(redis_client)
    keeping = Keeping(redis_client, protocol, letters)
    await agenda.book(promised(method="email", contact=ANA))
    there = replace(keeping._case(promised(), NOON), conversation=letters.conversation_with(ANA))
    case, _ = await queue.open(there, "earlier")
    await queue.claim(case.folio, "Ana", NOON - 60)
    await redis_client.delete(keys.OUTBOX)
    await keeping.see_to(NOON)
    [message] = await sent(redis_client)
    assert [event["event"] for event in message.events] == ["slot", "bot"], "the bot is not woken"


async def test_complaint_is_confirmed_once_and_a_second_time_does_no_harm(
    services: Services, letters: LetterWriter
) -> None:
    await complains(Dialogue(services), ANA)
    case = await only_case(services.client, services.protocol)
    await sent(services.client, letters)
    assert len(await sent(services.client, letters)) == 1
    await services.client.zadd(keys.TO_CONFIRM, {case.folio: NOON})
    first, second = await sent(services.client, letters)
    assert first.id == second.id, "the bot handles it once"


async def complaint_to_confirm(queue: CaseQueue, client: redis.Redis, number: int, **values: str) -> Case:
    """A complaint whose confirmation is asked for."""
    case, _ = await queue.open(a_case(number, kind="complaint", contact=ANA, **values), f"c{number}:m1")
    await client.zadd(keys.TO_CONFIRM, {case.folio: NOON + number})
    return case


async def test_letter_that_cannot_be_written_keeps_no_other_back(
    redis_client: redis.Redis, protocol: Protocol, letters: LetterWriter
) -> None:
    queue = CaseQueue(redis_client, protocol)
    spoilt = await complaint_to_confirm(queue, redis_client, 1, language="fr")
    sound = await complaint_to_confirm(queue, redis_client, 2)
    [message] = await sent(redis_client, letters)
    assert sound.folio in told_in(message)[0]
    assert await redis_client.zrange(keys.TO_CONFIRM, 0, -1) == [spoilt.folio]


async def test_complaint_of_an_area_that_the_protocol_no_longer_has_is_confirmed(
    redis_client: redis.Redis, protocol: Protocol, letters: LetterWriter
) -> None:
    await complaint_to_confirm(CaseQueue(redis_client, protocol), redis_client, 1, area="dissolved")
    [message] = await sent(redis_client, letters)
    first = next(iter(protocol.roster.areas.values()))
    assert first.title.es in told_in(message)[1]


async def test_names_of_keys_tell_no_address(services: Services, letters: LetterWriter) -> None:
    await complains(Dialogue(services), ANA)
    await letters.confirm_all(NOON)
    assert [name for name in await services.client.keys("*") if "ana@" in json.dumps(name)] == []
