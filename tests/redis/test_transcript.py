"""The transcript as people read it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import redis.asyncio as redis
from builders import NOON

from relevo.store.keys import ConversationKeys
from relevo.store.transcript import TranscriptLine, follow_transcript, read_transcript


async def log(client: redis.Redis, *events: dict[str, Any], conversation: str = "c1") -> None:
    """Events in the log, as the tracker store writes them."""
    for event in events:
        entry = {"timestamp": NOON, "metadata": {}, **event}
        await client.xadd(ConversationKeys(conversation).log, {"e": json.dumps(entry)})


def customer(text: str, **values: Any) -> dict[str, Any]:
    parsed = {"intent": {"name": "track_order", "confidence": 0.9}, "tone": {"name": "angry"}}
    return {"event": "user", "text": text, "parse_data": parsed, **values}


def bot(text: str | None, **metadata: Any) -> dict[str, Any]:
    return {"event": "bot", "text": text, "metadata": metadata}


def said(lines: list[TranscriptLine]) -> list[tuple[str, str]]:
    return [(line.author, line.text) for line in lines]


async def test_messages_are_read_in_order_with_who_wrote_them(redis_client: redis.Redis) -> None:
    await log(redis_client, bot("¡Hola! Soy Luz."), customer("¿Dónde está?"), bot("Soy Ana.", agent="Ana"))
    lines = await read_transcript(redis_client, "c1")
    assert said(lines) == [
        ("bot", "¡Hola! Soy Luz."),
        ("customer", "¿Dónde está?"),
        ("agent", "Soy Ana."),
    ]
    assert lines[2].agent == "Ana"
    assert {line.at for line in lines} == {NOON}


async def test_customers_message_shows_its_topic_and_tone(redis_client: redis.Redis) -> None:
    await log(redis_client, customer("¿Dónde está?"))
    [line] = await read_transcript(redis_client, "c1")
    assert (line.topic, line.tone) == ("track_order", "angry")


async def test_message_that_was_not_understood_shows_neither(redis_client: redis.Redis) -> None:
    unknown = {"intent": {"name": None}, "tone": None}
    await log(redis_client, customer("???", parse_data=unknown), customer("???", parse_data=None))
    lines = await read_transcript(redis_client, "c1")
    assert [(line.topic, line.tone) for line in lines] == [("", ""), ("", "")]


async def test_pressed_button_is_read_by_its_title(redis_client: redis.Redis) -> None:
    await log(redis_client, customer("/track_order", metadata={"title": "Rastrear pedido"}))
    assert said(await read_transcript(redis_client, "c1")) == [("customer", "Rastrear pedido")]


async def test_what_is_not_a_message_is_left_out(redis_client: redis.Redis) -> None:
    await log(
        redis_client,
        {"event": "action", "name": "action_listen"},
        {"event": "slot", "name": "language", "value": "es"},
        {"event": "pause"},
        {**bot(None), "data": {"custom": {"type": "status", "status": "waiting"}}},
        bot("Adiós"),
    )
    assert said(await read_transcript(redis_client, "c1")) == [("bot", "Adiós")]


async def test_unknown_conversation_has_an_empty_transcript(redis_client: redis.Redis) -> None:
    await log(redis_client, bot("Hola"))
    assert await read_transcript(redis_client, "c2") == []


async def test_reader_goes_on_after_the_last_line_it_has_seen(redis_client: redis.Redis) -> None:
    await log(redis_client, bot("1"), bot("2"), bot("3"))
    seen = (await read_transcript(redis_client, "c1"))[1].position
    assert said(await read_transcript(redis_client, "c1", seen)) == [("bot", "3")]


async def test_new_messages_come_as_they_are_written(redis_client: redis.Redis) -> None:
    await log(redis_client, bot("old"))
    [old] = await read_transcript(redis_client, "c1")
    following = follow_transcript(redis_client, "c1", old.position, beat_seconds=60.0)
    for text in ("new", "newer"):
        coming = asyncio.create_task(anext(following))
        await log(redis_client, {"event": "slot", "name": "language", "value": "es"}, customer(text))
        assert said(await asyncio.wait_for(coming, 10)) == [("customer", text)]


async def test_reader_hears_a_beat_when_nothing_comes(redis_client: redis.Redis) -> None:
    following = follow_transcript(redis_client, "c1", "0-0", beat_seconds=0.01)
    assert await anext(following) == []
    await log(redis_client, bot("at last"))
    assert said(await anext(following)) == [("bot", "at last")]
