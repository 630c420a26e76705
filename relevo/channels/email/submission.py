"""Handing a letter to the company's mail server (SMTP), and what its refusals mean."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage
from typing import Literal

import aiosmtplib

from relevo.email_settings import MailServer
from relevo.errors import RelevoError

TIMEOUT_SECONDS = 30.0
PERMANENT = 500
"""RFC 5321, 4.2.1: from here on, the same letter would be refused again."""
AUTHENTICATION_REQUIRED = 530

Fault = Literal["login", "address", "letter", "passing"]
"""What is wrong: our access, the customer's address, the letter itself, or something that may pass."""


class SubmissionFailed(RelevoError):
    """The mail server did not take a letter."""

    def __init__(self, fault: Fault, code: str) -> None:
        """`code`: what the server called it, or the kind of the error."""
        super().__init__(f"the mail server did not take a letter: {fault} ({code})")
        self.fault: Fault = fault
        self.code = code


async def submit(server: MailServer, password: str, letter: EmailMessage) -> None:
    """Hand over a letter.

    Raises:
        SubmissionFailed
    """
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=password,
        use_tls=server.is_tls,
        # Where it isn't encrypted from the start, it must become so before a password is told.
        start_tls=None if server.is_tls or server.is_local else True,
        timeout=TIMEOUT_SECONDS,
    )
    try:
        async with client:
            await client.send_message(letter)
    except aiosmtplib.SMTPException as error:
        raise _failure(error) from error
    except (OSError, asyncio.TimeoutError) as error:
        raise SubmissionFailed("passing", type(error).__name__) from error
    except ValueError as error:  # An address or a header that can't be written.
        raise SubmissionFailed("letter", type(error).__name__) from error


def _failure(error: aiosmtplib.SMTPException) -> SubmissionFailed:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    if not isinstance(error, aiosmtplib.SMTPResponseException):
        return SubmissionFailed("passing", type(error).__name__)
    code = error.code
    if code < PERMANENT:
        return SubmissionFailed("passing", str(code))
    if isinstance(error, aiosmtplib.SMTPAuthenticationError) or code == AUTHENTICATION_REQUIRED:
        return SubmissionFailed("login", str(code))
    is_address = isinstance(error, aiosmtplib.SMTPRecipientRefused)
    return SubmissionFailed("address" if is_address else "letter", str(code))
