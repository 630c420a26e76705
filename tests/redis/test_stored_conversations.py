"""Conversations of the store, as `relevo what-if` reads them."""

from __future__ import annotations

import json

import redis.asyncio as redis
from builders import NOON

from relevo.store import keys
from relevo.what_if.stored import stored_conversations


async def test_conversations_that_were_active_lately_are_read_with_their_events(
    redis_client: redis.Redis,
) -> None:
    for conversation, active_at in (("old", NOON - 1), ("b", NOON + 20), ("a", NOON + 10)):
        await redis_client.zadd(keys.CONVERSATIONS, {conversation: active_at})
        for text in ("hola", "gracias"):
            event = {"event": "user", "text": f"{text} {conversation}"}
            await redis_client.xadd(keys.ConversationKeys(conversation).log, {"e": json.dumps(event)})
    found = [one async for one in stored_conversations(redis_client, since=NOON)]
    assert [one.id for one in found] == ["a", "b"], "in the order of their last activity"
    assert [event["text"] for event in found[0].events] == ["hola a", "gracias a"]


async def test_conversation_whose_log_is_gone_has_no_events(redis_client: redis.Redis) -> None:
    await redis_client.zadd(keys.CONVERSATIONS, {"gone": NOON})
    assert [one.events async for one in stored_conversations(redis_client, since=NOON)] == [[]]
