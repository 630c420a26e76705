"""The clock's loop. Any number of clocks may run: one holds the lease and works, the others stand by."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time
from collections.abc import Callable, Sequence

import redis.asyncio as redis

from relevo.bot_api import BotApi
from relevo.channels.email.fetching import MailReader
from relevo.clock.delivery import Delivery
from relevo.clock.duties import Duties, Duty
from relevo.clock.sending import fetcher_of, sender_of
from relevo.errors import RelevoError
from relevo.letters import LetterWriter
from relevo.protocol import Protocol, load_protocol
from relevo.sending.visitor import Visitor
from relevo.settings import Settings
from relevo.store import keys
from relevo.store.attachment_book import AttachmentBook
from relevo.store.connection import connect
from relevo.store.lease import Lease

LEASE_SECONDS = 5.0
TICK_SECONDS = 1.0
RETRY_SECONDS = 0.5

logger = logging.getLogger("relevo.clock")


class WorkerFailed(RelevoError):
    """A worker ended, and the process with it: nobody would notice that a part of it is missing."""


class Clock:
    """Does what is due, tick by tick."""

    def __init__(
        self,
        client: redis.Redis,
        bot: BotApi,
        protocol: Protocol,
        *,
        more: Sequence[Duty] = (),
        letters: LetterWriter | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`more`, `letters`: as `Duties`; `now` gives UTC epoch seconds."""
        self._duties = Duties(client, protocol, more, letters)
        self._delivery = Delivery(client, bot)
        self._lease = Lease(client, keys.CLOCK, LEASE_SECONDS)
        self._now = now

    async def run(self) -> None:
        """Tick until cancelled; the store or the bot may go away and come back."""
        try:
            while True:
                await self._tick_safely()
        finally:
            await self._delivery.stop()
            await self._lease.release()

    async def tick(self) -> None:
        """One round: do what is due, deliver what waits, then sleep until there is more."""
        if not await self._lease.take():
            await asyncio.sleep(TICK_SECONDS)
            return
        async with self._lease.kept():
            await self._duties.do_all(self._now())
            if await self._delivery.deliver_all():
                await asyncio.sleep(RETRY_SECONDS)
            else:
                await self._delivery.wait(TICK_SECONDS)

    async def _tick_safely(self) -> None:
        try:
            await self.tick()
        except redis.RedisError as error:
            logger.warning("Redis is away: %s", type(error).__name__)
            await asyncio.sleep(TICK_SECONDS)


async def _run(settings: Settings) -> None:
    settings.require_whole_email()
    protocol = load_protocol(settings.protocol_dir)
    client = connect(settings.require_redis_url())
    attachments = AttachmentBook.of_folder(client, settings.data_dir)
    letters = LetterWriter.of(client, protocol, settings)
    more = [Duty("attachments", attachments.forget_old)]
    more += [Duty("letters", letters.confirm_all)] if letters else []
    async with (
        BotApi(settings) as bot,
        sender_of(settings, client, protocol) as sender,
        fetcher_of(settings, client, attachments) as fetcher,
    ):
        clock = Clock(client, bot, protocol, more=more, letters=letters)
        workers = [clock, sender, fetcher, MailReader.of(client, settings, protocol)]
        await _work([worker for worker in workers if worker])
    await client.close()


async def _work(workers: Sequence[Clock | Visitor | MailReader]) -> None:
    """Have all work until the process is told to stop.

    Raises:
        WorkerFailed: one ended before, and the others were stopped.
    """
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, stopping.set)
    work = [loop.create_task(worker.run(), name=type(worker).__name__) for worker in workers]
    told = loop.create_task(stopping.wait())
    logger.info("The clock is running")
    ended, _ = await asyncio.wait([told, *work], return_when=asyncio.FIRST_COMPLETED)
    for task in (told, *work):
        task.cancel()
    await asyncio.wait(work)
    if failed := ended - {told}:
        # The fault's own text may hold what customers wrote.
        faults = [f"{task.get_name()} by {type(task.exception()).__name__}" for task in failed]
        raise WorkerFailed(f"Ended by a fault, and the others with it: {', '.join(faults)}")


def main() -> None:
    """Run the clock until it is told to stop, or a worker fails: then it is to be started anew."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        asyncio.run(_run(Settings.from_environment()))
    except RelevoError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
