"""Rasa's lock store, as our own conversation lock."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import EndpointConfig

from relevo.store.connection import connect
from relevo.store.conversation_lock import ConversationBusy, hold_conversation


class RedisLockStore(LockStore):
    """Locks conversations in Redis; named in `endpoints.yml` with the `url` of Redis."""

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        self._redis = connect(endpoint_config.url)

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = 60.0, wait_time_in_seconds: float = 1
    ) -> AsyncGenerator[TicketLock, None]:
        """Hold the conversation's lock; waits `lock_lifetime` seconds for it at most.

        Raises:
            LockError: it did not become free.
        """
        try:
            async with hold_conversation(self._redis, conversation_id, timeout_seconds=lock_lifetime):
                yield self.create_lock(conversation_id)
        except ConversationBusy as error:
            raise LockError(str(error)) from error
