"""The outbox: what people say from outside a turn reaches the customer once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis
from builders import NOON, Bot, after_each_command, client_of, eventually, settings_for_tests

from relevo.bot_api import BotApi
from relevo.clock import delivery as delivery_module
from relevo.clock.delivery import Delivery
from relevo.sending.undelivered import Undeliverable, Undelivered
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


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, a round is waited for; tests of what hangs have less patience."""
    monkeypatch.setattr(delivery_module, "PATIENCE_SECONDS", 20.0)


@pytest.fixture
def delivery(redis_client: redis.Redis, api: BotApi) -> Delivery:
    return Delivery(redis_client, api)


async def agent_says(client: redis.Redis, text: str, conversation: str = "c1") -> OutboxMessage:
    """Put an agent's answer in the outbox, as the desk's scripts do."""
    message = OutboxWriter(conversation, "webchat").message([says(text, agent="Ana")], now=NOON)
    await client.xadd(keys.OUTBOX, {"id": message.id, "message": message.to_json()})
    return message


async def is_empty_after(delivery: Delivery) -> bool:
    """Whether a round leaves nothing."""
    return await delivery.deliver_all() == 0


async def only_one_is_owed(delivery: Delivery) -> bool:
    """Whether a round leaves one conversation."""
    return await delivery.deliver_all() == 1


async def waiting(client: redis.Redis) -> list[str]:
    """The texts that are still in the outbox."""
    messages = [OutboxMessage.from_fields(fields) for _, fields in await client.xrange(keys.OUTBOX)]
    return [event["text"] for message in messages for event in message.events]


def test_events_of_a_message_carry_its_id_and_a_key_each() -> None:
    message = OutboxWriter("c1", "webchat").message(
        [{"event": "resume"}, shows_status("bot"), says("Adiós", agent="Ana")], "o1", now=NOON
    )
    assert [event["metadata"]["key"] for event in message.events] == ["o1:0", "o1:1", "o1:2"]
    assert {event["metadata"]["outbox_id"] for event in message.events} == {"o1"}
    assert message.events[2]["metadata"]["agent"] == "Ana"
    assert message.events[1]["data"]["custom"] == {"type": "status", "status": "bot"}


def test_message_is_read_back_as_it_was_written() -> None:
    message = OutboxWriter("c1", "webchat").message([says("¡Sí! 👋", agent="Ana")], now=NOON)
    assert OutboxMessage.from_fields({"id": message.id, "message": message.to_json()}) == message


def test_messages_have_ids_of_their_own() -> None:
    writer = OutboxWriter("c1", "webchat")
    assert writer.message([says("a")], now=NOON).id != writer.message([says("a")], now=NOON).id


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
    for conversation in range(3):
        assert bot.texts_in(f"c{conversation}") == [str(n) for n in range(12) if n % 3 == conversation]


async def test_all_that_waits_is_delivered_in_one_round_however_much_it_is(
    delivery: Delivery, bot: Bot, redis_client: redis.Redis
) -> None:
    """More than is read at once, a conversation's messages on several pages."""
    for number in range(2 * delivery_module.PAGE + 7):
        await agent_says(redis_client, str(number), f"c{number % 9}")
    assert await delivery.deliver_all() == 0
    assert await waiting(redis_client) == []
    for conversation in range(9):
        heard = [int(text) for text in bot.texts_in(f"c{conversation}")]
        assert heard == sorted(heard) and len(heard) == len(range(conversation, 207, 9))


async def test_hanging_conversation_holds_no_other_up_and_is_delivered_once_when_it_goes_on(
    delivery: Delivery, bot: Bot, redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_module, "PATIENCE_SECONDS", 0.1)
    go_on = bot.hangs["a"] = asyncio.Event()
    for text, conversation in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        await agent_says(redis_client, text, conversation)
    await eventually(lambda: only_one_is_owed(delivery))
    await agent_says(redis_client, "b2", "b")
    await agent_says(redis_client, "a3", "a")
    await eventually(lambda: only_one_is_owed(delivery))
    assert bot.texts == ["b1", "b2"]
    go_on.set()
    await eventually(lambda: bot.texts_in("a") == ["a1", "a2"])
    await eventually(lambda: is_empty_after(delivery))
    assert bot.texts_in("a") == ["a1", "a2", "a3"]


async def test_no_more_conversations_than_planned_are_delivered_to_at_once(
    delivery: Delivery, bot: Bot, redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_module, "PATIENCE_SECONDS", 0.1)
    bot.may_reply.clear()
    for number in range(2 * delivery_module.AT_ONCE):
        await agent_says(redis_client, "hola", f"c{number}")
    assert await delivery.deliver_all() == 2 * delivery_module.AT_ONCE
    await eventually(lambda: len(bot.delivered) == delivery_module.AT_ONCE)
    assert await delivery.deliver_all() == 2 * delivery_module.AT_ONCE
    assert len(bot.delivered) == delivery_module.AT_ONCE


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


async def test_message_that_is_refused_again_at_once_is_set_aside_again(
    redis_client: redis.Redis, redis_url: str
) -> None:
    refused = Undeliverable("o1", "c1", "webchat", "bot_refused", "{}", source="outbox")
    undelivered = Undelivered(redis_client)
    await undelivered.add(refused)
    [entry] = await undelivered.all()

    async def bot_refuses() -> None:
        for at, _ in await redis_client.xrange(keys.OUTBOX):
            await undelivered.add(refused)
            await redis_client.xdel(keys.OUTBOX, at)

    async with client_of(redis_url) as client:
        after_each_command(client, bot_refuses)
        await Undelivered(client).retry(entry.position, "Ana", NOON)
    [again] = await undelivered.all()
    assert again.position != entry.position


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
    await eventually(lambda: is_empty_after(Delivery(redis_client, api)))
    assert bot.texts == ["a1", "a2"]
    assert await waiting(redis_client) == []


async def test_two_clocks_that_both_believe_to_be_at_work_deliver_once(
    delivery: Delivery, bot: Bot, redis_client: redis.Redis, api: BotApi
) -> None:
    """As after a pause of the whole machine, longer than the clock's lease."""
    go_on = bot.hangs["c1"] = asyncio.Event()
    await agent_says(redis_client, "a1")
    first = asyncio.create_task(delivery.deliver_all())
    await eventually(lambda: redis_client.exists(ConversationKeys("c1").delivery))
    assert await Delivery(redis_client, api).deliver_all() == 1
    go_on.set()
    assert await first == 0
    assert bot.texts == ["a1"]


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
