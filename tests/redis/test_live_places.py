"""Customers who wait see their place move, on pages that are open, while people are at work."""

from __future__ import annotations

import json
from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, a_case

from relevo.cases.queue import CaseQueue
from relevo.clock.live_places import LivePlaces
from relevo.protocol import Protocol
from relevo.store.keys import ConversationKeys

SUNDAY = NOON - 2 * 86_400


@pytest.fixture
def queue(redis_client: redis.Redis, protocol: Protocol) -> CaseQueue:
    return CaseQueue(redis_client, protocol)


async def heard(pubsub: Any) -> list[tuple[str, int]]:
    """Which conversations were told which place."""
    found = []
    while message := await pubsub.get_message(ignore_subscribe_messages=True, timeout=0.05):
        found.append((message["channel"], json.loads(message["data"])["position"]))
    return found


async def test_place_is_shown_when_it_changes_and_not_again(
    queue: CaseQueue, redis_client: redis.Redis, protocol: Protocol
) -> None:
    places, pubsub = LivePlaces(redis_client, queue, protocol), redis_client.pubsub()
    news = {number: ConversationKeys(f"c{number}").news for number in (1, 2)}
    await pubsub.subscribe(*news.values())
    await pubsub.get_message(timeout=1)
    await pubsub.get_message(timeout=1)
    first, _ = await queue.open(a_case(1), "1")
    await queue.open(a_case(2, target_at=NOON + 400), "2")
    assert await places.show(SUNDAY) == 0, "nobody is at work, so no place moves"
    assert await places.show(NOON) == 2
    assert await heard(pubsub) == [(news[1], 1), (news[2], 2)]
    assert await places.show(NOON) == 0
    await queue.claim(first.folio, "Ana", NOON + 60)
    assert await places.show(NOON + 60) == 1
    assert await heard(pubsub) == [(news[2], 1)]
    await pubsub.close()
