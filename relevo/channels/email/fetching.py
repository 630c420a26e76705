"""Reads the mailbox, in the clock's process: that one has a way out of the company's network.

Any number may run; one holds the lease and reads. Mail is marked as seen once it is kept, so that none is
lost; what came twice is known by its id. A letter is in no hurry: the mailbox is asked now and then.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

import redis.asyncio as redis

from relevo.channels.email.mailbox import Fate, LoginRefused, Mailbox, MailboxAway
from relevo.channels.email.reading import read_mail
from relevo.channels.email.receiving import Receiver
from relevo.email_settings import EmailSettings
from relevo.protocol import Protocol
from relevo.sending.alerts import Alert, Alerts
from relevo.settings import Settings
from relevo.store import keys
from relevo.store.lease import Lease

LEASE_SECONDS = 30.0
POLL_SECONDS = 3.0
RETRY_SECONDS = 30.0
BATCH = 20
READING = "email:imap"
"""What an alert is about."""

logger = logging.getLogger("relevo.mail")


class MailReader:
    """Reads for as long as it runs."""

    def __init__(
        self,
        client: redis.Redis,
        settings: EmailSettings,
        receiver: Receiver,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`now` gives UTC epoch seconds."""
        self._settings = settings
        self._receiver = receiver
        self._alerts = Alerts(client)
        self._lease = Lease(client, keys.MAILBOX, LEASE_SECONDS)
        self._now = now

    @classmethod
    def of(cls, client: redis.Redis, settings: Settings, protocol: Protocol) -> MailReader | None:
        """None where e-mail isn't set up."""
        if settings.email is None:
            return None
        return cls(client, settings.email, Receiver(client, settings, protocol))

    async def run(self) -> None:
        """Read until cancelled; the mailbox or the store may go away and come back."""
        try:
            while True:
                await self._read_safely()
                await asyncio.sleep(RETRY_SECONDS)
        finally:
            await self._lease.release()

    async def read_new(self, mailbox: Mailbox) -> int:
        """Take in what nobody has seen; how many mails that were.

        Raises:
            MailboxAway, RedisError, OSError: what is not yet marked stays for the next time.
        """
        uids = await mailbox.unseen(BATCH)
        for uid in uids:
            raw = await mailbox.fetch(uid)
            if raw is not None:
                await mailbox.put_away(uid, await self._take(raw))
        return len(uids)

    async def _read_safely(self) -> None:
        try:
            if await self._lease.take():
                async with self._lease.kept():
                    await self._read_if_let_in()
        except (MailboxAway, redis.RedisError, OSError) as error:
            logger.warning("The mailbox is left for later: %s", type(error).__name__)

    async def _read_if_let_in(self) -> None:
        try:
            await self._read_on()
        except LoginRefused:
            now = self._now()
            await self._alerts.sound(Alert(READING, "mailbox_login", "", now, now + RETRY_SECONDS))

    async def _read_on(self) -> None:
        """Read for as long as the mailbox is open and the lease is ours."""
        async with Mailbox(self._settings.imap, self._settings.password) as mailbox:
            await self._alerts.end(READING, self._now())
            while await self._lease.renew():
                if await self.read_new(mailbox) < BATCH:
                    await asyncio.sleep(POLL_SECONDS)

    async def _take(self, raw: bytes) -> Fate:
        try:
            mail = await asyncio.to_thread(read_mail, raw)
            return await self._receiver.receive(mail, self._now())
        except (redis.RedisError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - one mail's fault must not keep all others waiting
            logger.error("A mail is left to people in the mailbox: %s", type(error).__name__)
            return "doubtful"
