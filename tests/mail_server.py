"""A mail server of the tests' own: real SMTP (aiosmtpd) and real IMAP (pymap), on this machine alone.

What is sent to the company's address lies in the mailbox that IMAP shows; all else is what customers got.
"""

from __future__ import annotations

import asyncio
import imaplib
import re
from argparse import Namespace
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import aiosmtplib
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from pymap.backend.dict import Config, DictBackend, Login
from pymap.imap import IMAPServer

from relevo.email_settings import EmailSettings, MailServer
from relevo.ports import free_port

COMPANY = "ayuda@casajacaranda.example"
PASSWORD = "a password of tests"
AUTHENTICATOR = "mail.casajacaranda.example"
"""How the mail server calls itself where it says who has proved to be the sender."""
ANA = "ana@example.com"


def a_mail(text: str = "Hola", sender: str = f"Ana López <{ANA}>", **headers: str) -> EmailMessage:
    """A customer's mail; `headers` with underscores for hyphens."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, COMPANY
    plain = {"Subject": "Mi pedido", "Message-ID": "<1@example.com>"}
    for name, value in {**plain, **{name.replace("_", "-"): text for name, text in headers.items()}}.items():
        if value:
            mail[name] = value
    mail.set_content(text)
    return mail


def a_report(
    letter: EmailMessage, *, action: str = "failed", status: str = "5.1.1", whole: bool = True
) -> bytes:
    """What a mail server reports of a letter of ours, as Postfix writes it (RFC 3464)."""
    of_headers = ("text/rfc822-headers", "\n".join(f"{name}: {value}" for name, value in letter.items()))
    parts = [
        ("text/plain", f"I'm sorry to have to inform you that your message: {action}"),
        (
            "message/delivery-status",
            "Reporting-MTA: dns; mx.example.com\n\n"
            f"Final-Recipient: rfc822; {letter['To']}\nAction: {action}\nStatus: {status}\n"
            "Diagnostic-Code: smtp; 550 no such user",
        ),
        ("message/rfc822", letter.as_string()) if whole else of_headers,
    ]
    report = [
        f"From: MAILER-DAEMON@mx.example.com (Mail Delivery System)\nTo: {COMPANY}",
        "Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\nMIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x/y"\n',
        *(f"--x/y\nContent-Type: {kind}\n\n{content}\n" for kind, content in parts),
        "--x/y--\n",
    ]
    return "\n".join(report).encode()


@dataclass
class LocalMail:
    """The server, what customers got, and how it refuses."""

    smtp_port: int = field(default_factory=free_port)
    imap_port: int = field(default_factory=free_port)
    received: list[EmailMessage] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    """What the next letters are answered, each at `RCPT` or `DATA`."""
    password: str = PASSWORD
    """That is let in; another one is refused."""

    @property
    def settings(self) -> EmailSettings:
        """The company's, as its environment would describe it."""
        imap = MailServer("127.0.0.1", self.imap_port, COMPANY, is_tls=False)
        smtp = MailServer("127.0.0.1", self.smtp_port, COMPANY, is_tls=False)
        return EmailSettings(COMPANY, PASSWORD, imap, smtp, AUTHENTICATOR)

    @property
    def environment(self) -> dict[str, str]:
        """The same for other processes."""
        return {
            "EMAIL_ADDRESS": COMPANY,
            "EMAIL_PASSWORD": PASSWORD,
            "EMAIL_IMAP_URL": f"imap://127.0.0.1:{self.imap_port}",
            "EMAIL_SMTP_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "EMAIL_AUTHENTICATOR": AUTHENTICATOR,
        }

    @property
    def texts(self) -> list[str]:
        """What customers read."""
        return [text_of(letter) for letter in self.received]

    @asynccontextmanager
    async def up(self) -> AsyncIterator[LocalMail]:
        """Serve for the length of the block."""
        loop = asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            imap = await asyncio.start_server(self._imap(), "127.0.0.1", self.imap_port)
            smtp = await loop.create_server(self._smtp, "127.0.0.1", self.smtp_port)
            for server in (imap, smtp):
                await stack.enter_async_context(server)
            yield self

    async def send(self, *mails: EmailMessage) -> None:
        """Customers send mail to the company."""
        for mail in mails:
            await aiosmtplib.send(mail, hostname="127.0.0.1", port=self.smtp_port, start_tls=False)

    async def put(self, *raws: bytes) -> None:
        """Lay mail into the mailbox, whatever it is made of."""
        await asyncio.to_thread(self._append, raws)

    async def flags(self) -> list[set[str]]:
        """The flags of all that lies in the mailbox, the oldest first."""
        return await asyncio.to_thread(self._flags)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.refusals and self.refusals[0][0] == "RCPT":
            return self.refusals.pop(0)[1]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refusals and self.refusals[0][0] == "DATA":
            return self.refusals.pop(0)[1]
        if COMPANY in envelope.rcpt_tos:
            await self.put(envelope.content)
        else:
            letter: Any = message_from_bytes(envelope.content, policy=policy.default)
            self.received.append(letter)
        return "250 OK"

    def _smtp(self) -> SMTP:
        return SMTP(self, authenticator=self._let_in, auth_require_tls=False, enable_SMTPUTF8=True)

    def _let_in(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and data.password.decode() == self.password
        return AuthResult(success=known, handled=False)

    def _imap(self) -> IMAPServer:
        arguments = Namespace(debug=False, proxy_protocol=None)
        config = Config(
            arguments,
            host="127.0.0.1",
            port=self.imap_port,
            tls_enabled=False,
            secure_auth=False,
            reject_dnsbl=False,
            demo_data=False,
            demo_user=COMPANY,
            demo_password=PASSWORD,
        )
        return IMAPServer(DictBackend(Login(config), config).login, config)

    def _client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.imap_port)
        client.login(COMPANY, PASSWORD)
        client.select()
        return client

    def _append(self, raws: Iterable[bytes]) -> None:
        client = self._client()
        for raw in raws:
            assert client.append("INBOX", "", "", raw)[0] == "OK"
        client.logout()

    def _flags(self) -> list[set[str]]:
        client = self._client()
        _, uids = client.uid("SEARCH", "ALL")
        found = [client.uid("FETCH", uid.decode(), "(FLAGS)")[1][0] for uid in uids[0].split()]
        client.logout()
        return [set(re.findall(r"\\(\w+)", str(flags))) - {"Recent"} for flags in found]


def text_of(letter: EmailMessage) -> str:
    """What a letter says."""
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")
