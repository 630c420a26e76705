"""How long what customers give is kept: by the protocol's periods, by the clock and by times to live."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis.asyncio as redis
from builders import NOON, a_case
from customers import IVAN, ROSA, live
from desk_site import follow_up
from protocols import smallest_protocol
from store_contents import contents

from relevo.cases.queue import CaseQueue
from relevo.follow_ups.agenda import Agenda
from relevo.privacy.records import find_customer
from relevo.privacy.retention import EVERY_SECONDS, tidy
from relevo.protocol import Protocol, load_protocol
from relevo.store import keys
from relevo.store.confirmed_contacts import ConfirmedContacts
from relevo.store.customers import Customer, Customers

DAY = 86_400
ANA = "ana@example.com"


@pytest.fixture
def queue(redis_client: redis.Redis, protocol: Protocol) -> CaseQueue:
    return CaseQueue(redis_client, protocol)


async def talk(client: redis.Redis, conversation: str, at: float) -> None:
    await client.xadd(keys.ConversationKeys(conversation).log, {"e": '{"event": "user", "text": "hola"}'})
    await client.zadd(keys.CONVERSATIONS, {conversation: at})


async def conversations(client: redis.Redis) -> list[str]:
    """Those of which anything is kept."""
    return [key for key in ("old", "new") if await client.exists(keys.ConversationKeys(key).log)]


async def test_conversations_are_erased_when_their_time_is_over(
    redis_client: redis.Redis, queue: CaseQueue, protocol: Protocol
) -> None:
    days = protocol.privacy.retention.conversations
    await talk(redis_client, "old", NOON - days)
    await talk(redis_client, "new", NOON - days + 1)
    assert await tidy(redis_client, queue, protocol.privacy.retention, NOON) == 1
    assert await conversations(redis_client) == ["new"]
    assert await redis_client.zrange(keys.CONVERSATIONS, 0, -1) == ["new"]


@pytest.mark.parametrize("has_case", [False, True])
async def test_links_go_with_the_conversation_unless_a_case_of_it_is_kept(
    redis_client: redis.Redis, queue: CaseQueue, protocol: Protocol, has_case: bool
) -> None:
    """By the contact, the case is still found."""
    await talk(redis_client, "old", NOON - 300 * DAY)
    await Customers(redis_client).note("old", Customer("email", "", ANA, NOON, contact=ANA))
    if has_case:
        case, _ = await queue.open(a_case(conversation="old"), "old:m1")
        await queue.cancel(case.folio, NOON)
    assert await tidy(redis_client, queue, protocol.privacy.retention, NOON) == 1
    assert bool(await ConfirmedContacts(redis_client).of("old")) is has_case
    assert bool((await find_customer(redis_client, ANA)).cases) is has_case


async def test_conversation_stays_as_long_as_a_case_of_it_is_open(
    redis_client: redis.Redis, queue: CaseQueue, protocol: Protocol
) -> None:
    await talk(redis_client, "old", NOON - 300 * DAY)
    case, _ = await queue.open(a_case(conversation="old"), "old:m1")
    assert await tidy(redis_client, queue, protocol.privacy.retention, NOON) == 0
    await queue.cancel(case.folio, NOON)
    await redis_client.delete(keys.TIDIED)
    assert await tidy(redis_client, queue, protocol.privacy.retention, NOON) == 1


async def test_message_that_waits_keeps_its_conversation(
    redis_client: redis.Redis, queue: CaseQueue, protocol: Protocol
) -> None:
    await talk(redis_client, "old", NOON - 300 * DAY)
    await redis_client.rpush(keys.ConversationKeys("old").inbox, "{}")
    assert await tidy(redis_client, queue, protocol.privacy.retention, NOON) == 0


async def test_it_is_done_once_an_hour_whatever_the_number_of_clocks(
    redis_client: redis.Redis, queue: CaseQueue, protocol: Protocol
) -> None:
    retention = protocol.privacy.retention
    await tidy(redis_client, queue, retention, NOON)
    await talk(redis_client, "old", NOON - 300 * DAY)
    assert await tidy(redis_client, queue, retention, NOON + 1) == 0
    assert 0 < await redis_client.ttl(keys.TIDIED) <= EVERY_SECONDS


async def test_shorter_period_holds_for_what_is_already_there(
    redis_client: redis.Redis, queue: CaseQueue, tmp_path: Path
) -> None:
    await talk(redis_client, "old", NOON - 31 * DAY)
    short = load_protocol(smallest_protocol(tmp_path)).privacy.retention
    assert await tidy(redis_client, queue, short, NOON) == 1


async def test_erased_conversation_leaves_other_ones_and_its_closed_cases(
    redis_client: redis.Redis, queue: CaseQueue, protocol: Protocol
) -> None:
    await live(redis_client, protocol, IVAN)
    before = repr(await contents(redis_client))
    await talk(redis_client, "old", NOON - 300 * DAY)
    case, _ = await queue.open(a_case(conversation="old"), "old:m1")
    await queue.cancel(case.folio, NOON)
    await tidy(redis_client, queue, protocol.privacy.retention, NOON)
    assert (await queue.get(case.folio)).state == "closed"
    after = repr(await contents(redis_client))
    assert all(trace in before and trace in after for trace in IVAN.traces)


async def test_closed_cases_and_ended_promises_live_as_long_as_the_protocol_says(
    redis_client: redis.Redis, tmp_path: Path
) -> None:
    protocol = load_protocol(smallest_protocol(tmp_path))
    queue, days = CaseQueue(redis_client, protocol), 30 * DAY
    case, _ = await queue.open(a_case(area="care"), "c1:m1")
    await queue.cancel(case.folio, NOON)
    agenda = Agenda(redis_client, protocol.privacy.retention.follow_ups)
    promise = await agenda.book(follow_up(1))
    assert await redis_client.ttl(keys.follow_up(promise.folio)) == -1
    await agenda.complete(promise.folio, "Ana", NOON)
    for key in (keys.case(case.folio), keys.history(case.folio), keys.follow_up(promise.folio)):
        assert days - 60 < await redis_client.ttl(key) <= days


async def test_what_leads_to_a_customer_outlives_all_that_it_leads_to(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    await live(redis_client, protocol, ROSA)
    lives = [await redis_client.ttl(key) for key in await redis_client.keys("relevo:{desk}:records_of:*")]
    assert len(lives) == 2
    assert min(lives) > 2 * protocol.privacy.retention.cases - 60
