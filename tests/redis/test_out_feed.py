"""How open pages follow their conversations: woken by news, by words that nobody keeps, after an outage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import redis.asyncio as redis
from builders import Network, a_message, client_of, eventually

from relevo.channels.inbox import Inbox
from relevo.store import wakes as wakes_module
from relevo.store.keys import ConversationKeys
from relevo.store.out_feed import OutFeed
from relevo.store.out_stream import FROM_START, OutEntry, OutStream
from relevo.store.wakes import Wakes

LONG = 30.0
"""A beat that no test waits for: what comes was told."""


@pytest.fixture
async def wakes(redis_client: redis.Redis) -> AsyncIterator[Wakes]:
    wakes = Wakes(redis_client)
    listening = asyncio.create_task(wakes.run())
    yield wakes
    listening.cancel()
    await asyncio.wait([listening])


@pytest.fixture
def feed(redis_client: redis.Redis, wakes: Wakes) -> OutFeed:
    return OutFeed(redis_client, wakes)


async def caught_up(feed: OutFeed, conversation: str = "c1") -> AsyncIterator[list[OutEntry]]:
    """A page that has seen all that stands in its stream."""
    following = feed.follow(conversation, FROM_START, beat_seconds=LONG)
    while await soon(following):
        pass
    return following


async def soon(following: AsyncIterator[list[OutEntry]]) -> list[dict[str, Any]]:
    """What the page is given next."""
    return [entry.data for entry in await asyncio.wait_for(anext(following), 10)]


async def test_page_is_given_new_entries_as_they_come(feed: OutFeed, redis_client: redis.Redis) -> None:
    following = await caught_up(feed)
    for number in range(3):
        await OutStream(redis_client, "c1").post(str(number), {"text": str(number)})
        assert await soon(following) == [{"text": str(number)}]


async def test_page_that_is_opened_hears_what_is_posted_while_it_begins_to_listen(
    feed: OutFeed, redis_client: redis.Redis
) -> None:
    for number in range(20):
        conversation = f"c{number}"
        following = feed.follow(conversation, FROM_START, beat_seconds=LONG)
        assert await soon(following) == []
        await OutStream(redis_client, conversation).post("1", {"text": "at once"})
        assert await soon(following) == [{"text": "at once"}]


async def test_own_message_is_shown_in_the_customers_other_tab(
    feed: OutFeed, redis_client: redis.Redis
) -> None:
    async def nothing(message: object) -> None: ...

    following = await caught_up(feed)
    inbox = Inbox(redis_client, nothing, nothing)
    await inbox.accept(a_message(), {"text": "from the first tab"})
    assert await soon(following) == [{"text": "from the first tab"}]
    await inbox.stop()


async def test_word_that_nobody_keeps_reaches_open_pages_only(
    feed: OutFeed, redis_client: redis.Redis
) -> None:
    following, other = await caught_up(feed), await caught_up(feed, "c2")
    await OutStream(redis_client, "c1").show({"type": "typing", "author": "agent"})
    assert await soon(following) == [{"type": "typing", "author": "agent"}]
    await OutStream(redis_client, "c2").show({"type": "typing", "author": "bot"})
    assert await soon(other) == [{"type": "typing", "author": "bot"}]
    assert await redis_client.exists(ConversationKeys("c1").out) == 0
    assert await soon(feed.follow("c1", FROM_START, beat_seconds=LONG)) == []


async def test_two_tabs_of_one_conversation_are_both_told_and_one_may_go(
    feed: OutFeed, redis_client: redis.Redis
) -> None:
    first, second = await caught_up(feed), await caught_up(feed)
    await first.aclose()  # type: ignore[attr-defined]
    await OutStream(redis_client, "c1").post("1", {"text": "for the second"})
    assert await soon(second) == [{"text": "for the second"}]


async def test_channel_is_left_with_its_last_page(feed: OutFeed, redis_client: redis.Redis) -> None:
    following = await caught_up(feed)
    channel = ConversationKeys("c1").news
    await eventually(lambda: _listeners(redis_client, channel))
    await following.aclose()  # type: ignore[attr-defined]
    await eventually(lambda: _is_left(redis_client, channel))


async def test_page_hears_a_beat_when_nothing_comes(feed: OutFeed, redis_client: redis.Redis) -> None:
    following = feed.follow("c1", FROM_START, beat_seconds=0.01)
    assert [await soon(following), await soon(following)] == [[], []]
    await OutStream(redis_client, "c1").post("1", {"text": "at last"})
    while not (entries := await soon(following)):
        pass
    assert entries == [{"text": "at last"}]


async def test_thousand_pages_wait_with_one_connection(feed: OutFeed, redis_client: redis.Redis) -> None:
    before = len(await redis_client.client_list())
    pages = [await caught_up(feed, f"c{number}") for number in range(1_000)]
    assert len(await redis_client.client_list()) <= before + 2
    await OutStream(redis_client, "c999").post("1", {"text": "for the last"})
    assert await soon(pages[-1]) == [{"text": "for the last"}]


async def test_what_was_posted_during_an_outage_comes_when_the_connection_is_back(
    redis_client: redis.Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wakes_module, "RETRY_SECONDS", 0.01)
    async with Network(redis_url).up() as network, client_of(network.url) as far:
        wakes = Wakes(far)
        listening = asyncio.create_task(wakes.run())
        following = await caught_up(OutFeed(far, wakes))
        await eventually(lambda: _listeners(redis_client, ConversationKeys("c1").news))
        network.lose_answer()
        await OutStream(redis_client, "c1").post("1", {"text": "unheard"})
        assert await soon(following) == [{"text": "unheard"}]
        assert network.lost == 1
        listening.cancel()
        await asyncio.wait([listening])


async def _listeners(client: redis.Redis, channel: str) -> int:
    return int((await client.pubsub_numsub(channel))[0][1])


async def _is_left(client: redis.Redis, channel: str) -> bool:
    return await _listeners(client, channel) == 0
