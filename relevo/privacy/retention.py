"""What is kept no longer than the protocol says, where a time to live alone can't do it.

Closed cases and ended follow-ups expire by themselves. Conversations live on with each message, and longer as
long as a case of theirs is open; and a changed period holds for those, too, that are already there.
"""

from __future__ import annotations

from contextlib import suppress

import redis.asyncio as redis

from relevo.cases.queue import CaseQueue
from relevo.privacy.erasure import erase_conversation
from relevo.privacy.records import noted_under
from relevo.protocol.parts.privacy import Retention
from relevo.store import keys
from relevo.store.confirmed_contacts import ConfirmedContacts
from relevo.store.conversation_lock import ConversationBusy

EVERY_SECONDS = 3_600


async def tidy(client: redis.Redis, queue: CaseQueue, retention: Retention, now: float) -> int:
    """Erase conversations whose time is over, once an hour; returns how many. `now` is UTC epoch seconds."""
    if not await client.set(keys.TIDIED, now, nx=True, ex=EVERY_SECONDS):
        return 0
    limit = now - retention.conversations
    erased = 0
    for conversation in await client.zrangebyscore(keys.CONVERSATIONS, "-inf", limit):
        if not await queue.of_conversation(conversation):
            with suppress(ConversationBusy):  # somebody writes there again: its time begins anew
                erased += await _erase(client, conversation, limit)
    return erased


async def _erase(client: redis.Redis, conversation: str, limit: float) -> bool:
    """Erase a conversation that was quiet for long, and its links unless cases of it are still kept."""
    if not await erase_conversation(client, conversation, quiet_since=limit):
        return False
    cases, follow_ups, _ = await noted_under(client, [keys.digest_of(conversation)])
    if not cases and not follow_ups:
        await ConfirmedContacts(client).forget(conversation)
    return True
