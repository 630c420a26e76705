"""Takes back letters that a mail server gave up: they become people's task, as those that were refused."""

from __future__ import annotations

import redis.asyncio as redis

from relevo.channels.email.reports import Bounce
from relevo.channels.email.sent import SentLetters
from relevo.protocol import Protocol
from relevo.sending.carrier import Refused
from relevo.sending.failures import Failures
from relevo.store.customers import Customers
from relevo.store.unreachable import UnreachableContacts


class ReturnedLetters:
    """Those of one mailbox."""

    def __init__(self, client: redis.Redis, protocol: Protocol) -> None:
        self._sent = SentLetters(client)
        self._failures = Failures(client, protocol)
        self._customers = Customers(client)
        self._unreachable = UnreachableContacts(client)

    async def take(self, bounce: Bounce, now: float) -> bool:
        """Hand a letter to people; False if we didn't send it. `now`: UTC epoch seconds.

        Cut off in the middle it is done again when the report is read again, which changes nothing more.
        """
        message = await self._sent.get(bounce.message_id)
        if message is None:
            return False
        if bounce.is_final and (customer := await self._customers.get(message.conversation)):
            await self._unreachable.note(customer.address, now)
        reason = Refused("returned" if bounce.is_final else "returned_for_now", bounce.status)
        await self._failures.hand_over(message, reason, now)
        await self._sent.forget(bounce.message_id, message)
        return True
