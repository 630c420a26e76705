"""Letters that were sent, by their Message-IDs: so that one that comes back is known."""

from __future__ import annotations

import redis.asyncio as redis

from relevo.sending.outgoing import Outgoing
from relevo.store import keys


class SentLetters:
    """Those of the last days: a mail server tries for four or five (RFC 5321, 4.5.4.1)."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    async def note(self, message_id: str, message: Outgoing) -> None:
        """Remember what is about to be sent under an id; before that, as it may come back at once."""
        name, names = keys.digest_of(message_id), keys.ConversationKeys(message.conversation)
        await self._redis.set(keys.letter(name), message.conversation, ex=keys.LETTER_SECONDS)
        async with self._redis.pipeline() as pipeline:
            pipeline.hset(names.letters, name, message.to_json())
            pipeline.expire(names.letters, keys.LETTER_SECONDS)
            await pipeline.execute()

    async def get(self, message_id: str) -> Outgoing | None:
        """The letter with an id; None if we sent none, or it is forgotten."""
        name = keys.digest_of(message_id)
        conversation = await self._redis.get(keys.letter(name))
        if conversation is None:
            return None
        kept = await self._redis.hget(keys.ConversationKeys(conversation).letters, name)
        return Outgoing.from_json(kept) if kept else None

    async def forget(self, message_id: str, message: Outgoing) -> None:
        """It came back, and people know: a second report of it is no news."""
        name = keys.digest_of(message_id)
        await self._redis.hdel(keys.ConversationKeys(message.conversation).letters, name)
        await self._redis.delete(keys.letter(name))
