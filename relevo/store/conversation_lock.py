"""One turn at a time per conversation: a fair lock in Redis that wakes the next in line at once.

Rasa's own Redis lock store reads and writes in separate steps (two servers can both take a lock) and looks
again only every second, so that a customer's quick second message waits a second.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import redis.asyncio as redis

from relevo.errors import RelevoError
from relevo.store.connection import Script
from relevo.store.keys import ConversationKeys
from relevo.store.renewal import renewed

LEASE_SECONDS = 30.0
WAKE_SECONDS = 1.0
"""How long a waiter sleeps without being woken before it looks by itself (the holder may have died)."""
WAITER_GONE_SECONDS = 5.0
WAKE_LIFE_SECONDS = 10

_acquire = Script(Path(__file__).with_name("acquire_lock.lua"))
_renew = Script(Path(__file__).with_name("renew_lease.lua"))
_release = Script(Path(__file__).with_name("release_lock.lua"))
_wake = Script(Path(__file__).with_name("wake_waiter.lua"))


class ConversationBusy(RelevoError):
    """The lock did not become free in time."""


@asynccontextmanager
async def hold_conversation(
    client: redis.Redis, conversation: str, *, timeout_seconds: float = 60.0
) -> AsyncIterator[None]:
    """Hold the conversation's lock for the length of the block; its lease is renewed as long as that lasts.

    Raises:
        ConversationBusy: another turn held it for `timeout_seconds`.
    """
    names, token = ConversationKeys(conversation), uuid.uuid4().hex
    try:
        await _wait_for_lock(client, names, token, timeout_seconds)
        renew = partial(_renew, client, [names.lock], [token, int(LEASE_SECONDS * 1000)])
        async with renewed(renew, LEASE_SECONDS / 3):
            yield
    finally:
        following = await _release(client, [names.lock, names.waiters, names.waiters_seen], [token])
        if following:
            await _wake(client, [names.wake(following)], [WAKE_LIFE_SECONDS])


async def _wait_for_lock(
    client: redis.Redis, names: ConversationKeys, token: str, timeout_seconds: float
) -> None:
    deadline = time.monotonic() + timeout_seconds
    while not await _try_lock(client, names, token):
        if time.monotonic() > deadline:
            raise ConversationBusy("another turn of the conversation did not end in time; try again")
        await client.blpop([names.wake(token)], timeout=WAKE_SECONDS)


async def _try_lock(client: redis.Redis, names: ConversationKeys, token: str) -> bool:
    lock_keys = [names.lock, names.waiters, names.waiters_seen, names.waiters_next]
    lease = [token, int(LEASE_SECONDS * 1000), int(WAITER_GONE_SECONDS * 1000)]
    return bool(await _acquire(client, lock_keys, lease))
