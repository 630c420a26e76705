"""Letters as mail servers take them: threaded, signed, and marked as a robot's where they are (RFC 3834)."""

from __future__ import annotations

import hashlib
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from relevo.errors import ConfigurationError
from relevo.protocol.parts.channels import EMAIL
from relevo.protocol.parts.letters import Letters
from relevo.protocol.schema import LANGUAGES, Language, Protocol
from relevo.sending.outgoing import Outgoing
from relevo.store.customers import Customer

Piece = dict[str, Any]
"""What is said at once: `text`, `options` to answer with, a `calendar` file; the `agent` who says it, and the
`subject` of what begins a letter of its own."""


class Writer:
    """Writes one company's letters."""

    def __init__(self, protocol: Protocol, address: str) -> None:
        """`address`: the company's.

        Raises:
            ConfigurationError: the protocol has no letters.
        """
        rules = protocol.channels.get(EMAIL)
        if rules is None or rules.letters is None:
            raise ConfigurationError("E-mail is set up, and channels.yml has no email with letters.")
        self._letters: Letters = rules.letters
        self._protocol = protocol
        self._address = address

    def write(self, message: Outgoing, customer: Customer) -> EmailMessage:
        """The letter of all pieces of a message.

        Raises:
            ValueError: the customer's address can't be written.
        """
        pieces: list[Piece] = message.body["pieces"]
        letter = EmailMessage(policy=SMTP)
        letter["From"] = Address(self._protocol.company.name, addr_spec=self._address)
        letter["To"] = Address(addr_spec=customer.address)
        # Sent again after a lost answer it has the same id, by which the customer's server knows it.
        digest = hashlib.sha256(f"{message.conversation} {message.id}".encode()).hexdigest()[:32]
        letter["Message-ID"] = f"<{digest}@{self._address.rpartition('@')[2]}>"
        self._address_thread(letter, pieces, customer)
        if message.author == "bot":
            letter["Auto-Submitted"] = "auto-replied" if message.is_reply else "auto-generated"
            letter["X-Auto-Response-Suppress"] = "All"
        letter.set_content(self._text(pieces, self._language(customer)))
        for number, file in enumerate((piece["calendar"] for piece in pieces if "calendar" in piece), 1):
            letter.add_attachment(
                file, subtype="calendar", filename=f"{number}.ics", params={"method": "PUBLISH"}
            )
        return letter

    def _address_thread(self, letter: EmailMessage, pieces: list[Piece], customer: Customer) -> None:
        """A subject of its own, or the answer to the customer's last letter."""
        own = next((piece["subject"] for piece in pieces if piece.get("subject")), "")
        if own or not customer.references:
            letter["Subject"] = _one_line(own or self._protocol.company.name)
            return
        letter["Subject"] = f"Re: {_one_line(customer.subject or self._protocol.company.name)}"
        letter["In-Reply-To"] = _one_line(customer.references.split()[-1])
        letter["References"] = _one_line(customer.references)

    def _text(self, pieces: list[Piece], language: Language) -> str:
        paragraphs = [piece["text"] for piece in pieces if piece.get("text")]
        if options := pieces[-1].get("options"):
            listed = "\n".join(f"• {option}" for option in options)
            paragraphs.append(f"{self._letters.options.in_language(language)}\n{listed}")
        return "\n\n".join([*paragraphs, f"-- \n{self._signature(pieces, language)}"]) + "\n"

    def _signature(self, pieces: list[Piece], language: Language) -> str:
        agent = next((piece["agent"] for piece in reversed(pieces) if piece.get("agent")), "")
        if agent:
            return self._letters.person_signature.in_language(language).format(agent=agent)
        return self._letters.signature.in_language(language)

    def _language(self, customer: Customer) -> Language:
        known = [language for language in LANGUAGES if language == customer.language]
        return known[0] if known else self._protocol.company.default_language


def _one_line(text: str) -> str:
    """A header's text: a line break would begin another header."""
    return " ".join(text.split())
