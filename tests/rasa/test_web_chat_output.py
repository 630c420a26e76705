"""How the bot's words reach the page."""

from __future__ import annotations

import json
from typing import Any

import redis.asyncio as redis
from builders import NOON, settings_for_tests
from rasa.shared.core.events import BotUttered

from relevo.channels.webchat.connector import WebChat
from relevo.channels.webchat.output import WebChatOutput
from relevo.protocol import Protocol
from relevo.store.keys import ConversationKeys
from relevo.store.outbox import Event, OutboxWriter, says, shows_status


async def page(client: redis.Redis) -> list[dict[str, Any]]:
    """What the page of the conversation shows."""
    return [json.loads(fields["e"]) for _, fields in await client.xrange(ConversationKeys("c1").out)]


async def send_from_outside(client: redis.Redis, events: list[Event]) -> None:
    """What Rasa does with the desk's events: each of the bot is sent through the channel."""
    output = WebChatOutput(client)
    for event in events:
        uttered = BotUttered(event.get("text"), event.get("data"), metadata=event["metadata"])
        await output.send_response("c1", uttered.message())


async def answer(client: redis.Redis, turn: str, *texts: str) -> None:
    output = WebChatOutput(client, turn)
    for text in texts:
        await output.send_response("c1", {"text": text})


async def test_answers_are_shown_in_order(redis_client: redis.Redis) -> None:
    await answer(redis_client, "message-1", "¡Hola! 👋", "¿En qué ayudo?")
    assert [(entry["author"], entry["text"]) for entry in await page(redis_client)] == [
        ("bot", "¡Hola! 👋"),
        ("bot", "¿En qué ayudo?"),
    ]


async def test_turn_that_is_repeated_after_a_crash_shows_nothing_twice(redis_client: redis.Redis) -> None:
    await answer(redis_client, "message-1", "first")
    await answer(redis_client, "message-1", "first", "second")
    assert [entry["text"] for entry in await page(redis_client)] == ["first", "second"]


async def test_same_answer_to_another_message_is_shown_again(redis_client: redis.Redis) -> None:
    await answer(redis_client, "message-1", "Hola")
    await answer(redis_client, "message-2", "Hola")
    assert [entry["text"] for entry in await page(redis_client)] == ["Hola", "Hola"]


async def test_buttons_are_shown_as_quick_replies(redis_client: redis.Redis) -> None:
    button = {"title": "Rastrear", "payload": "/track_order", "type": "postback"}
    await WebChatOutput(redis_client, "m1").send_response("c1", {"text": "¿Qué?", "buttons": [button]})
    [entry] = await page(redis_client)
    assert entry["text"] == "¿Qué?"
    assert entry["quick_replies"] == [{"title": "Rastrear", "payload": "/track_order"}]


async def test_agents_words_are_shown_under_their_name(redis_client: redis.Redis) -> None:
    message = OutboxWriter("c1", "webchat").message([says("Ya lo reviso.", agent="Ana")], now=NOON)
    await send_from_outside(redis_client, message.events)
    [entry] = await page(redis_client)
    assert (entry["author"], entry["agent"], entry["text"]) == ("agent", "Ana", "Ya lo reviso.")


async def test_change_of_status_is_shown_as_it_is(redis_client: redis.Redis) -> None:
    message = OutboxWriter("c1", "webchat").message([shows_status("claimed", agent="Ana")], now=NOON)
    await send_from_outside(redis_client, message.events)
    assert await page(redis_client) == [{"type": "status", "status": "claimed", "agent": "Ana"}]


async def test_message_from_outside_that_is_delivered_again_is_shown_once(redis_client: redis.Redis) -> None:
    message = OutboxWriter("c1", "webchat").message(
        [shows_status("claimed"), says("Hola", agent="Ana")], now=NOON
    )
    await send_from_outside(redis_client, message.events)
    await send_from_outside(redis_client, message.events)
    assert len(await page(redis_client)) == 2


async def test_two_messages_from_outside_are_both_shown(redis_client: redis.Redis) -> None:
    writer = OutboxWriter("c1", "webchat")
    for _ in range(2):
        await send_from_outside(redis_client, writer.message([says("Hola", agent="Ana")], now=NOON).events)
    assert len(await page(redis_client)) == 2


async def test_page_hears_who_comes_and_who_goes(redis_client: redis.Redis) -> None:
    writer = OutboxWriter("c1", "webchat")
    came = writer.message([shows_status("claimed", agent="Ana", joined="Ana")], now=NOON)
    gone = writer.message([shows_status("waiting", left="Ana")], now=NOON)
    for message in (came, came, gone):
        await send_from_outside(redis_client, message.events)
    assert await page(redis_client) == [
        {"type": "status", "status": "claimed", "agent": "Ana"},
        {"type": "agent", "name": "Ana", "joined": True},
        {"type": "status", "status": "waiting"},
        {"type": "agent", "name": "Ana", "joined": False},
    ]


async def test_bot_keeps_the_channels_measure_of_emoji_and_a_persons_words_stay(
    redis_client: redis.Redis, redis_url: str, protocol: Protocol
) -> None:
    strict = protocol.channels["webchat"].copy(update={"emoji": "none"})
    without = protocol.copy(update={"channels": {**protocol.channels, "webchat": strict}})
    output = WebChat(settings_for_tests(redis_url=redis_url), without).output("m1")
    await output.send_response("c1", {"text": "¡Con mucho gusto! 😊"})
    await output.send_response("c1", {"text": "Listo 😊", "agent": "Ana"})
    assert [entry["text"] for entry in await page(redis_client)] == ["¡Con mucho gusto!", "Listo 😊"]
