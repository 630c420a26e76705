"""Customers who wait see their place move, on pages that are open, while people are at work."""

from __future__ import annotations

import json

import pytest
import redis.asyncio as redis
from builders import NOON, a_case, hearing

from relevo.cases.queue import CaseQueue
from relevo.clock.live_places import LivePlaces
from relevo.protocol import Protocol
from relevo.store.keys import ConversationKeys

SUNDAY = NOON - 2 * 86_400


@pytest.fixture
def queue(redis_client: redis.Redis, protocol: Protocol) -> CaseQueue:
    return CaseQueue(redis_client, protocol)


async def test_place_is_shown_when_it_changes_and_not_again(
    queue: CaseQueue, redis_client: redis.Redis, protocol: Protocol
) -> None:
    places = LivePlaces(redis_client, queue, protocol)
    one, two = ConversationKeys("c1").news, ConversationKeys("c2").news
    first, _ = await queue.open(a_case(1), "1")
    await queue.open(a_case(2, target_at=NOON + 400), "2")
    async with hearing(redis_client, one, two) as heard:
        assert await places.show(SUNDAY) == 0, "nobody is at work, so no place moves"
        assert await places.show(NOON) == 2
        assert _positions(await heard()) == [(one, 1), (two, 2)]
        assert await places.show(NOON) == 0
        await queue.claim(first.folio, "Ana", NOON + 60)
        assert await places.show(NOON + 60) == 1
        assert _positions(await heard()) == [(two, 1)]


async def test_place_is_that_of_the_hand_off_and_not_of_a_complaint_of_the_same_conversation(
    queue: CaseQueue, redis_client: redis.Redis, protocol: Protocol
) -> None:
    news = ConversationKeys("c1").news
    await queue.open(a_case(1), "1")
    await queue.open(a_case(1, kind="complaint", target_at=NOON + 400), "2")
    async with hearing(redis_client, news) as heard:
        assert await LivePlaces(redis_client, queue, protocol).show(NOON) == 1
        assert _positions(await heard()) == [(news, 1)]


def _positions(told: list[tuple[str, str]]) -> list[tuple[str, int]]:
    return [(channel, json.loads(words)["position"]) for channel, words in told]
