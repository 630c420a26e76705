"""Fetches what customers send besides words: their pictures, voice notes and documents, for the desk.

Any number may run; one holds the lease and works. A file is fetched at least once and kept once: our id of it
is made of the messenger's, so that a repeat takes the place of the first.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import NamedTuple, get_args

import redis.asyncio as redis

from relevo.channels.whatsapp.errors import Remedy, remedy_for
from relevo.channels.whatsapp.graph_api import ForeignAddress, GraphApi, GraphError, GraphUnreachable
from relevo.sending.visitor import Visitor
from relevo.store import keys
from relevo.store.attachment_book import AttachmentBook
from relevo.store.attachment_content import Kind
from relevo.store.attachments import Attachment, AttachmentRefused
from relevo.store.remote_files import Problem, RemoteFile, RemoteFiles

AT_ONCE = 4
"""Conversations whose files are fetched at the same time."""
MAX_TRIES = 12
"""With the pauses below, a little more than an hour."""
MAX_DAMAGED = 3
"""So often what comes may be something else than what was announced."""
FIRST_BACK_OFF_SECONDS = 2.0
LONGEST_BACK_OFF_SECONDS = 600.0
STOPPED_SECONDS = 300.0
"""When it is tried again after the token was refused; the sender, which has it too, tells people."""
EXPIRED = (404, 410)
"""What an address answers that has expired; the next try asks for another one."""
MAX_EXPIRED = 4
_STOPPED = {Remedy.STOP_TOKEN, Remedy.STOP_PERMISSION, Remedy.STOP_BLOCKED}
_PASSING = {Remedy.SLOW_DOWN, Remedy.TRY_AGAIN}

logger = logging.getLogger("relevo.fetcher")


class Damaged(Exception):
    """What came is not what the customer sent."""


class Outcome(NamedTuple):
    """What a try without success means."""

    problem: Problem
    """Why the file can't be had, if it is given up."""
    max_tries: int = MAX_TRIES
    wait_seconds: float = 0.0
    """When to try again if the file has nothing to do with it; such a try is not counted."""


PASSING = Outcome("gave_up")
_OUTCOMES: dict[type[Exception], Outcome] = {
    ForeignAddress: Outcome("gone", max_tries=1),
    Damaged: Outcome("damaged", MAX_DAMAGED),
    GraphUnreachable: PASSING,
}


class Fetcher(Visitor):
    """Fetches for all our numbers."""

    logger = logger

    def __init__(
        self,
        client: redis.Redis,
        api: GraphApi,
        book: AttachmentBook,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`now` gives UTC epoch seconds."""
        self._files = RemoteFiles(client)
        super().__init__(client, keys.FETCHER, self._files.marks, AT_ONCE, now)
        self._api = api
        self._book = book

    async def _visit(self, conversation: str) -> None:
        try:
            mark = await self._marks.of(conversation)
            waits = [await self._when(conversation, file) for file in await self._files.waiting(conversation)]
            again = [at for at in waits if at]
            if again:
                await self._marks.move(conversation, mark, min(again))
            else:
                await self._marks.forget(conversation, mark)
        except redis.RedisError as error:
            logger.warning("Files were left for later: %s", type(error).__name__)

    async def _when(self, conversation: str, file: RemoteFile) -> float:
        """Fetch a file that is due; when to try again (UTC epoch seconds), 0 if there is no need to."""
        if file.again_at <= self._now():
            file = await self._try(conversation, file)
        return file.again_at if file.state == "waiting" else 0.0

    async def _try(self, conversation: str, file: RemoteFile) -> RemoteFile:
        """Fetch a file; what is known of it now."""
        try:
            kept = await self._fetch(conversation, file)
        except GraphError as error:
            outcome = _after(error)
        except AttachmentRefused as refused:
            outcome = Outcome("too_large" if refused.reason == "too_large" else "wrong_type", max_tries=1)
        except Exception as error:  # noqa: BLE001 - one file's fault must not stop the others
            outcome = _OUTCOMES.get(type(error)) or _fault(error)
        else:
            return await self._keep(conversation, replace(file, state="kept", attachment=kept), kept)
        tried = self._after_failure(file, outcome)
        await self._files.settle(conversation, tried)
        return tried

    async def _fetch(self, conversation: str, file: RemoteFile) -> Attachment:
        address = await self._api.address_of(file.id)
        told = f"{conversation}/{file.id}".encode()
        async with self._api.download(address) as pieces:
            return await self._book.files.keep(
                _checked(pieces, file.sha256),
                file.name,
                kinds=get_args(Kind),
                attachment_id=hashlib.sha256(told).hexdigest()[:32],
                is_audio=file.kind == "audio",
            )

    async def _keep(self, conversation: str, file: RemoteFile, kept: Attachment) -> RemoteFile:
        await self._book.will_forget(conversation, kept)
        if not await self._files.settle(conversation, file):
            await self._book.strike(conversation, kept.id)  # The customer was forgotten meanwhile.
        return file

    def _after_failure(self, file: RemoteFile, outcome: Outcome) -> RemoteFile:
        """Later, twice as long each time; after too many tries never."""
        now, tries = self._now(), file.tries + 1
        if outcome.wait_seconds:
            return replace(file, again_at=now + outcome.wait_seconds)
        if tries < outcome.max_tries:
            pause = min(LONGEST_BACK_OFF_SECONDS, FIRST_BACK_OFF_SECONDS * 2**file.tries)
            return replace(file, tries=tries, again_at=now + pause)
        logger.warning("A customer's file can't be fetched: %s", outcome.problem)
        return replace(file, tries=tries, state="failed", problem=outcome.problem)


def _after(error: GraphError) -> Outcome:
    if error.code is None and error.status in EXPIRED:
        return Outcome("gone", MAX_EXPIRED)
    remedy = remedy_for(error.code, error.status)
    if remedy in _STOPPED:
        logger.error("Files can't be fetched: code %s", error.code or error.status)
        return Outcome("gave_up", wait_seconds=STOPPED_SECONDS)
    return PASSING if remedy in _PASSING else Outcome("gone", max_tries=1)


def _fault(error: Exception) -> Outcome:
    """Something of our own: a full disk perhaps. Its text may hold what the customer calls the file."""
    logger.error("A file could not be fetched by a fault of our own: %s", type(error).__name__)
    return PASSING


async def _checked(pieces: AsyncIterator[bytes], expected: str) -> AsyncIterator[bytes]:
    """The pieces; at their end it is seen whether they were what the webhook announced.

    Raises:
        Damaged
    """
    digest = hashlib.sha256()
    async for piece in pieces:
        digest.update(piece)
        yield piece
    # Meta's documentation shows the digest in either form.
    if expected and expected not in (digest.hexdigest(), base64.b64encode(digest.digest()).decode()):
        raise Damaged
