"""The company's mailbox, by IMAP (RFC 3501): what has not been seen, fetched and put away.

Python's own client, which waits for the network in threads. Nothing is ever deleted: people may look at the
mailbox, too. What they open there is theirs, and is not fetched.
"""

from __future__ import annotations

import asyncio
import imaplib
import ssl
from types import TracebackType
from typing import Literal

from relevo.email_settings import MailServer
from relevo.errors import RelevoError

TIMEOUT_SECONDS = 20.0
MAX_MAIL_BYTES = 15_000_000
"""An attached file of the largest size that is taken, as mail encodes it, and the text before it."""
Fate = Literal["taken", "doubtful"]
_FLAGS: dict[Fate, str] = {"taken": r"(\Seen)", "doubtful": r"(\Seen \Flagged)"}


class MailboxAway(RelevoError):
    """The mailbox can't be reached, or does not do what it is asked; trying again later makes sense."""


class LoginRefused(RelevoError):
    """The mailbox is not opened to us."""


class Mailbox:
    """An open mailbox, as an async context; one thing at a time is asked of it."""

    def __init__(self, server: MailServer, password: str) -> None:
        self._server = server
        self._password = password
        self._client: imaplib.IMAP4 | None = None

    async def __aenter__(self) -> Mailbox:
        """
        Raises:
            LoginRefused, MailboxAway
        """
        self._client = await asyncio.to_thread(self._open)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client:
            # Without goodbyes, which a server that is away would keep us waiting for.
            await asyncio.to_thread(self._client.shutdown)

    async def unseen(self, count: int) -> list[str]:
        """UIDs of mail that nobody has seen, the oldest first.

        Raises:
            MailboxAway
        """
        client = self._opened()
        # A server may tell of new mail only when it is asked for nothing else.
        await asyncio.to_thread(self._checked, client.noop)
        found = await self._ask("SEARCH", "UNSEEN")
        uids = found[0].split() if found and isinstance(found[0], bytes) else []
        return [uid.decode("ascii") for uid in uids[:count]]

    async def fetch(self, uid: str) -> bytes | None:
        """A mail, which stays unseen, cut at `MAX_MAIL_BYTES`; None if it is gone.

        Raises:
            MailboxAway
        """
        found = await self._ask("FETCH", uid, f"(BODY.PEEK[]<0.{MAX_MAIL_BYTES}>)")
        return next((part[1] for part in found if isinstance(part, tuple)), None)

    async def put_away(self, uid: str, fate: Fate) -> None:
        """Mark a mail as seen; a doubtful one so that people find it.

        Raises:
            MailboxAway
        """
        await self._ask("STORE", uid, "+FLAGS.SILENT", _FLAGS[fate])

    def _open(self) -> imaplib.IMAP4:
        server, context = self._server, ssl.create_default_context()
        try:
            if server.is_tls:
                client: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                    server.host, server.port, ssl_context=context, timeout=TIMEOUT_SECONDS
                )
            else:
                client = imaplib.IMAP4(server.host, server.port, timeout=TIMEOUT_SECONDS)
                if not server.is_local:
                    client.starttls(context)
        except (OSError, imaplib.IMAP4.error) as error:
            raise MailboxAway(f"the mailbox can't be reached ({type(error).__name__})") from error
        self._log_in(client)
        return client

    def _log_in(self, client: imaplib.IMAP4) -> None:
        try:
            client.login(self._server.user, self._password)
        except imaplib.IMAP4.abort as error:
            raise MailboxAway("the mailbox has closed the connection") from error
        except (imaplib.IMAP4.error, UnicodeError) as error:
            raise LoginRefused("the mailbox refuses user or password") from error
        except OSError as error:
            raise MailboxAway(f"the mailbox can't be reached ({type(error).__name__})") from error
        self._checked(client.select, f'"{self._server.folder}"')

    async def _ask(self, command: str, *arguments: str) -> list[bytes | tuple[bytes, bytes]]:
        return await asyncio.to_thread(self._checked, self._opened().uid, command, *arguments)

    def _opened(self) -> imaplib.IMAP4:
        if self._client is None:
            raise RuntimeError("use Mailbox as an async context")
        return self._client

    @staticmethod
    def _checked(call: object, *arguments: str) -> list[bytes | tuple[bytes, bytes]]:
        try:
            status, found = call(*arguments)  # type: ignore[operator]
        except (OSError, imaplib.IMAP4.error) as error:
            raise MailboxAway(f"the mailbox is away ({type(error).__name__})") from error
        if status != "OK":
            raise MailboxAway(f"the mailbox answers {status}")
        return list(found)
