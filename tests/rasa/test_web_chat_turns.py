"""Turns of the web chat: files are kept for people, acknowledged, counted nowhere; a bot at work types."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Any

import pytest
import redis.asyncio as redis
from aiohttp import ClientConnectionError
from builders import NOON, Bot, a_case, a_message, eventually, hearing, settings_for_tests
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ConversationPaused, SlotSet

from relevo import action_server
from relevo.action_server import ActionServer
from relevo.bot_api import BotApi
from relevo.cases.case import Case
from relevo.cases.queue import CaseQueue
from relevo.channels.inbox import Inbox
from relevo.channels.turns import Turns
from relevo.channels.webchat.connector import WebChat
from relevo.clock.delivery import Delivery
from relevo.ports import free_port
from relevo.protocol import Protocol
from relevo.store import keys, live_entries
from relevo.store.attachments import Attachment
from relevo.store.customers import Customer, Customers
from relevo.store.keys import ConversationKeys
from relevo.store.tracker_store import RedisTrackerStore
from relevo.store.transcript import read_transcript

FILE = {"id": "f1", "name": "foto.png", "kind": "image", "content_type": "image/png", "size": 9, "at": NOON}
NOTE = a_message(text="foto.png", metadata={"attachment": FILE}, is_note=True)
DOMAIN = Domain.from_dict({"slots": {"language": {"type": "text", "mappings": [{"type": "custom"}]}}})


class Conversation:
    """The conversation `c1`, with a stand-in for the server's agent around the real store."""

    def __init__(self, client: redis.Redis, redis_url: str, protocol: Protocol) -> None:
        self.client, self.store = client, RedisTrackerStore(DOMAIN, host=redis_url)
        agent: Any = SimpleNamespace(
            domain=DOMAIN,
            tracker_store=self.store,
            lock_store=SimpleNamespace(lock=_no_lock),
            processor=SimpleNamespace(fetch_tracker_with_initial_session=self.store.get_or_create_tracker),
            handle_message=self._hear,
        )
        self.heard: list[UserMessage] = []
        self.breaks_off = False
        self.queue = CaseQueue(client, protocol)
        chat = WebChat(settings_for_tests(redis_url=redis_url), protocol)
        self.turns = Turns(client, agent, protocol, {"webchat": chat}, now=lambda: NOON)

    async def _hear(self, message: UserMessage) -> None:
        """The bot hears a message."""
        if self.breaks_off:
            raise ConnectionError("the bot is stopped")
        self.heard.append(message)
        await self.answer(message)

    async def answer(self, message: UserMessage) -> None:
        """What the bot does about it: nothing."""

    async def said(self) -> list[dict[str, Any]]:
        """What the customer was told."""
        return [json.loads(fields["e"]) for _, fields in await self.client.xrange(ConversationKeys("c1").out)]

    async def has(self, *events: Any) -> None:
        tracker = await self.store.get_or_create_tracker("c1", append_action_listen=False)
        for event in events:
            tracker.update(event, DOMAIN)
        await self.store.save(tracker)

    async def gets_file(self) -> list[dict[str, Any]]:
        """What the customer is told."""
        await self.turns.run(NOTE)
        return await self.said()


@asynccontextmanager
async def _no_lock(conversation: str) -> AsyncIterator[None]:
    yield


@pytest.fixture
def talk(redis_client: redis.Redis, redis_url: str, protocol: Protocol) -> Conversation:
    return Conversation(redis_client, redis_url, protocol)


async def test_file_is_acknowledged_and_a_person_offered(talk: Conversation) -> None:
    [told] = await talk.gets_file()
    assert "archivo" in told["text"]
    assert [reply["payload"] for reply in told["quick_replies"]] == ["/contact_human_agent"]


async def test_file_that_is_handled_again_after_a_crash_is_acknowledged_once(talk: Conversation) -> None:
    await talk.gets_file()
    assert len(await talk.gets_file()) == 1


async def test_language_that_the_customer_changed_to_is_spoken(talk: Conversation) -> None:
    await talk.has(SlotSet("language", "en"))
    [told] = await talk.gets_file()
    assert "file" in told["text"]


async def test_file_of_a_customer_who_waits_is_added_to_their_case(talk: Conversation) -> None:
    case, _ = await talk.queue.open(a_case(), "c1")
    [told] = await talk.gets_file()
    assert case.folio in told["text"]


async def test_bot_is_silent_while_a_person_has_the_conversation(talk: Conversation) -> None:
    await talk.has(ConversationPaused())
    assert await talk.gets_file() == []


async def test_people_find_the_file_in_the_transcript_and_it_means_nothing(talk: Conversation) -> None:
    await talk.gets_file()
    _greeting, line, answer = await read_transcript(talk.client, "c1")
    assert (line.author, line.attachment) == ("customer", Attachment(**FILE))  # type: ignore[arg-type]
    assert (line.topic, line.tone, line.is_correctable) == ("", "", False)
    assert answer.author == "bot"


@pytest.mark.parametrize(
    ("message", "has_person", "types"),
    [(a_message(), False, True), (a_message(), True, False), (NOTE, False, False)],
)
async def test_page_sees_the_bot_type_unless_a_person_will_answer(
    talk: Conversation, message: Any, has_person: bool, types: bool
) -> None:
    if has_person:
        await talk.has(ConversationPaused())
    async with hearing(talk.client, ConversationKeys("c1").news) as heard:
        await talk.turns.run(message)
        shown = [json.loads(words) for _, words in await heard() if words]
    assert shown == ([live_entries.typing("bot")] if types else [])


async def test_customer_is_told_that_an_action_failed_though_something_was_said_before(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def say_and_fail(message: UserMessage) -> None:
        await message.output_channel.send_text_message("c1", "Te paso con una persona.")
        with suppress(ClientConnectionError):  # As Rasa does.
            await ActionServer(f"http://127.0.0.1:{free_port()}/webhook").request(json={})

    monkeypatch.setattr(action_server, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(talk, "answer", say_and_fail)
    await talk.turns.run(a_message())
    _, told = await talk.said()
    assert "nada de lo que escribiste se perdió" in told["text"]


async def test_bot_hears_when_the_same_customer_had_cases_elsewhere(talk: Conversation) -> None:
    await talk.queue.open(a_case(number=2), "c2")
    await talk.turns.run(a_message(1))
    for conversation in ("c1", "c2"):
        known = Customer("whatsapp", "1055", "5215512345678", NOON, contact="+525512345678")
        await Customers(talk.client).note(conversation, known)
    await talk.turns.run(a_message(2))
    assert [message.metadata for message in talk.heard] == [{}, {"cases_elsewhere": [NOON]}]


async def waits_for_customer(queue: CaseQueue, **values: Any) -> Case:
    """A case of c1 whose person has asked something and has gone."""
    case, _ = await queue.open(a_case(**values), f"c1:{values}")
    await queue.claim(case.folio, "Ana", NOON)
    await queue.answer(case.folio, "Ana", "¿Cuál es?", NOON)
    await queue.wait_for_customer(case.folio, "Ana", NOON)
    await queue.presence.leave("Ana", NOON + 1)
    return case


async def delivered(client: redis.Redis) -> Bot:
    """A bot to which the outbox was delivered."""
    async with Bot(client).up() as bot, BotApi(settings_for_tests(bot_url=bot.url)) as api:
        delivery = Delivery(client, api)
        while await delivery.deliver_all():
            pass  # A busy machine may take longer than a round has patience for.
    return bot


async def test_who_wrote_to_people_that_have_gone_hears_of_each_case_that_they_keep_their_turn(
    talk: Conversation,
) -> None:
    cases = [await waits_for_customer(talk.queue, kind=kind) for kind in ("hand_off", "complaint")]
    await talk.client.delete(keys.OUTBOX)
    await talk.turns.run(NOTE)
    bot = await delivered(talk.client)
    assert all(any(case.folio in text for text in bot.texts) for case in cases)
    assert all("Conservas tu turno" in text for text in bot.texts)
    # The turn names what it says by its message: the page passes over a key that it knows.
    entries = [event["metadata"]["key"] for one in bot.delivered for event in one.events]
    assert not any(key.startswith(f"{NOTE.id}:") for key in entries)


async def test_message_is_heard_although_its_turn_broke_off_after_the_news_of_it(talk: Conversation) -> None:
    await waits_for_customer(talk.queue)
    message, talk.breaks_off = a_message(), True
    with pytest.raises(ConnectionError):
        await talk.turns.run(message)
    await delivered(talk.client)
    talk.breaks_off = False
    inbox = Inbox(talk.client, talk.turns.run, talk.turns.apologise)
    await inbox.accept(message)
    await eventually(lambda: talk.heard)
    await inbox.stop()
