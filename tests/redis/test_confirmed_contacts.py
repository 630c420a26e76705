"""Which conversations are one customer's: linked by contacts that are confirmed in both, by nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
import redis.asyncio as redis
from builders import NOON, a_case
from faults import Faults
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_contents import contents

from relevo.cases.case import Case
from relevo.cases.errors import CaseNotYours
from relevo.cases.queue import CaseQueue
from relevo.desk.related import known_of, open_elsewhere
from relevo.privacy.erasure import erase_customer
from relevo.privacy.export import export_customer
from relevo.privacy.records import find_customer
from relevo.protocol import Protocol
from relevo.store import keys
from relevo.store.confirmed_contacts import Confirmation, ConfirmedContacts, kind_of
from relevo.store.customers import Customer, Customers

PHONE, MAIL = "+525512345678", "rosa@example.com"
BY_ANA = Confirmation("phone", "desk", "Ana", NOON)


@pytest.fixture
def contacts(redis_client: redis.Redis) -> ConfirmedContacts:
    return ConfirmedContacts(redis_client)


@pytest.fixture
def queue(redis_client: redis.Redis, protocol: Protocol) -> CaseQueue:
    return CaseQueue(redis_client, protocol)


async def writes(client: redis.Redis, conversation: str, contact: str, channel: str = "whatsapp") -> None:
    """A customer writes on a channel that vouches for their contact."""
    await Customers(client).note(conversation, Customer(channel, "1055", contact, NOON, contact=contact))


async def claimed(queue: CaseQueue, conversation: str, contact: str = "") -> Case:
    case = a_case(conversation=conversation, kind="complaint", contact=contact)
    opened, _ = await queue.open(case, f"{conversation}:{contact}")
    return await queue.claim(opened.folio, "Ana", NOON)


async def test_same_contact_on_two_channels_links_their_conversations(
    redis_client: redis.Redis, contacts: ConfirmedContacts
) -> None:
    await writes(redis_client, "wa-1", MAIL)
    await writes(redis_client, "mail-1", "Rosa@Example.com", "email")
    await writes(redis_client, "mail-2", "ivan@example.com", "email")
    assert await contacts.linked("wa-1") == ["mail-1"]
    assert await contacts.linked("mail-1") == ["wa-1"]
    assert await contacts.linked("mail-2") == []


async def test_contact_that_was_only_typed_links_nothing(
    redis_client: redis.Redis, contacts: ConfirmedContacts, queue: CaseQueue
) -> None:
    await writes(redis_client, "wa-1", PHONE)
    typed = await claimed(queue, "web-1", PHONE)
    assert (await contacts.linked("wa-1"), await contacts.linked("web-1")) == ([], [])
    assert await queue.of_same_customer(typed) == []


async def test_typed_contact_links_once_a_person_has_made_sure_of_it(
    redis_client: redis.Redis, contacts: ConfirmedContacts, queue: CaseQueue
) -> None:
    await writes(redis_client, "wa-1", PHONE)
    typed = await claimed(queue, "web-1", PHONE)
    await queue.confirm_contact(typed.folio, keys.digest_of(PHONE), BY_ANA)
    assert await contacts.linked("wa-1") == ["web-1"]
    happening = (await queue.history(typed.folio))[-1]
    assert (happening.kind, happening.by, happening.details) == ("contact_confirmed", "Ana", {})
    assert (await contacts.of("web-1"))[keys.digest_of(PHONE)] == BY_ANA


async def test_only_whoever_has_the_case_confirms_a_contact(
    contacts: ConfirmedContacts, queue: CaseQueue
) -> None:
    typed = await claimed(queue, "web-1", PHONE)
    with pytest.raises(CaseNotYours):
        how = Confirmation("phone", "desk", "Luis", NOON)
        await queue.confirm_contact(typed.folio, keys.digest_of(PHONE), how)
    assert await contacts.of("web-1") == {}


async def test_mistake_is_taken_back_but_never_what_the_channel_vouches_for(
    redis_client: redis.Redis, contacts: ConfirmedContacts, queue: CaseQueue
) -> None:
    await writes(redis_client, "wa-1", PHONE)
    on_web, on_phone = await claimed(queue, "web-1", PHONE), await claimed(queue, "wa-1", PHONE)
    digest = keys.digest_of(PHONE)
    await queue.confirm_contact(on_web.folio, digest, BY_ANA, also_in=["wa-1"])
    await queue.withdraw_contact(on_phone.folio, "Ana", digest, NOON)
    assert await contacts.linked("wa-1") == ["web-1"]
    await queue.withdraw_contact(on_web.folio, "Ana", digest, NOON)
    assert (await contacts.linked("wa-1"), await contacts.of("web-1")) == ([], {})


async def test_what_a_customer_hears_rests_on_their_own_channel(
    redis_client: redis.Redis, contacts: ConfirmedContacts, queue: CaseQueue
) -> None:
    await writes(redis_client, "wa-1", PHONE)
    typed = await claimed(queue, "web-1", PHONE)
    await queue.confirm_contact(typed.folio, keys.digest_of(PHONE), BY_ANA)
    assert await contacts.linked("wa-1", by_channel=True) == ["web-1"]
    assert await contacts.linked("web-1", by_channel=True) == []
    await writes(redis_client, "web-1", PHONE)
    assert await contacts.linked("web-1", by_channel=True) == ["wa-1"]


async def test_links_live_as_long_as_records_and_hold_no_contact(
    redis_client: redis.Redis, queue: CaseQueue
) -> None:
    typed = await claimed(queue, "web-1")
    await queue.confirm_contact(typed.folio, keys.digest_of(PHONE), BY_ANA)
    for name in (keys.contacts_of("web-1"), keys.records_of(keys.digest_of(PHONE))):
        assert await redis_client.ttl(name) == pytest.approx(keys.RECORDS_SECONDS, abs=5)
    assert PHONE not in repr(await contents(redis_client))


async def test_erasing_one_conversation_unlinks_it_and_leaves_the_other(
    redis_client: redis.Redis, contacts: ConfirmedContacts
) -> None:
    await writes(redis_client, "wa-1", PHONE)
    await writes(redis_client, "wa-2", PHONE)
    await erase_customer(redis_client, await find_customer(redis_client, "wa-1"), "Berta", NOON)
    assert "wa-1" not in repr(await contents(redis_client))
    assert (await contacts.linked("wa-2"), len(await contacts.of("wa-2"))) == ([], 1)


async def test_copy_tells_how_a_contact_was_confirmed(redis_client: redis.Redis, queue: CaseQueue) -> None:
    typed = await claimed(queue, "web-1")
    await queue.confirm_contact(typed.folio, keys.digest_of(PHONE), BY_ANA)
    document = await export_customer(redis_client, await find_customer(redis_client, PHONE), NOON)
    (conversation,) = document["conversations"]
    (confirmed,) = conversation["confirmed_contacts"]
    assert confirmed == {"kind": "phone", "source": "desk", "by": "Ana", "at": NOON}


async def test_erasure_that_was_cut_off_finds_the_rest_again(
    redis_client: redis.Redis, queue: CaseQueue
) -> None:
    """Nothing but the confirmed contact leads from the phone to this conversation and its case."""
    digests, faults = [keys.digest_of(PHONE), keys.digest_of(MAIL)], Faults(redis_client)

    async def erase() -> None:
        found = await find_customer(redis_client, PHONE)
        await erase_customer(redis_client, found, "Berta", NOON, with_open_cases=True)

    async def is_known() -> str:
        typed = await claimed(queue, "web-1")
        for contact in (PHONE, MAIL):
            await queue.confirm_contact(typed.folio, keys.digest_of(contact), BY_ANA)
        return typed.folio

    await is_known()
    faults.lose(0)
    await erase()
    for lost in range(1, faults.commands + 1):
        folio = await is_known()
        await faults.repeated(lost, erase)
        held = repr(await contents(redis_client))
        assert not [trace for trace in ("web-1", folio, *digests) if trace in held], lost


# --- any history of contacts ---

CONVERSATIONS = [f"k{number}" for number in range(4)]
CONTACTS = [PHONE, "+525587654321", MAIL]
STEPS = st.tuples(
    st.sampled_from(("channel", "desk", "typed", "withdrawn", "erased")),
    st.sampled_from(CONVERSATIONS),
    st.sampled_from(CONTACTS),
)


@dataclass
class Model:
    """What should hold: by conversation, its contacts that channels, people and customers named."""

    channel: set[tuple[str, str]] = field(default_factory=set)
    desk: set[tuple[str, str]] = field(default_factory=set)
    typed: set[tuple[str, str]] = field(default_factory=set)

    def step(self, kind: str, conversation: str, contact: str) -> None:
        pair = (conversation, contact)
        match kind:
            case "channel":
                self.channel.add(pair)
            case "desk":
                self.desk |= {pair} - self.channel
            case "typed":
                self.typed.add(pair)
            case "withdrawn":
                self.desk.discard(pair)
            case "erased":
                for pairs in (self.channel, self.desk, self.typed):
                    pairs -= {kept for kept in pairs if kept[0] == conversation}

    def linked(self, one: str, other: str) -> bool:
        sure = self.channel | self.desk
        return one != other and any({(one, each), (other, each)} <= sure for each in CONTACTS)

    def may_be(self, one: str, other: str) -> bool:
        named = self.channel | self.desk | self.typed
        return one != other and any({(one, each), (other, each)} <= named for each in CONTACTS)


@dataclass
class Store:
    """The same steps with the real thing."""

    client: redis.Redis
    queue: CaseQueue
    cases: dict[str, Case] = field(default_factory=dict)

    async def step(self, kind: str, conversation: str, contact: str) -> None:
        digest = keys.digest_of(contact)
        match kind:
            case "channel":
                await writes(self.client, conversation, contact)
            case "desk":
                how = Confirmation(kind_of(contact), "desk", "Ana", NOON)
                await self.queue.confirm_contact((await self.case_of(conversation)).folio, digest, how)
            case "typed":
                await claimed(self.queue, conversation, contact)
            case "withdrawn":
                folio = (await self.case_of(conversation)).folio
                await self.queue.withdraw_contact(folio, "Ana", digest, NOON)
            case "erased":
                found = await find_customer(self.client, conversation)
                await erase_customer(self.client, found, "Berta", NOON, with_open_cases=True)
                self.cases.pop(conversation, None)
                await self.leaves_nothing(conversation)

    async def case_of(self, conversation: str) -> Case:
        if conversation not in self.cases:
            self.cases[conversation] = await claimed(self.queue, conversation)
        return self.cases[conversation]

    async def leaves_nothing(self, conversation: str) -> None:
        assert conversation not in repr(await contents(self.client))

    async def ties(self, conversation: str) -> dict[str, str]:
        known = await known_of(self.client, await self.case_of(conversation))
        return {one.conversation: one.shared.tie for one in known.related if one.shared.tie != "own"}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=14))
def test_links_are_symmetric_without_chains_and_gone_when_erased(
    redis_url: str, protocol: Protocol, steps: list[tuple[str, str, str]]
) -> None:
    asyncio.run(_links_are_as_they_should_be(redis_url, protocol, steps))


async def _links_are_as_they_should_be(
    redis_url: str, protocol: Protocol, steps: list[tuple[str, str, str]]
) -> None:
    async with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        await client.flushall()
        model, store = Model(), Store(client, CaseQueue(client, protocol))
        for step in steps:
            model.step(*step)
            await store.step(*step)
        cases = {conversation: await store.case_of(conversation) for conversation in CONVERSATIONS}
        elsewhere = await open_elsewhere(client, cases.values())
        for one in CONVERSATIONS:
            sure = [other for other in CONVERSATIONS if model.linked(one, other)]
            perhaps = [other for other in CONVERSATIONS if model.may_be(one, other) and other not in sure]
            assert await ConfirmedContacts(client).linked(one) == sure
            expected = {**dict.fromkeys(sure, "confirmed"), **dict.fromkeys(perhaps, "claimed")}
            assert await store.ties(one) == expected
            in_queue = {case.conversation for tie, case in elsewhere[cases[one].folio] if tie == "confirmed"}
            assert in_queue == set(sure)
        await client.flushall()
