"""What a customer's page shows: each entry once, read on from any position."""

from __future__ import annotations

import asyncio

import pytest
import redis.asyncio as redis
from builders import Network, client_of

from relevo.store import keys, out_stream
from relevo.store.keys import ConversationKeys
from relevo.store.out_stream import FROM_START, OutEntry, OutStream

NAMES = ConversationKeys("c1")


@pytest.fixture
def stream(redis_client: redis.Redis) -> OutStream:
    return OutStream(redis_client, "c1")


async def read(stream: OutStream, after: str = FROM_START) -> list[OutEntry]:
    """What a page that has seen all up to `after` is given at once."""
    return await anext(stream.follow(after, beat_seconds=0.01))


def texts(entries: list[OutEntry]) -> list[str]:
    return [entry.data["text"] for entry in entries]


async def test_entries_are_shown_in_order_as_they_were_posted(stream: OutStream) -> None:
    await stream.post("m1:0", {"text": "¡Hola! 👋", "author": "bot"})
    await stream.post("m1:1", {"text": "¿Algo más?"})
    entries = await read(stream)
    assert [entry.data for entry in entries] == [
        {"text": "¡Hola! 👋", "author": "bot"},
        {"text": "¿Algo más?"},
    ]


async def test_entry_is_posted_once_per_key(stream: OutStream) -> None:
    assert await stream.post("m1:0", {"text": "first"})
    assert not await stream.post("m1:0", {"text": "of the repeated turn"})
    assert await stream.post("m1:1", {"text": "second"})
    assert texts(await read(stream)) == ["first", "second"]


async def test_same_key_in_another_conversation_is_another_entry(
    stream: OutStream, redis_client: redis.Redis
) -> None:
    await stream.post("greeting", {"text": "a"})
    assert await OutStream(redis_client, "c2").post("greeting", {"text": "b"})


async def test_entry_whose_posting_was_not_confirmed_is_there_once(stream: OutStream, redis_url: str) -> None:
    await stream.post("m0:0", {"text": "before"})
    async with Network(redis_url).up() as network, client_of(network.url) as client:
        await client.ping()
        network.lose_answer()
        await OutStream(client, "c1").post("m1:0", {"text": "unconfirmed"})
    assert network.lost == 1
    assert texts(await read(stream)) == ["before", "unconfirmed"]


async def test_page_reads_on_from_what_it_has_seen(stream: OutStream) -> None:
    for number in range(4):
        await stream.post(str(number), {"text": str(number)})
    seen = (await read(stream))[1].position
    assert texts(await read(stream, seen)) == ["2", "3"]


async def test_page_is_given_new_entries_as_they_come(stream: OutStream) -> None:
    following = stream.follow(FROM_START, beat_seconds=5.0)
    for number in range(3):
        waiting = asyncio.create_task(anext(following))
        await asyncio.sleep(0)
        await stream.post(str(number), {"text": str(number)})
        assert texts(await asyncio.wait_for(waiting, 1)) == [str(number)]


async def test_page_hears_a_beat_when_nothing_comes(stream: OutStream) -> None:
    following = stream.follow(FROM_START, beat_seconds=0.01)
    assert await anext(following) == []
    await stream.post("m1:0", {"text": "at last"})
    assert texts(await anext(following)) == ["at last"]


async def test_greeting_that_nobody_answers_lives_for_its_own_time(
    stream: OutStream, redis_client: redis.Redis
) -> None:
    await stream.post("greeting", {"text": "Hola"}, seconds=keys.DAY_SECONDS)
    assert keys.DAY_SECONDS - 5 <= await redis_client.ttl(NAMES.out) <= keys.DAY_SECONDS


async def test_later_entry_lengthens_the_streams_life_and_none_shortens_it(
    stream: OutStream, redis_client: redis.Redis
) -> None:
    await stream.post("greeting", {"text": "Hola"}, seconds=keys.DAY_SECONDS)
    await stream.post("m1:0", {"text": "Sí"})
    await stream.post("m1:1", {"text": "No"}, seconds=keys.DAY_SECONDS)
    assert await redis_client.ttl(NAMES.out) > keys.TRANSCRIPT_SECONDS - 5
    assert await redis_client.ttl(NAMES.sent) > keys.DEDUPLICATION_SECONDS - 5


async def test_endless_conversation_keeps_its_latest_entries(
    stream: OutStream, redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(out_stream, "MAX_ENTRIES", 100)
    for number in range(400):
        await stream.post(str(number), {"text": str(number)})
    entries = texts(await read(stream))
    assert entries[-1] == "399"
    assert 100 <= len(entries) < 400
