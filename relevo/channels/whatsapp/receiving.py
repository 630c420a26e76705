"""Takes in what a webhook holds: messages into the inbox, statuses to the messages that they tell of."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Literal

import redis.asyncio as redis

from relevo.channels.accept import InboxMessage
from relevo.channels.whatsapp.carrier import refusal
from relevo.channels.whatsapp.errors import Remedy, remedy_for
from relevo.channels.whatsapp.identity import conversation_of, language_of, phone_of
from relevo.channels.whatsapp.messages import Messages
from relevo.channels.whatsapp.reading import SILENT, Reader, Reading
from relevo.channels.whatsapp.webhook import Message, Received, Status
from relevo.channels.whatsapp.writing import CHANNEL, Writer
from relevo.nlu.text import words
from relevo.protocol.parts.messaging import Messaging
from relevo.sending.failures import Failures
from relevo.sending.outgoing import Outgoing, OutgoingQueue
from relevo.settings import Settings
from relevo.store.consent import Consent, Consents
from relevo.store.customers import Customer, Customers

NEVER_MIND = "stop"
"""What a button may say besides topics."""
MAX_NAME_CHARACTERS = 100
MAX_REPEATS = 3
_WORTH_REPEATING = {Remedy.SLOW_DOWN, Remedy.WAIT_FOR_PAIR, Remedy.TRY_AGAIN, Remedy.WINDOW_CLOSED}

TakeIn = Callable[[InboxMessage], Awaitable[bool]]

logger = logging.getLogger(__name__)


class Receiver:
    """Takes in for all our numbers."""

    def __init__(self, client: redis.Redis, settings: Settings, writer: Writer, take_in: TakeIn) -> None:
        """`take_in` keeps a message for the bot; False if it was kept before."""
        self._redis = client
        self._key = settings.key_for(CHANNEL)
        self._numbers = settings.whatsapp.numbers if settings.whatsapp else ()
        self._writer = writer
        self._take_in = take_in
        self._reader = Reader({*writer.protocol.topics, NEVER_MIND})
        self._words = ConsentWords(writer.messaging)
        self._customers = Customers(client)
        self._consents = Consents(client)
        self._messages = Messages(client)
        self._queue = OutgoingQueue(client)
        self._failures = Failures(client, writer.protocol)

    async def receive(self, received: Received, now: float) -> None:
        """Take in what one of our numbers got. `now`: UTC epoch seconds."""
        if received.line not in self._numbers:
            logger.warning("A webhook is for a number that is not in WHATSAPP_PHONE_NUMBER_IDS")
            return
        if received.strange:
            logger.warning("%d messages or statuses are not as documented", received.strange)
        for message in received.messages:
            await self._message(received, message, now)
        for status in received.statuses:
            await self._status(received.line, status, now)

    async def _message(self, received: Received, message: Message, now: float) -> None:
        customer = self._customer(received, message, now)
        conversation = conversation_of(self._key, received.line, message.sender)
        await self._customers.note(conversation, customer)
        reading = self._reader.read(message, self._writer.language(customer.language))
        if reading.wants_more:
            await self._send_more(conversation, message, now)
            return
        reading = await self._with_consent(conversation, message, reading, customer.wrote_at)
        await self._messages.note_received(conversation, message.id, reading.shown)
        told = {"note": reading.note, "quoted": await self._messages.quoted(conversation, message.quoted_id)}
        kept = {name: value for name, value in told.items() if value}
        await self._take_in(
            InboxMessage(
                id=message.id,
                conversation=conversation,
                channel=CHANNEL,
                text=reading.text,
                language=customer.language,
                metadata={**reading.metadata, **kept},
                written_at=customer.wrote_at,
                is_note=reading.note is not None,
            )
        )
        # The window is open: what waited for the customer's answer may go now.
        await self._queue.hasten(conversation, now)

    def _customer(self, received: Received, message: Message, now: float) -> Customer:
        return Customer(
            channel=CHANNEL,
            line=received.line,
            address=message.sender,
            wrote_at=min(message.timestamp, now),
            contact=phone_of(message.sender),
            name=received.names.get(message.sender, "")[:MAX_NAME_CHARACTERS],
            last_message=message.id,
            language=language_of(message.sender) or self._writer.protocol.company.default_language,
        )

    async def _with_consent(
        self, conversation: str, message: Message, reading: Reading, at: float
    ) -> Reading:
        """Obey a word that withdraws consent, or gives it again; anything else is for the bot."""
        state = self._words.state_of(reading.text) if reading.is_typed else None
        if state is None:
            return reading
        change = Consent(state, at, reading.text, message.id)
        if await self._consents.change(conversation, change):
            return Reading(reading.text, SILENT, {"consent": state})
        return reading if state == "in" else Reading(reading.text, SILENT)

    async def _send_more(self, conversation: str, message: Message, now: float) -> None:
        """The next page of the list to which the customer replied."""
        listed = await self._messages.get(conversation, message.quoted_id)
        if listed is None or listed.sent is None or not listed.sent.more:
            return
        written = self._writer.write_more(listed.sent.more)
        following = replace(
            listed.sent,
            id=f"{message.id}:more",
            body=written.body,
            text=written.text,
            more=written.more,
            at=now,
            is_reply=True,
        )
        await self._queue.add([following], now)

    async def _status(self, line: str, status: Status, now: float) -> None:
        conversation = conversation_of(self._key, line, status.recipient)
        known = await self._messages.get(conversation, status.id)
        if status.status == "failed" and known and known.sent and known.status != "failed":
            await self._failed(known.sent, status, now)
        await self._messages.note_status(conversation, status.id, status.status, status.timestamp)

    async def _failed(self, message: Outgoing, status: Status, now: float) -> None:
        """Meta took a message and could not deliver it: try again where that helps, else people see it."""
        code = next((problem.code for problem in status.errors), 0)
        remedy = remedy_for(code)
        if remedy is Remedy.WINDOW_CLOSED and (customer := await self._customers.get(message.conversation)):
            await self._customers.note_closed(message.conversation, customer.wrote_at)
        name, _, repeats = message.id.partition("~")
        if remedy in _WORTH_REPEATING and int(repeats or 0) < MAX_REPEATS:
            again = replace(message, id=f"{name}~{int(repeats or 0) + 1}")
            await self._queue.add([again], now)
        else:
            await self._failures.hand_over(message, refusal(remedy, str(code)), now)


class ConsentWords:
    """The protocol's words, as customers write them: any case, with or without accents and full stops."""

    def __init__(self, messaging: Messaging) -> None:
        self._states: dict[tuple[str, ...], Literal["in", "out"]] = {
            **{tuple(words(word)): "in" for word in messaging.opt_in.words},
            **{tuple(words(word)): "out" for word in messaging.opt_out.words},
        }

    def state_of(self, text: str) -> Literal["in", "out"] | None:
        """What a whole message says of consent; None if it says nothing of it."""
        return self._states.get(tuple(words(text)))
