"""E-mail's connector: what the bot needs to answer it. The clock's process fetches mail and sends letters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sanic import Blueprint

from relevo.channels.accept import InboxMessage
from relevo.channels.channel import CustomerChannel, OnNewMessage
from relevo.channels.email.output import EmailOutput
from relevo.channels.email.receiving import WITH_WORDS
from relevo.channels.turns import Answer
from relevo.errors import ConfigurationError
from relevo.protocol import Language, Protocol
from relevo.protocol.parts.channels import EMAIL
from relevo.settings import Settings
from relevo.store.customers import Customers


class Email(CustomerChannel):
    """Named in `credentials.yml`; nothing comes of it without `EMAIL_…` in the environment."""

    channel = EMAIL

    def __init__(self, settings: Settings, protocol: Protocol) -> None:
        super().__init__(settings, protocol)
        self._is_set_up = bool(settings.email_address)

    def output_for(self, turn: str | None) -> EmailOutput:
        if not self._is_set_up:
            raise ConfigurationError("Messages wait for e-mail, and EMAIL_… is not set.")
        return EmailOutput(self._redis, self._protocol, turn)

    async def end_turn(self, message: InboxMessage, spoken: Callable[[], Awaitable[Language]]) -> None:
        """The letter, which leaves in a while, is signed in the language that is spoken now."""
        await Customers(self._redis).note_language(message.conversation, await spoken())

    async def answer_note(self, message: InboxMessage, language: Language) -> Answer | None:
        """A file has arrived: who will look at it."""
        if message.metadata.get(WITH_WORDS):
            return None
        return await self.answer_file(message.conversation, language)

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        blueprint = Blueprint("email")
        self.begin_with(blueprint)
        return blueprint
