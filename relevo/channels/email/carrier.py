"""Carries letters to the company's mail server, a while after the last word, so that one letter holds all."""

from __future__ import annotations

import random
from collections.abc import Callable

import redis.asyncio as redis

from relevo.channels.email.sent import SentLetters
from relevo.channels.email.submission import SubmissionFailed, submit
from relevo.channels.email.writing import Writer
from relevo.email_settings import EmailSettings
from relevo.sending.alerts import Alert, Alerts
from relevo.sending.back_off import back_off_seconds
from relevo.sending.carrier import Later, Outcome, Refused, Sent
from relevo.sending.outgoing import Outgoing
from relevo.store.customers import Customers

GATHER_SECONDS = 2.0
"""A turn says all within less."""
STOPPED_SECONDS = 300.0
"""How long nothing is tried after a refused login; then one letter shows whether it was mended."""
SUBMISSION = "email:smtp"
"""What an alert stops."""


class EmailCarrier:
    """Carries the letters of one mailbox."""

    def __init__(
        self,
        client: redis.Redis,
        settings: EmailSettings,
        writer: Writer,
        *,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`jitter` gives numbers from 0 to 1."""
        self._settings = settings
        self._writer = writer
        self._jitter = jitter
        self._customers = Customers(client)
        self._sent = SentLetters(client)
        self._alerts = Alerts(client)

    async def carry(self, message: Outgoing, tries: int, now: float) -> Outcome:
        """As `Carrier.carry`."""
        if now < message.at + GATHER_SECONDS:
            return Later(message.at + GATHER_SECONDS)
        stopped = await self._alerts.of(SUBMISSION)
        if stopped and stopped.again_at > now:
            return Later(stopped.again_at)
        customer = await self._customers.get(message.conversation)
        if customer is None:
            return Refused("unknown_customer")
        try:
            letter = self._writer.write(message, customer)
            await self._sent.note(str(letter["Message-ID"]), message)
            await submit(self._settings.smtp, self._settings.password, letter)
        except ValueError:
            return Refused("address_refused")
        except SubmissionFailed as failure:
            return await self._after(failure, tries, now)
        await self._alerts.end(SUBMISSION, now)
        return Sent()

    async def _after(self, failure: SubmissionFailed, tries: int, now: float) -> Outcome:
        match failure.fault:
            case "login":
                again_at = now + STOPPED_SECONDS
                await self._alerts.sound(Alert(SUBMISSION, "mail_login", failure.code, now, again_at))
                return Later(again_at)
            case "address":
                return Refused("address_refused", failure.code)
            case "letter":
                return Refused("rejected", failure.code)
            case _:
                return Later(now + back_off_seconds(tries, self._jitter), is_failure=True)
