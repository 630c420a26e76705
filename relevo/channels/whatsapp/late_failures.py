"""What Meta took and could not deliver, as a status tells: treated as what it refuses at once."""

from __future__ import annotations

from dataclasses import replace

import redis.asyncio as redis

from relevo.channels.whatsapp.aftermath import Aftermath, late_error
from relevo.protocol import Protocol
from relevo.sending.carrier import Later, Outcome, Refused
from relevo.sending.failures import Failures
from relevo.sending.outgoing import Outgoing, OutgoingQueue
from relevo.store.customers import Customers

MAX_REPEATS = 3
REPEAT = "~"
"""Stands before the number of a repeat in a message's id."""
TEMPLATE = ":template"
"""Ends the id of a template that asks the customer to answer, so that the message itself may be sent."""


class LateFailures:
    """Sees to them, once for each."""

    def __init__(self, client: redis.Redis, protocol: Protocol) -> None:
        self._queue = OutgoingQueue(client)
        self._customers = Customers(client)
        self._aftermath = Aftermath(client)
        self._failures = Failures(client, protocol)

    async def see_to(self, message: Outgoing, code: int | None, now: float) -> None:
        """Try a message again where that helps, else people see it; a repeat is harmless.

        Args:
            code: Meta's, if it told one.
            now: UTC epoch seconds.
        """
        name, _, number = message.id.partition(REPEAT)
        outcome = await self._outcome(message, code, int(number or 0), now)
        if isinstance(outcome, Refused):
            await self._failures.hand_over(message, outcome, now)
        elif name.endswith(TEMPLATE):
            # What it was to open the way for waits in the queue, and asks anew.
            await self._queue.note_failure(message.conversation)
            await self._customers.note_template(message.conversation, 0.0)
            await self._queue.hasten([message.conversation], now)
        else:
            await self._queue.add([replace(message, id=f"{name}{REPEAT}{int(number or 0) + 1}")], now)

    async def _outcome(self, message: Outgoing, code: int | None, repeats: int, now: float) -> Outcome:
        customer = await self._customers.get(message.conversation)
        if customer is None:
            return Refused("unknown_customer")
        outcome = await self._aftermath.of(late_error(code), message, customer, repeats, now)
        if message.id.endswith(TEMPLATE):
            waiting = await self._queue.head(message.conversation)
            repeats = waiting.tries if waiting else MAX_REPEATS
        if isinstance(outcome, Later) and repeats >= MAX_REPEATS:
            return Refused("gave_up", str(code or ""))
        return outcome
