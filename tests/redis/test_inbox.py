"""The durable inbox: every message is handled, in order, and its effects happen once."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from typing import Any

import pytest
import redis.asyncio as redis
from builders import Network, a_message, after_each_command, another_process, client_of, eventually

from relevo.channels import inbox as inbox_module
from relevo.channels.accept import InboxMessage
from relevo.channels.accept import accept as keep
from relevo.channels.inbox import MAX_ATTEMPTS, Inbox
from relevo.store import keys
from relevo.store.keys import ConversationKeys
from relevo.store.marks import Marks

NAMES = ConversationKeys("c1")
DIES_IN_A_TURN = """
import asyncio, os
from relevo.channels import inbox
from relevo.store.connection import connect
inbox.DRAIN_SECONDS = 0.4
async def turn(message):
    print(message.id, flush=True)
    await asyncio.sleep(60)
async def main():
    server = inbox.Inbox(connect(os.environ["REDIS_URL"]), turn, turn)
    for number in (1, 2):
        await server.accept(inbox.InboxMessage(f"message-{number}", "c1", "webchat", "Hola", "es"), {})
    print("both accepted", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


class Bot:
    """Handles messages as the bot does: what it has done is noted in the log's set of handled ids."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client
        self.begun: list[str] = []
        self.handled: list[str] = []
        self.given_up: list[str] = []
        self.failures: dict[str, list[Exception]] = {}
        """By message: what its next turns fail with."""
        self.at_work = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def turn(self, message: InboxMessage) -> None:
        self.begun.append(message.id)
        self.at_work.set()
        await self.may_go_on.wait()
        if failures := self.failures.get(message.id):
            raise failures.pop(0)
        await self._redis.sadd(ConversationKeys(message.conversation).handled, message.id)
        self.handled.append(message.id)

    async def give_up(self, message: InboxMessage) -> None:
        self.given_up.append(message.id)

    async def has_handled(self, *ids: str) -> None:
        """Returns once these messages are handled, and the inboxes empty."""
        await eventually(lambda: set(ids) <= {*self.handled, *self.given_up})
        await eventually(self._has_nothing_left)

    async def _has_nothing_left(self) -> bool:
        """Neither a message nor the lease of a server that empties the inbox."""
        return not [key async for key in self._redis.scan_iter("*") if key.endswith((":inbox", ":drain"))]


@pytest.fixture
def bot(redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> Bot:
    monkeypatch.setattr(inbox_module, "RETRY_SECONDS", 0.01)
    return Bot(redis_client)


ServerFactory = Callable[..., Inbox]


@pytest.fixture
async def a_server(redis_client: redis.Redis, bot: Bot) -> AsyncIterator[ServerFactory]:
    """Builds servers that share Redis and stop at the test's end."""
    servers: list[Inbox] = []

    def build(client: redis.Redis = redis_client) -> Inbox:
        servers.append(Inbox(client, bot.turn, bot.give_up))
        return servers[-1]

    yield build
    bot.may_go_on.set()
    for server in servers:
        await server.stop()


def shown(message: InboxMessage) -> dict[str, Any]:
    return {"type": "message", "author": "customer", "text": message.text}


async def accept(server: Inbox, *messages: InboxMessage) -> list[bool]:
    return [await server.accept(message, shown(message)) for message in messages]


async def leave_behind(client: redis.Redis, *messages: InboxMessage) -> None:
    """Messages that a server took in, long ago, before it died."""
    for message in messages:
        await client.rpush(ConversationKeys(message.conversation).inbox, json.dumps(asdict(message)))
        await client.zadd(keys.INBOXES, {message.conversation: 1.0})


async def texts_on_page(client: redis.Redis, conversation: str = "c1") -> list[str]:
    entries = await client.xrange(ConversationKeys(conversation).out)
    return [json.loads(fields["e"])["text"] for _, fields in entries]


async def test_message_reaches_the_bot_as_it_was_taken_in(redis_client: redis.Redis) -> None:
    taken: asyncio.Queue[InboxMessage] = asyncio.Queue()
    server = Inbox(redis_client, taken.put, taken.put)
    message = a_message(text="¿Dónde está? 📦", language="en", metadata={"title": "Rastrear"})
    assert await server.accept(message, shown(message))
    assert await asyncio.wait_for(taken.get(), 10) == message
    await server.stop()


async def test_page_shows_the_message_at_once(
    a_server: ServerFactory, bot: Bot, redis_client: redis.Redis
) -> None:
    bot.may_go_on.clear()
    await accept(a_server(), a_message(text="Hola"))
    assert await texts_on_page(redis_client) == ["Hola"]


async def test_message_whose_server_dies_is_taken_up_though_another_found_the_inbox_empty(
    redis_client: redis.Redis, redis_url: str
) -> None:
    marks = Marks(redis_client, keys.INBOXES)

    async def empty() -> None:
        mark = await marks.of("c1")
        if not await redis_client.llen(NAMES.inbox):
            await marks.forget("c1", mark)

    async with client_of(redis_url) as client:
        after_each_command(client, empty)
        await keep(client, a_message())
    assert await marks.due(time.time(), 1) == ["c1"]


async def test_message_is_kept_before_it_is_said_to_be_received(
    a_server: ServerFactory, bot: Bot, redis_client: redis.Redis
) -> None:
    bot.may_go_on.clear()
    await accept(a_server(), a_message(1), a_message(2))
    kept = [json.loads(text)["id"] for text in await redis_client.lrange(NAMES.inbox, 0, -1)]
    assert kept == ["message-1", "message-2"]
    assert 0 < await redis_client.ttl(NAMES.inbox) <= keys.DEDUPLICATION_SECONDS


async def test_messages_of_a_conversation_are_handled_in_order_one_at_a_time(
    a_server: ServerFactory, bot: Bot
) -> None:
    servers = [a_server(), a_server()]
    for number in range(20):
        await accept(servers[number % 2], a_message(number))
    await bot.has_handled(*(f"message-{number}" for number in range(20)))
    assert bot.begun == bot.handled == [f"message-{number}" for number in range(20)]


async def test_conversations_do_not_wait_for_each_other(a_server: ServerFactory, bot: Bot) -> None:
    bot.may_go_on.clear()
    await accept(a_server(), a_message(1, "c1"), a_message(2, "c2"))
    await eventually(lambda: set(bot.begun) == {"message-1", "message-2"})


async def test_messages_that_come_together_are_all_kept_before_one_is_handled(
    a_server: ServerFactory, bot: Bot, redis_client: redis.Redis
) -> None:
    await redis_client.script_flush()
    await a_server().accept_all([a_message(number, f"c{number % 5}") for number in range(50)])
    assert bot.begun == []
    kept = [await redis_client.lrange(ConversationKeys(f"c{number}").inbox, 0, -1) for number in range(5)]
    assert [[json.loads(text)["id"] for text in texts] for texts in kept] == [
        [f"message-{number}" for number in range(first, 50, 5)] for first in range(5)
    ]
    await bot.has_handled(*(f"message-{number}" for number in range(50)))


async def test_of_many_conversations_some_are_handled_at_a_time_and_all_in_the_end(
    a_server: ServerFactory, bot: Bot
) -> None:
    count = inbox_module.AT_ONCE * 3
    server = a_server()
    bot.may_go_on.clear()
    for _ in range(2):  # A repeat puts nobody in line twice.
        await server.accept_all([a_message(number, f"c{number}") for number in range(count)])
    await eventually(lambda: len(bot.begun) >= inbox_module.AT_ONCE)
    assert len(bot.begun) == inbox_module.AT_ONCE
    bot.may_go_on.set()
    await bot.has_handled(*(f"message-{number}" for number in range(count)))
    assert len(bot.begun) == count


async def test_repeated_message_is_dropped(
    a_server: ServerFactory, bot: Bot, redis_client: redis.Redis
) -> None:
    server, another = a_server(), a_server()
    assert await accept(server, a_message(1), a_message(1)) == [True, False]
    await bot.has_handled("message-1")
    assert await accept(another, a_message(1)) == [False]
    assert await accept(server, a_message(2)) == [True]
    await bot.has_handled("message-2")
    assert bot.begun == ["message-1", "message-2"]
    assert await texts_on_page(redis_client) == ["text 1", "text 2"]


async def test_same_id_in_another_conversation_is_another_message(a_server: ServerFactory, bot: Bot) -> None:
    assert await accept(a_server(), a_message(1, "c1"), a_message(1, "c2")) == [True, True]
    await eventually(lambda: len(bot.handled) == 2)


async def test_message_whose_acceptance_was_not_heard_is_taken_in_once(
    a_server: ServerFactory, bot: Bot, redis_client: redis.Redis, redis_url: str
) -> None:
    await accept(a_server(), a_message(0))
    await bot.has_handled("message-0")
    bot.may_go_on.clear()
    async with Network(redis_url).up() as network, client_of(network.url) as client:
        network.lose_answer(2)  # The first one is to the inbox's mark.
        await accept(server := a_server(client), a_message(1))
        await server.stop()
    assert network.lost == 1
    assert await redis_client.llen(NAMES.inbox) == 1
    assert await texts_on_page(redis_client) == ["text 0", "text 1"]


async def test_message_left_by_a_server_that_was_killed_is_taken_up(
    a_server: ServerFactory, bot: Bot, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "STALE_SECONDS", 0.1)
    async with another_process(DIES_IN_A_TURN, REDIS_URL=redis_url) as server:
        assert {await server.line(), await server.line()} == {"message-1", "both accepted"}
        await server.kill()
    a_server().start()
    await bot.has_handled("message-1", "message-2")
    assert bot.handled == ["message-1", "message-2"]


async def test_message_left_by_a_server_that_was_stopped_is_taken_up_at_once(
    a_server: ServerFactory, bot: Bot
) -> None:
    bot.may_go_on.clear()
    stopped = a_server()
    await accept(stopped, a_message(1))
    await bot.at_work.wait()
    await stopped.stop()
    bot.may_go_on.set()
    await accept(a_server(), a_message(2))
    await bot.has_handled("message-1", "message-2")
    assert bot.handled == ["message-1", "message-2"]


async def test_message_whose_effects_are_in_the_log_is_not_handled_again(
    a_server: ServerFactory, bot: Bot, redis_client: redis.Redis
) -> None:
    await leave_behind(redis_client, a_message(1), a_message(2))
    await redis_client.sadd(NAMES.handled, "message-1")
    a_server().start()
    await bot.has_handled("message-2")
    assert bot.begun == ["message-2"]


async def test_turn_that_failed_is_tried_again(a_server: ServerFactory, bot: Bot) -> None:
    bot.failures["message-1"] = [RuntimeError(), RuntimeError()]
    await accept(a_server(), a_message(1), a_message(2))
    await bot.has_handled("message-1", "message-2")
    assert bot.handled == ["message-1", "message-2"]
    assert bot.given_up == []


async def test_message_that_always_fails_is_given_up_and_the_next_goes_on(
    a_server: ServerFactory, bot: Bot
) -> None:
    bot.failures["message-1"] = [RuntimeError()] * 100
    await accept(a_server(), a_message(1), a_message(2))
    await bot.has_handled("message-1", "message-2")
    assert bot.begun == ["message-1"] * MAX_ATTEMPTS + ["message-2"]
    assert bot.given_up == ["message-1"]
    assert bot.handled == ["message-2"]


async def test_words_of_a_customer_are_not_logged_when_a_turn_fails(
    a_server: ServerFactory, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    bot.failures["message-1"] = [RuntimeError("my card is 4111")] * 100
    await accept(a_server(), a_message(1, text="my card is 4111"))
    await bot.has_handled("message-1")
    assert "A turn failed" in caplog.text
    assert "4111" not in caplog.text


async def test_message_stays_while_the_store_is_away_and_is_handled_when_it_is_back(
    a_server: ServerFactory, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "STALE_SECONDS", 0.1)
    bot.failures["message-1"] = [redis.ConnectionError()] * (MAX_ATTEMPTS + 1)
    server = a_server()
    server.start()
    await accept(server, a_message(1), a_message(2))
    await bot.has_handled("message-1", "message-2")
    assert bot.handled == ["message-1", "message-2"]
    assert bot.given_up == []


async def test_server_that_was_thought_dead_takes_nothing_from_the_one_that_took_over(
    a_server: ServerFactory, bot: Bot, redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "STALE_SECONDS", 0.05)
    bot.may_go_on.clear()
    await accept(a_server(), a_message(1), a_message(2))
    await bot.at_work.wait()
    # Its lease ran out while it stood still; another one has done its work.
    await redis_client.sadd(NAMES.handled, "message-1")
    await redis_client.lpop(NAMES.inbox)
    bot.may_go_on.set()
    await bot.has_handled("message-2")
    assert "message-2" in bot.handled


async def test_lost_answer_loses_no_message(a_server: ServerFactory, bot: Bot, redis_url: str) -> None:
    async with Network(redis_url).up() as network, client_of(network.url) as client:
        bot.may_go_on.clear()
        await accept(server := a_server(client), a_message(1), a_message(2), a_message(3))
        await bot.at_work.wait()
        network.lose_answer()  # That to the taking out of the handled message.
        bot.may_go_on.set()
        await bot.has_handled("message-1", "message-2", "message-3")
        await server.stop()
    assert network.lost == 1
    assert bot.handled == ["message-1", "message-2", "message-3"]


async def test_inbox_that_was_emptied_is_forgotten(
    a_server: ServerFactory, bot: Bot, redis_client: redis.Redis
) -> None:
    for number in range(5):
        await accept(a_server(), a_message(number))
        await eventually(lambda: _is_forgotten(redis_client))
    assert len(bot.handled) == 5


async def test_inbox_that_was_filled_again_while_it_was_emptied_is_forgotten_later(
    a_server: ServerFactory, bot: Bot, redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "STALE_SECONDS", 0.05)
    bot.may_go_on.clear()
    await accept(server := a_server(), a_message(1), a_message(2))
    await bot.at_work.wait()
    bot.may_go_on.set()
    await bot.has_handled("message-1", "message-2")
    server.start()
    await eventually(lambda: _is_forgotten(redis_client))


async def _is_forgotten(client: redis.Redis) -> bool:
    return not await client.exists(keys.INBOXES)


async def test_nothing_of_an_inbox_stays_for_ever(
    a_server: ServerFactory, bot: Bot, redis_client: redis.Redis
) -> None:
    await accept(a_server(), a_message(1))
    await bot.has_handled("message-1")
    await eventually(lambda: _is_forgotten(redis_client))
    await redis_client.delete(NAMES.handled)  # The tracker store's, who gives it its life.
    lives = {key: await redis_client.ttl(key) async for key in redis_client.scan_iter()}
    assert set(lives) == {NAMES.accepted, NAMES.out}
    assert all(seconds > 0 for seconds in lives.values())


async def test_message_that_comes_late_is_handled_before_those_written_after_it(
    a_server: ServerFactory, bot: Bot
) -> None:
    server = a_server()
    bot.may_go_on.clear()
    first, second, third, late = (
        a_message(number, written_at=1_000.0 + at) for number, at in ((1, 0), (2, 5), (3, 9), (4, 3))
    )
    await accept(server, first)
    await bot.at_work.wait()
    await accept(server, second, third, late)
    bot.may_go_on.set()
    await bot.has_handled(*(message.id for message in (first, second, third, late)))
    assert bot.handled == [message.id for message in (first, late, second, third)]


async def test_message_without_a_page_is_shown_on_none(
    a_server: ServerFactory, bot: Bot, redis_client: redis.Redis
) -> None:
    await a_server().accept(a_message(1))
    await bot.has_handled("message-1")
    assert await texts_on_page(redis_client) == []
