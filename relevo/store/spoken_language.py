"""The language in which a conversation is held, as its log has it, for who speaks into it from outside."""

from __future__ import annotations

import json
from pathlib import Path

import redis.asyncio as redis

from relevo.store.connection import Script
from relevo.store.conversation_state import ConversationState, fold
from relevo.store.keys import ConversationKeys

_read = Script(Path(__file__).with_name("working_state.lua"))


async def spoken_language(client: redis.Redis, conversation: str) -> str:
    """The language's code; "" if nothing was said yet."""
    names = ConversationKeys(conversation)
    folded, _, entries = await _read(client, [names.log, names.snapshot], [])
    state = ConversationState.from_json(json.loads(folded)) if folded else ConversationState()
    after = fold([json.loads(fields[1]) for _, fields in entries], state)
    return str(after.slots.get("language") or "")
