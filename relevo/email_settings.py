"""The company's mailbox, as the environment describes it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

from relevo.errors import ConfigurationError

PORTS = {"imaps": 993, "imap": 143, "smtps": 465, "smtp": 587}
LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class MailServer:
    """Where mail is fetched or handed over. The encryption begins with the connection, or by STARTTLS."""

    host: str
    port: int
    user: str
    is_tls: bool
    """Whether the connection is encrypted from its first byte; else it must become so by STARTTLS."""
    folder: str = "INBOX"

    @property
    def is_local(self) -> bool:
        """Whether it is on this very machine: only there may a password go in the clear."""
        return self.host in LOCAL


@dataclass(frozen=True)
class EmailSettings:
    """The mailbox by which customers reach the company. The password is left out of `repr`."""

    address: str
    """Customers write to it, and it is the sender of what they get."""
    password: str = field(repr=False)
    imap: MailServer
    smtp: MailServer
    authenticator: str = ""
    """How the mail server calls itself where it writes who has proved to be the sender (RFC 8601, 2.5); "" if
    nothing that it writes there is to be believed."""

    @classmethod
    def from_environment(cls) -> EmailSettings | None:
        """None where e-mail isn't used, or only its address is told, which is all that most processes need.

        Raises:
            ConfigurationError: some of what is needed is missing, or is nothing of the kind.
        """
        names = ("EMAIL_ADDRESS", "EMAIL_PASSWORD", "EMAIL_IMAP_URL", "EMAIL_SMTP_URL")
        given = {name: os.environ.get(name) or "" for name in names}
        if not any(given[name] for name in names[1:]):
            return None
        if missing := [name for name, value in given.items() if not value]:
            raise ConfigurationError(f"E-mail is half set up; set {', '.join(missing)} too, or no EMAIL_….")
        address = _address(given["EMAIL_ADDRESS"])
        imap, smtp = (_server(name, given[name], address) for name in names[2:])
        authenticator = os.environ.get("EMAIL_AUTHENTICATOR") or ""
        return cls(address, given["EMAIL_PASSWORD"], imap, smtp, authenticator)


def _address(text: str) -> str:
    try:
        # Whether it can be delivered to is nothing that a lookup at the start should decide.
        return str(validate_email(text, check_deliverability=False, test_environment=True).normalized)
    except EmailNotValidError as error:
        raise ConfigurationError("EMAIL_ADDRESS must be an address such as care@example.com.") from error


def _server(name: str, url: str, address: str) -> MailServer:
    """The server of an address such as `imaps://mail.example.com` or `smtp://me%40x@mail.example.com:587`."""
    protocol = name.removeprefix("EMAIL_").removesuffix("_URL").lower()
    example = f"{protocol}s://mail.example.com"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigurationError(f"{name} must be an address such as {example}.") from error
    if parts.password is not None:
        raise ConfigurationError(f"{name} must not hold the password; set EMAIL_PASSWORD.")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    is_plain = folder.isascii() and folder.isprintable() and not set(folder) & set('"\\')
    if parts.scheme not in (protocol, f"{protocol}s") or not parts.hostname or not is_plain:
        raise ConfigurationError(f"{name} must be an address such as {example}.")
    return MailServer(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=unquote(parts.username or "") or address,
        is_tls=parts.scheme.endswith("s"),
        folder=folder,
    )
