"""Delivery of the outbox: in order per conversation, again and again until the bot has taken it."""

from __future__ import annotations

import logging
import time

import redis.asyncio as redis

from relevo.bot_api import BotApi, BotRefused, BotUnavailable
from relevo.sending.undelivered import Undeliverable, Undelivered
from relevo.store import keys
from relevo.store.outbox import OutboxMessage

logger = logging.getLogger("relevo.clock")

BATCH = 100


class Delivery:
    """Empties the outbox."""

    def __init__(self, client: redis.Redis, bot: BotApi) -> None:
        self._redis = client
        self._bot = bot
        self._undelivered = Undelivered(client)

    async def wait(self, seconds: float) -> None:
        """Return as soon as the outbox holds something, or after some seconds."""
        await self._redis.xread({keys.OUTBOX: "0"}, count=1, block=max(1, int(seconds * 1000)))

    async def deliver_all(self) -> int:
        """Deliver what is there; the number of conversations whose messages had to stay.

        A message that stays keeps its conversation's later ones back: a customer reads them in order.
        """
        held_back: set[str] = set()
        for position, fields in await self._redis.xrange(keys.OUTBOX, count=BATCH):
            message = OutboxMessage.from_fields(fields)
            if message.conversation in held_back or not await self._deliver(position, message):
                held_back.add(message.conversation)
        return len(held_back)

    async def _deliver(self, position: str, message: OutboxMessage) -> bool:
        names = keys.ConversationKeys(message.conversation)
        try:
            # After a crash between the bot's work and our note of it, the log knows the message's id.
            if not await self._redis.sismember(names.handled, message.id):
                await self._bot.append_events(message.conversation, message.channel, message.events)
        except BotUnavailable as error:
            logger.warning("A message to a customer waits: %s", error)
            return False
        except BotRefused as error:
            logger.error("A message to a customer can't be delivered: %s", error)
            await self._undelivered.add(_entry(message, str(error)))
        await self._redis.xdel(keys.OUTBOX, position)
        return True


def _entry(message: OutboxMessage, code: str) -> Undeliverable:
    """What the bot will not take, as people at the desk see it."""
    said = [event["text"] for event in message.events if event.get("text")]
    return Undeliverable(
        id=message.id,
        conversation=message.conversation,
        channel=message.channel,
        reason="bot_refused",
        message=message.to_json(),
        text="\n".join(said),
        code=code,
        source="outbox",
        at=repr(time.time()),
    )
