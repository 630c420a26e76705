"""The outbox: what people say from outside a turn reaches the customer once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis
from builders import Bot, settings_for_tests

from relevo.bot_api import BotApi
from relevo.clock.delivery import Delivery
from relevo.store import keys
from relevo.store.keys import ConversationKeys
from relevo.store.outbox import OutboxMessage, OutboxWriter, says, shows_status


@pytest.fixture
async def bot(redis_client: redis.Redis) -> AsyncIterator[Bot]:
    async with Bot(redis_client).up() as bot:
        yield bot


@pytest.fixture
async def api(bot: Bot) -> AsyncIterator[BotApi]:
    async with BotApi(settings_for_tests(bot_url=bot.url)) as api:
        yield api


@pytest.fixture
def delivery(redis_client: redis.Redis, api: BotApi) -> Delivery:
    return Delivery(redis_client, api)


async def agent_says(client: redis.Redis, text: str, conversation: str = "c1") -> OutboxMessage:
    """Put an agent's answer in the outbox, as the desk's scripts do."""
    message = OutboxWriter(conversation, "webchat").message([says(text, agent="Ana")])
    await client.xadd(keys.OUTBOX, {"id": message.id, "message": message.to_json()})
    return message


async def waiting(client: redis.Redis) -> list[str]:
    """The texts that are still in the outbox."""
    messages = [OutboxMessage.from_fields(fields) for _, fields in await client.xrange(keys.OUTBOX)]
    return [event["text"] for message in messages for event in message.events]


def test_events_of_a_message_carry_its_id_and_a_key_each() -> None:
    message = OutboxWriter("c1", "webchat").message(
        [{"event": "resume"}, shows_status("bot"), says("Adiós", agent="Ana")], "o1"
    )
    assert [event["metadata"]["key"] for event in message.events] == ["o1:0", "o1:1", "o1:2"]
    assert {event["metadata"]["outbox_id"] for event in message.events} == {"o1"}
    assert message.events[2]["metadata"]["agent"] == "Ana"
    assert message.events[1]["data"]["custom"] == {"type": "status", "status": "bot"}


def test_message_is_read_back_as_it_was_written() -> None:
    message = OutboxWriter("c1", "webchat").message([says("¡Sí! 👋", agent="Ana")])
    assert OutboxMessage.from_fields({"id": message.id, "message": message.to_json()}) == message


def test_messages_have_ids_of_their_own() -> None:
    writer = OutboxWriter("c1", "webchat")
    assert writer.message([says("a")]).id != writer.message([says("a")]).id


async def test_answer_is_appended_to_its_conversation_and_leaves_the_outbox(
    delivery: Delivery, bot: Bot, redis_client: redis.Redis
) -> None:
    message = await agent_says(redis_client, "Soy Ana, ya lo reviso. 👋")
    assert await delivery.deliver_all() == 0
    [delivered] = bot.delivered
    assert (delivered.conversation, delivered.channel) == ("c1", "webchat")
    assert delivered.events == message.events
    assert await waiting(redis_client) == []


async def test_answers_arrive_in_the_order_in_which_they_were_given(
    delivery: Delivery, bot: Bot, redis_client: redis.Redis
) -> None:
    for number in range(12):
        await agent_says(redis_client, str(number), f"c{number % 3}")
    await delivery.deliver_all()
    assert bot.texts == [str(number) for number in range(12)]


async def test_failed_message_keeps_its_conversation_back_and_no_other(
    delivery: Delivery, bot: Bot, redis_client: redis.Redis
) -> None:
    for text, conversation in (("a1", "a"), ("b1", "b"), ("a2", "a"), ("b2", "b")):
        await agent_says(redis_client, text, conversation)
    bot.statuses["a"] = [503]
    assert await delivery.deliver_all() > 0
    assert bot.texts == ["b1", "b2"]
    assert await waiting(redis_client) == ["a1", "a2"]


async def test_failed_message_is_tried_again_until_the_bot_has_taken_it(
    delivery: Delivery, bot: Bot, redis_client: redis.Redis
) -> None:
    await agent_says(redis_client, "a1")
    await agent_says(redis_client, "a2")
    bot.statuses["c1"] = [503, 500, 409]
    left = [await delivery.deliver_all() > 0 for _ in range(4)]
    assert left == [True, True, True, False]
    assert bot.texts == ["a1", "a2"]


async def test_messages_wait_while_the_bot_is_away(redis_client: redis.Redis) -> None:
    bot = Bot(redis_client)
    await agent_says(redis_client, "a1")
    async with BotApi(settings_for_tests(bot_url=bot.url)) as api:
        delivery = Delivery(redis_client, api)
        await delivery.deliver_all()
        assert await waiting(redis_client) == ["a1"]
        async with bot.up():
            await delivery.deliver_all()
    assert bot.texts == ["a1"]
    assert await waiting(redis_client) == []


async def test_refused_message_is_set_aside_with_its_reason_and_the_next_goes_on(
    delivery: Delivery, bot: Bot, redis_client: redis.Redis
) -> None:
    refused = await agent_says(redis_client, "a1")
    await agent_says(redis_client, "a2")
    bot.statuses["c1"] = [400]
    assert await delivery.deliver_all() == 0
    assert bot.texts == ["a2"]
    [(_, aside)] = await redis_client.xrange(keys.UNDELIVERED)
    assert OutboxMessage.from_fields(aside) == refused
    assert (aside["reason"], aside["text"]) == ("bot_refused", "a1")
    assert "400" in aside["code"]


async def test_nothing_is_delivered_twice_after_a_crash_between_the_bots_work_and_our_note_of_it(
    delivery: Delivery, bot: Bot, redis_client: redis.Redis, api: BotApi
) -> None:
    await agent_says(redis_client, "a1")
    await agent_says(redis_client, "a2")
    bot.may_reply.clear()
    crashing = asyncio.create_task(delivery.deliver_all())
    await bot.has_worked.wait()
    crashing.cancel()
    await asyncio.wait([crashing])
    bot.may_reply.set()
    assert await waiting(redis_client) == ["a1", "a2"]
    await Delivery(redis_client, api).deliver_all()
    assert bot.texts == ["a1", "a2"]
    assert await waiting(redis_client) == []


async def test_message_that_the_log_has_is_not_sent_again(
    delivery: Delivery, bot: Bot, redis_client: redis.Redis
) -> None:
    message = await agent_says(redis_client, "a1")
    await redis_client.sadd(ConversationKeys("c1").handled, message.id)
    assert await delivery.deliver_all() == 0
    assert bot.texts == []
    assert await waiting(redis_client) == []


async def test_what_people_write_is_not_logged(
    delivery: Delivery, bot: Bot, redis_client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    for conversation, status in (("a", 400), ("b", 503)):
        await agent_says(redis_client, "secreto", conversation)
        bot.statuses[conversation] = [status]
    await delivery.deliver_all()
    assert "can't be delivered" in caplog.text
    assert "waits" in caplog.text
    assert "secreto" not in caplog.text


async def test_waiting_ends_as_soon_as_there_is_something_to_deliver(
    delivery: Delivery, redis_client: redis.Redis
) -> None:
    idle = asyncio.create_task(delivery.wait(10.0))
    await agent_says(redis_client, "a1")
    await asyncio.wait_for(idle, 5)


async def test_waiting_ends_after_its_time_when_there_is_nothing(delivery: Delivery) -> None:
    await asyncio.wait_for(delivery.wait(0.01), 5)
