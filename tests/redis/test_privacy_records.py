"""One customer's data: found by contact or conversation, copied, erased from every key of the store."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
import redis.asyncio as redis
from builders import NOON, a_case, a_message, after_each_command, client_of
from customers import IVAN, ROSA, Customer, live, open_hand_off, write_on_messenger
from faults import Faults
from store_contents import contents

from relevo.cases.queue import CaseQueue
from relevo.channels.accept import accept
from relevo.channels.whatsapp.messages import Messages
from relevo.privacy.erasure import HasOpenCases, erase_conversation, erase_customer
from relevo.privacy.export import export_customer
from relevo.privacy.records import find_customer
from relevo.protocol import Protocol
from relevo.sending.outgoing import Outgoing
from relevo.store import keys
from relevo.store.customers import Customers
from relevo.store.marks import Marks

SENT = Outgoing("o1/0", "c1", "whatsapp", {}, NOON, "Ya salió.")


async def erase(client: redis.Redis, who: str, *, with_open_cases: bool = True) -> None:
    records = await find_customer(client, who)
    await erase_customer(client, records, "Berta", NOON, with_open_cases=with_open_cases)


async def traces(client: redis.Redis, customer: Customer, folios: list[str]) -> list[str]:
    """Which words, contact, names or folios of a customer stand anywhere in the store."""
    held = repr(await contents(client))
    return [trace for trace in (*customer.traces, *folios) if trace in held]


@pytest.mark.parametrize("who", ["55 1234 5678", "+52 55 1234 5678", ROSA.conversation])
async def test_everything_of_a_customer_is_found_closed_cases_too(
    redis_client: redis.Redis, protocol: Protocol, who: str
) -> None:
    folios = await live(redis_client, protocol, ROSA)
    await live(redis_client, protocol, IVAN)
    found = await find_customer(redis_client, who)
    assert found.folios == set(folios)
    assert {case.state for case in found.cases} == {"closed", "resolved", "waiting"}
    assert found.conversations == (ROSA.conversation,)


async def test_contact_leads_to_all_its_conversations_and_a_conversation_only_to_its_own(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    at_home = replace(ROSA, conversation="at-home", number=3)
    await live(redis_client, protocol, ROSA)
    await live(redis_client, protocol, at_home)
    both = await find_customer(redis_client, ROSA.contact)
    assert both.conversations == (at_home.conversation, ROSA.conversation)
    assert (await find_customer(redis_client, "at-home")).conversations == ("at-home",)


async def test_conversation_without_any_case_is_found(redis_client: redis.Redis) -> None:
    await redis_client.zadd(keys.CONVERSATIONS, {"c1": NOON})
    assert (await find_customer(redis_client, "c1")).conversations == ("c1",)
    assert not await find_customer(redis_client, "c2")


async def test_customer_of_a_messenger_is_found_by_their_number_without_any_case(
    redis_client: redis.Redis,
) -> None:
    await write_on_messenger(redis_client, ROSA)
    assert (await find_customer(redis_client, "55 1234 5678")).conversations == (ROSA.conversation,)
    await erase(redis_client, ROSA.contact)
    assert await traces(redis_client, ROSA, []) == []
    assert not await find_customer(redis_client, ROSA.contact)


async def test_copy_holds_what_every_store_has(redis_client: redis.Redis, protocol: Protocol) -> None:
    folios = await live(redis_client, protocol, ROSA)
    await live(redis_client, protocol, IVAN)
    records = await find_customer(redis_client, ROSA.contact)
    document = json.loads(json.dumps(await export_customer(redis_client, records, NOON)))
    (conversation,) = document["conversations"]
    for part in ("messages", "log", "page", "remembered", "not_handled_yet", "corrections"):
        assert ROSA.secret in json.dumps(conversation[part]), part
    for part in ("messages", "not_sent_yet"):
        assert ROSA.secret in json.dumps(conversation["messenger"][part]), part
    for part in ("customer", "consent"):
        assert ROSA.contact in json.dumps(conversation["messenger"][part]), part
    assert [entry["source"] for entry in document["undelivered"]] == ["outgoing", "outbox"]
    for part in ("cases", "to_be_sent", "undelivered"):
        assert ROSA.secret in json.dumps(document[part]), part
    assert document["events"] and document["exported_at"].startswith("2025-12-02T18:00")
    assert all(folio in json.dumps(document) for folio in folios)
    assert not any(trace in json.dumps(document) for trace in IVAN.traces)


@pytest.mark.parametrize("who", [ROSA.contact, ROSA.conversation])
async def test_nothing_of_an_erased_customer_stands_in_any_key(
    redis_client: redis.Redis, protocol: Protocol, who: str
) -> None:
    folios = [*await live(redis_client, protocol, ROSA), await open_hand_off(redis_client, protocol, ROSA)]
    assert await traces(redis_client, ROSA, folios) == [*ROSA.traces, *folios], "there is something to erase"
    await erase(redis_client, who)
    assert await traces(redis_client, ROSA, folios) == []


async def test_other_customers_lose_nothing(redis_client: redis.Redis, protocol: Protocol) -> None:
    await live(redis_client, protocol, IVAN)
    await open_hand_off(redis_client, protocol, IVAN)
    before = await contents(redis_client)
    await live(redis_client, protocol, ROSA)
    await erase(redis_client, ROSA.contact)
    after = await contents(redis_client)
    # What is counted for no one in particular stays: how long people waited, who is at the desk, one event.
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert changed <= {keys.DESK_EVENTS, keys.waits("customer_care"), keys.PRESENT}
    assert [event for event in after[keys.DESK_EVENTS] if event not in before[keys.DESK_EVENTS]] == [
        {
            "kind": "customer_erased",
            "at": str(NOON),
            "by": "Berta",
            "conversations": "1",
            "cases": "3",
            "follow_ups": "1",
        }
    ]


async def test_open_cases_keep_a_customer_from_being_erased_unless_they_may_go(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    await live(redis_client, protocol, ROSA)
    folio = await open_hand_off(redis_client, protocol, ROSA)
    before = await contents(redis_client)
    with pytest.raises(HasOpenCases, match=folio):
        await erase(redis_client, ROSA.contact, with_open_cases=False)
    assert await contents(redis_client) == before


async def test_case_that_opens_meanwhile_is_not_erased(redis_client: redis.Redis, protocol: Protocol) -> None:
    """Nobody saw it when they decided: the customer wasn't satisfied, and waits."""
    queue = CaseQueue(redis_client, protocol)
    case, _ = await queue.open(a_case(contact=ROSA.contact), "c1:m1")
    await queue.claim(case.folio, "Ana", NOON)
    await queue.resolve(case.folio, "Ana", NOON, "solved")
    records = await find_customer(redis_client, ROSA.contact)
    await queue.reject_resolution(case.folio, NOON)
    with pytest.raises(HasOpenCases):
        await erase_customer(redis_client, records, "Berta", NOON)
    assert (await queue.get(case.folio)).state == "waiting"


async def test_household_that_shares_a_phone_keeps_the_other_ones_cases(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    wife, husband = ROSA, replace(IVAN, contact=ROSA.contact)
    await live(redis_client, protocol, wife)
    folios = await live(redis_client, protocol, husband)
    await erase(redis_client, wife.conversation)
    assert (await find_customer(redis_client, ROSA.contact)).folios == set(folios)


async def test_erasure_that_breaks_off_after_any_command_is_finished_by_repeating_it(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    faults = Faults(redis_client)

    async def broken_off_after(number: int) -> None:
        await redis_client.flushall()
        folios = await live(redis_client, protocol, ROSA)
        await faults.repeated(number, lambda: erase(redis_client, ROSA.contact))
        assert await traces(redis_client, ROSA, folios) == [], f"broken off after command {number}"
        events = await redis_client.xrange(keys.DESK_EVENTS)
        nameless = {"customer_erased", "message_undelivered"}
        assert {event["kind"] for _, event in events} == nameless

    await live(redis_client, protocol, ROSA)
    faults.lose(0)
    await erase(redis_client, ROSA.contact)
    commands = faults.commands
    assert commands > 20
    for number in range(1, commands + 1):
        await broken_off_after(number)


async def test_what_comes_in_while_a_conversation_is_erased_is_found(
    redis_client: redis.Redis, redis_url: str
) -> None:
    names = keys.ConversationKeys("c1")

    async def a_turn_ends(now: float) -> None:
        await redis_client.xadd(names.log, {"e": "{}"})
        await redis_client.zadd(keys.CONVERSATIONS, {"c1": now})

    async def others_go_on() -> None:
        if not await redis_client.exists(names.log):
            await accept(redis_client, a_message())
            await a_turn_ends(NOON + 1)

    await a_turn_ends(NOON)
    async with client_of(redis_url) as client:
        after_each_command(client, others_go_on)
        await erase_conversation(client, "c1")
    assert await redis_client.llen(names.inbox) == 1
    for marks in (keys.INBOXES, keys.CONVERSATIONS):
        assert await Marks(redis_client, marks).all() == ["c1"]


@pytest.mark.parametrize(
    "note",
    [
        lambda client: Customers(client).note_language("c1", "es"),
        lambda client: Customers(client).note_template("c1", NOON),
        lambda client: Customers(client).note_closed("c1", NOON),
        lambda client: Messages(client).note_sent("c1", "wamid.1", SENT),
    ],
    ids=["language", "template", "closed window", "sent message"],
)
async def test_what_is_noted_of_a_customer_who_was_just_erased_brings_nothing_back(
    redis_client: redis.Redis, note: Callable[[redis.Redis], Awaitable[None]]
) -> None:
    await write_on_messenger(redis_client, replace(ROSA, conversation="c1"))
    await erase_conversation(redis_client, "c1")
    await note(redis_client)
    assert await redis_client.exists(*keys.ConversationKeys("c1").all) == 0


async def test_every_key_of_a_conversation_is_erased(redis_client: redis.Redis) -> None:
    names = keys.ConversationKeys("c1")
    properties = {name for name, value in vars(keys.ConversationKeys).items() if isinstance(value, property)}
    assert {getattr(names, name) for name in properties - {"all"}} == set(names.all)
    assert len(names.all) > 10
