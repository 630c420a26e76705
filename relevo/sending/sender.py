"""The sender: empties what waits to be sent, in order per conversation, as fast as the networks allow.

Any number may run; one holds the lease and works. Sending is at least once: a message whose answer was lost
is sent again, since no network here can tell a repeat.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

import redis.asyncio as redis

from relevo.sending.carrier import Carrier, Later, Outcome, Refused
from relevo.sending.failures import Failures
from relevo.sending.outgoing import Head, OutgoingQueue
from relevo.sending.visitor import WAIT_SECONDS, Visitor
from relevo.store import keys

FULL_WAIT_SECONDS = 0.05
AT_ONCE = 16
"""Conversations that are sent to at the same time: at 0.2 s an answer, 80 messages a second."""
MAX_TRIES = 20
FAULT_SECONDS = 30.0
"""When a message is tried again after a fault of our own."""

logger = logging.getLogger("relevo.sender")


class Sender(Visitor):
    """Sends for all channels."""

    logger = logger

    def __init__(
        self,
        client: redis.Redis,
        carriers: Mapping[str, Carrier],
        failures: Failures,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`carriers` by channel; `now` gives UTC epoch seconds."""
        self._queue = OutgoingQueue(client)
        super().__init__(client, keys.SENDER, self._queue.marks, AT_ONCE, now)
        self._carriers = carriers
        self._failures = failures

    async def _pause(self) -> None:
        await self._queue.wait(await self._pause_seconds())

    async def _pause_seconds(self) -> float:
        """How long to sleep if nothing comes in."""
        if self._visits:
            return FULL_WAIT_SECONDS
        following = await self._marks.next()
        return WAIT_SECONDS if following is None else min(WAIT_SECONDS, following - self._now())

    async def _visit(self, conversation: str) -> None:
        """Send what waits in a conversation, up to the first message that must wait."""
        try:
            mark = await self._marks.of(conversation)
            while head := await self._queue.head(conversation):
                outcome = await self._carry(head)
                if isinstance(outcome, Later):
                    await self._marks.move(conversation, mark, outcome.at)
                    return
                await self._queue.remove(head)
            await self._marks.forget(conversation, mark)
        except redis.RedisError as error:
            logger.warning("A conversation was left for later: %s", type(error).__name__)

    async def _carry(self, head: Head) -> Outcome:
        """Try the first message; what can't be sent is handed to people before it leaves the queue."""
        outcome = await self._try(head)
        if isinstance(outcome, Later) and outcome.is_failure:
            await self._queue.note_failure(head.message.conversation)
            if head.tries + 1 >= MAX_TRIES:
                outcome = Refused("gave_up")
        if isinstance(outcome, Refused) and not head.message.is_sign:
            logger.error("A message can't be delivered: %s %s", outcome.reason, outcome.code)
            await self._failures.hand_over(head.message, outcome, self._now())
        return outcome

    async def _try(self, head: Head) -> Outcome:
        carrier = self._carriers.get(head.message.channel)
        if carrier is None:  # The channel was switched off: its messages wait until it is on again.
            return Later(self._now() + FAULT_SECONDS)
        try:
            return await carrier.carry(head.message, head.tries, self._now())
        except (redis.RedisError, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - one message's fault must not stop the others
            logger.error("Sending failed by a fault of our own: %s", type(error).__name__)
            return Later(self._now() + FAULT_SECONDS, is_failure=True)
