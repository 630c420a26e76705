"""Takes in what a mail says: words and files into its sender's inbox, unless a robot wrote it.

Who writes is believed as far as answers go to that address. Only where our mail server has proved the sender
(DMARC) does the channel vouch for the address, so that it links a customer's conversations.
"""

from __future__ import annotations

from dataclasses import asdict

import redis.asyncio as redis

from relevo.channels.accept import InboxMessage, accept
from relevo.channels.email.mailbox import Fate
from relevo.channels.email.reading import Mail, MailFile
from relevo.channels.email.returned import ReturnedLetters
from relevo.errors import ConfigurationError
from relevo.letters import conversation_with
from relevo.protocol import Protocol
from relevo.protocol.parts.channels import EMAIL
from relevo.settings import Settings
from relevo.store.attachment_book import AttachmentBook
from relevo.store.attachments import AttachmentRefused
from relevo.store.customers import Customer, Customers
from relevo.store.rate_limit import RateLimit
from relevo.store.unreachable import UnreachableContacts

OF_SENDER = RateLimit("mails", 20, 3_600)
"""More than a person writes in an hour; a robot that doesn't say so is heard no further."""
WITH_WORDS = "with_words"
"""Metadata of a file that came with words: these are answered."""


class Receiver:
    """Takes in for one mailbox."""

    def __init__(self, client: redis.Redis, settings: Settings, protocol: Protocol) -> None:
        if settings.email is None:
            raise ConfigurationError("E-mail is not set up.")
        self._redis = client
        self._address = settings.email.address
        self._authenticator = settings.email.authenticator
        self._key = settings.key_for(EMAIL)
        self._book = AttachmentBook.of_folder(client, settings.data_dir)
        self._customers = Customers(client)
        self._returned = ReturnedLetters(client, protocol)
        self._unreachable = UnreachableContacts(client)

    async def receive(self, mail: Mail, now: float) -> Fate:
        """Take in a mail, perhaps again; what is doubtful is left to people. `now`: UTC epoch seconds."""
        if mail.bounce:
            await self._returned.take(mail.bounce, now)
            return "taken"
        if mail.is_automatic or mail.sender.casefold() == self._address.casefold():
            return "taken"
        if not mail.sender or mail.is_forged:
            return "doubtful"
        conversation = conversation_with(self._key, mail.sender)
        if not await OF_SENDER.allows(self._redis, conversation):
            return "doubtful"
        await self._note(conversation, mail, now)
        await self._unreachable.forget(mail.sender)
        if mail.said:
            await accept(self._redis, InboxMessage(mail.id, conversation, EMAIL, mail.said, ""))
        kept = [
            await self._keep(f"{mail.id}-{number}", conversation, file, has_words=bool(mail.said))
            for number, file in enumerate(mail.files, 1)
        ]
        return "taken" if all(kept) and (mail.said or kept) else "doubtful"

    async def _note(self, conversation: str, mail: Mail, now: float) -> None:
        known = await self._customers.get(conversation)
        customer = Customer(
            channel=EMAIL,
            line=self._address,
            address=mail.sender,
            wrote_at=now,
            contact=mail.sender if mail.is_proved_by(self._authenticator) else "",
            name=mail.name,
            last_message=mail.id,
            language=known.language if known else "",
            subject=mail.subject,
            references=" ".join(mail.references),
        )
        await self._customers.note(conversation, customer)

    async def _keep(self, name: str, conversation: str, file: MailFile, *, has_words: bool) -> bool:
        """Keep a file, and give the bot a note of it; False for one that is not taken."""
        try:
            attachment = await self._book.files.keep(file.content, file.name)
        except AttachmentRefused:
            return False
        await self._book.enter(conversation, attachment)
        told = {"attachment": asdict(attachment), WITH_WORDS: has_words}
        note = InboxMessage(name, conversation, EMAIL, attachment.name, "", told, is_note=True)
        if not await accept(self._redis, note):
            await self._book.strike(conversation, attachment.id)
        return True
