"""Conversations that customers had lately, from the store."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import redis.asyncio as redis

from relevo.store import keys
from relevo.what_if.comparison import Conversation


async def stored_conversations(client: redis.Redis, since: float) -> AsyncIterator[Conversation]:
    """The conversations that were active after an instant (UTC epoch seconds), one in memory at a time."""
    for conversation in await client.zrangebyscore(keys.CONVERSATIONS, since, "+inf"):
        entries = await client.xrange(keys.ConversationKeys(conversation).log)
        yield Conversation(conversation, [json.loads(fields["e"]) for _, fields in entries])
