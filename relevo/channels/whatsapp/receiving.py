"""Takes in what a webhook holds: messages into the inbox, statuses to the messages that they tell of."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import redis.asyncio as redis

from relevo.channels.accept import InboxMessage
from relevo.channels.whatsapp.identity import conversation_of, language_of, phone_of
from relevo.channels.whatsapp.late_failures import LateFailures
from relevo.channels.whatsapp.messages import QUOTED_CHARACTERS, RANKS, Messages
from relevo.channels.whatsapp.reading import SILENT, Reader, Reading
from relevo.channels.whatsapp.webhook import Message, Received, Status
from relevo.channels.whatsapp.writing import CHANNEL, Writer
from relevo.nlu.text import words
from relevo.protocol.parts.messaging import Messaging
from relevo.protocol.required import names_on_buttons
from relevo.sending.outgoing import Outgoing, OutgoingQueue
from relevo.settings import Settings
from relevo.store.connection import in_one_trip
from relevo.store.consent import Consent, Consents
from relevo.store.customers import Customer, Customers
from relevo.store.remote_files import RemoteFile, RemoteFiles

MAX_NAME_CHARACTERS = 100

TakeIn = Callable[[Sequence[InboxMessage]], Awaitable[None]]

logger = logging.getLogger(__name__)


@dataclass
class Arrival:
    """A message that has come, and what is to be kept of it."""

    message: Message
    conversation: str
    customer: Customer
    reading: Reading
    quoted: str = ""

    def remote_file(self, now: float) -> RemoteFile | None:
        """The file that came with it and is still to be fetched; `now`: UTC epoch seconds."""
        media = self.reading.metadata.get("media")
        return RemoteFile(media["id"], media["type"], now, media["name"], media["sha256"]) if media else None

    def for_bot(self) -> InboxMessage:
        """As it is kept for the bot."""
        told = {"note": self.reading.note, "quoted": self.quoted}
        return InboxMessage(
            id=self.message.id,
            conversation=self.conversation,
            channel=CHANNEL,
            text=self.reading.text,
            language=self.customer.language,
            metadata={**self.reading.metadata, **{name: value for name, value in told.items() if value}},
            written_at=self.customer.wrote_at,
            is_note=self.reading.note is not None,
        )


class Receiver:
    """Takes in for all our numbers.

    What a webhook holds goes to Redis in a few trips, however much it is: the sender waits for the answer.
    """

    def __init__(self, client: redis.Redis, settings: Settings, writer: Writer, take_in: TakeIn) -> None:
        """`take_in` keeps messages for the bot, those that were kept before excepted."""
        self._redis = client
        self._key = settings.key_for(CHANNEL)
        self._numbers = settings.whatsapp.numbers if settings.whatsapp else ()
        self._writer = writer
        self._take_in = take_in
        self._reader = Reader(names_on_buttons(writer.protocol))
        self._words = ConsentWords(writer.messaging)
        self._customers = Customers(client)
        self._messages = Messages(client)
        self._queue = OutgoingQueue(client)
        self._late_failures = LateFailures(client, writer.protocol)

    async def receive(self, received: Sequence[Received], now: float) -> None:
        """Take in what our numbers got. `now`: UTC epoch seconds."""
        ours = [part for part in received if part.line in self._numbers]
        if len(ours) < len(received):
            logger.warning("A webhook is for a number that is not in WHATSAPP_PHONE_NUMBER_IDS")
        if strange := sum(part.strange for part in ours):
            logger.warning("%d messages or statuses are not as documented", strange)
        await self._take(
            [self._arrival(part, message, now) for part in ours for message in part.messages], now
        )
        await self._note_statuses([(part.line, status) for part in ours for status in part.statuses], now)

    def _arrival(self, received: Received, message: Message, now: float) -> Arrival:
        customer = self._customer(received, message, now)
        conversation = conversation_of(self._key, received.line, message.sender)
        reading = self._reader.read(message, self._writer.language(customer.language))
        return Arrival(message, conversation, customer, reading)

    async def _take(self, arrivals: list[Arrival], now: float) -> None:
        """Keep messages: first who wrote them, then what they say, last that the bot has them to answer."""
        if not arrivals:
            return

        async def note_customers(client: redis.Redis) -> None:
            for one in arrivals:
                await Customers(client).note(one.conversation, one.customer)

        async def note_messages(client: redis.Redis) -> None:
            for one in arrivals:
                await Messages(client).note_received(one.conversation, one.message.id, one.reading.shown)

        await in_one_trip(self._redis, note_customers)
        for listed in [one for one in arrivals if one.reading.wants_more]:
            arrivals.remove(listed)
            await self._send_more(listed.conversation, listed.message, now)
        await self._obey(arrivals)
        await self._quote(arrivals)
        await in_one_trip(self._redis, note_messages)
        files = [(one.conversation, file) for one in arrivals if (file := one.remote_file(now))]
        await RemoteFiles(self._redis).expect(files, now)
        # The window is open: what waited for the customers' answers may go now.
        await self._queue.hasten({one.conversation for one in arrivals}, now)
        await self._take_in([one.for_bot() for one in arrivals])

    async def _obey(self, arrivals: Sequence[Arrival]) -> None:
        """Obey words that withdraw consent, or give it again; anything else is for the bot."""
        for one in arrivals:
            state = self._words.state_of(one.reading.text) if one.reading.is_typed else None
            if state is None:
                continue
            change = Consent(state, one.customer.wrote_at, one.reading.text, one.message.id)
            if await Consents(self._redis).change(one.conversation, change):
                one.reading = Reading(one.reading.text, SILENT, {"consent": state})
            elif state == "out":
                one.reading = Reading(one.reading.text, SILENT)

    async def _quote(self, arrivals: Sequence[Arrival]) -> None:
        """Find what messages answer to, which may have come with them."""
        quoting = [one for one in arrivals if one.message.quoted_id]
        here = {(one.conversation, one.message.id): one.reading.shown for one in arrivals}
        known = await self._messages.get_all([(one.conversation, one.message.quoted_id) for one in quoting])
        for one, quoted in zip(quoting, known, strict=True):
            text = quoted.text if quoted else here.get((one.conversation, one.message.quoted_id), "")
            one.quoted = text[:QUOTED_CHARACTERS]

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

    async def _note_statuses(self, told: Sequence[tuple[str, Status]], now: float) -> None:
        named = [
            (conversation_of(self._key, line, status.recipient), status)
            for line, status in told
            if status.status in RANKS
        ]

        async def note(client: redis.Redis) -> None:
            for conversation, one in named:
                await Messages(client).note_status(conversation, one.id, one.status, one.timestamp, one.code)

        found = await in_one_trip(self._redis, note) if named else []
        failed = {
            (conversation, status.id): (outgoing, status)
            for (conversation, status), outgoing in zip(named, found, strict=True)
            if outgoing
        }
        for (conversation, message_id), (outgoing, status) in failed.items():
            await self._late_failures.see_to(Outgoing.from_json(outgoing), status.code, now)
            # Last: what is cut off in between is told again by Meta, which gets no 200.
            await self._messages.settle_failure(conversation, message_id)


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
