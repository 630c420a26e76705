"""News of a case that had to wait, such as for the answer to a template: sent only while it is true.

What is dropped was overtaken: the case has a person or is closed, or later news stands behind it. A place in
line that was told long ago is told anew, as it is now.
"""

from __future__ import annotations

import redis.asyncio as redis

from relevo.cases.changes import read_cases
from relevo.cases.queue import CaseQueue
from relevo.protocol import Protocol
from relevo.sending.outgoing import Outgoing

OLD_SECONDS = 1_800.0
"""A place in line that was told so long ago is another by now, even if nobody noted a great change."""


class CaseNews:
    """Looks whether news still holds."""

    def __init__(self, client: redis.Redis, protocol: Protocol) -> None:
        self._redis = client
        self._cases = CaseQueue(client, protocol)

    async def is_overtaken(self, message: Outgoing, now: float, *, may_be_sent: bool) -> bool:
        """Whether a message must not be sent any more.

        Args:
            now: UTC epoch seconds.
            may_be_sent: whether the customer can be told something now; then an old place is told anew.
        """
        if not message.news:
            return False
        case = next(iter(await read_cases(self._redis, [message.news["folio"]])), None)
        if case is None or not case.is_open or case.last_answer_at > message.at:
            return True
        wait = message.news.get("wait_seconds")
        if wait is None:
            return False
        if case.state != "waiting" or case.told_wait != wait:
            return True
        is_old = now - message.at > OLD_SECONDS
        if is_old and may_be_sent:
            await self._cases.tell_wait_anew(case, now, message.id)
        return is_old
