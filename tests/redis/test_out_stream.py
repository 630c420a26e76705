"""What a customer's page shows: each entry once, read on from any position."""

from __future__ import annotations

from contextlib import aclosing

import pytest
import redis.asyncio as redis
from builders import Network, client_of

from relevo.store import keys, out_stream
from relevo.store.keys import ConversationKeys
from relevo.store.out_feed import OutFeed
from relevo.store.out_stream import FROM_START, OutEntry, OutStream, parse_position
from relevo.store.wakes import Wakes

NAMES = ConversationKeys("c1")


@pytest.fixture
def stream(redis_client: redis.Redis) -> OutStream:
    return OutStream(redis_client, "c1")


async def read(client: redis.Redis, after: str = FROM_START) -> list[OutEntry]:
    """What a page that has seen all up to `after` is given before it waits."""
    found: list[OutEntry] = []
    following = OutFeed(client, Wakes(client)).follow("c1", after, beat_seconds=5.0)
    async with aclosing(following) as updates:
        while entries := await anext(updates):
            found += entries
    return found


def texts(entries: list[OutEntry]) -> list[str]:
    return [entry.data["text"] for entry in entries]


async def test_entries_are_shown_in_order_as_they_were_posted(
    stream: OutStream, redis_client: redis.Redis
) -> None:
    await stream.post("m1:0", {"text": "¡Hola! 👋", "author": "bot"})
    await stream.post("m1:1", {"text": "¿Algo más?"})
    entries = await read(redis_client)
    assert [entry.data for entry in entries] == [
        {"text": "¡Hola! 👋", "author": "bot"},
        {"text": "¿Algo más?"},
    ]


async def test_entry_is_posted_once_per_key(stream: OutStream, redis_client: redis.Redis) -> None:
    assert await stream.post("m1:0", {"text": "first"})
    assert not await stream.post("m1:0", {"text": "of the repeated turn"})
    assert await stream.post("m1:1", {"text": "second"})
    assert texts(await read(redis_client)) == ["first", "second"]


async def test_same_key_in_another_conversation_is_another_entry(
    stream: OutStream, redis_client: redis.Redis
) -> None:
    await stream.post("greeting", {"text": "a"})
    assert await OutStream(redis_client, "c2").post("greeting", {"text": "b"})


async def test_entry_whose_posting_was_not_confirmed_is_there_once(
    stream: OutStream, redis_client: redis.Redis, redis_url: str
) -> None:
    await stream.post("m0:0", {"text": "before"})
    async with Network(redis_url).up() as network, client_of(network.url) as client:
        await client.ping()
        network.lose_answer()
        await OutStream(client, "c1").post("m1:0", {"text": "unconfirmed"})
    assert network.lost == 1
    assert texts(await read(redis_client)) == ["before", "unconfirmed"]


async def test_page_reads_on_from_what_it_has_seen(stream: OutStream, redis_client: redis.Redis) -> None:
    for number in range(4):
        await stream.post(str(number), {"text": str(number)})
    seen = (await read(redis_client))[1].position
    assert texts(await read(redis_client, seen)) == ["2", "3"]


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
    assert await redis_client.ttl(NAMES.posted) > keys.DEDUPLICATION_SECONDS - 5


async def test_endless_conversation_keeps_its_latest_entries(
    stream: OutStream, redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(out_stream, "MAX_ENTRIES", 100)
    for number in range(400):
        await stream.post(str(number), {"text": str(number)})
    entries = texts(await read(redis_client))
    assert entries[-1] == "399"
    assert 100 <= len(entries) < 400


async def test_positions_of_entries_are_found_by_their_keys(
    stream: OutStream, redis_client: redis.Redis
) -> None:
    await stream.post("a1:0", {"text": "Hola"})
    [entry] = await read(redis_client)
    assert await stream.positions_of(["a1:0", "a1:1"]) == {"a1:0": entry.position}
    assert await stream.positions_of([]) == {}
    assert await stream.last_position() == entry.position


@pytest.mark.parametrize(
    ("given", "parsed"),
    [
        ("1764000000000-7", "1764000000000-7"),
        ("0017-3", "17-3"),
        ("0-0", "0-0"),
        (f"{2**64 - 1}-0", f"{2**64 - 1}-0"),
        (f"{2**64}-0", None),
        (f"1-{2**64}", None),
        (f"{2**64 - 1}-{2**64 - 1}", None),  # nothing comes after it, and Redis says that it is no position
        ("9" * 5_000 + "-0", None),
        ("-", None),
        ("1", None),
        ("", None),
        ("1-2-3", None),
        ("+1-2", None),
        ("1_0-2", None),
        ("١-٢", None),
    ],
)
async def test_position_is_one_that_redis_can_read_on_from(
    given: str, parsed: str | None, redis_client: redis.Redis
) -> None:
    assert parse_position(given) == parsed
    if parsed:
        assert await redis_client.xrange(NAMES.out, min=f"({parsed}") == []
