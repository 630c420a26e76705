"""What becomes of a message that can't be delivered: people see it at the desk and in the customer's case."""

from __future__ import annotations

from contextlib import suppress

import redis.asyncio as redis

from relevo.cases.changes import CLOCK
from relevo.cases.errors import CaseError
from relevo.cases.queue import CaseQueue
from relevo.protocol import Protocol
from relevo.sending.carrier import Refused
from relevo.sending.outgoing import Outgoing
from relevo.sending.ticks import Ticks
from relevo.sending.undelivered import Undeliverable, Undelivered

SHOWN_CHARACTERS = 200


class Failures:
    """Hands to people what the networks refuse."""

    def __init__(self, client: redis.Redis, protocol: Protocol) -> None:
        self._undelivered = Undelivered(client)
        self._ticks = Ticks(client)
        self._cases = CaseQueue(client, protocol)
        self._protocol = protocol

    async def hand_over(self, message: Outgoing, refused: Refused, now: float) -> None:
        """Keep a message among the undelivered ones; its line and its customer's open cases tell it too."""
        await self._undelivered.add(Undeliverable.of(message, refused.reason, refused.code, now))
        await self._ticks.note_failed(message.conversation, message.id, refused.reason)
        shown = message.text[:SHOWN_CHARACTERS]
        for case in await self._cases.of_conversation(message.conversation):
            if case.is_open:
                note = self._protocol.say("not_delivered_note", case.language, text=shown)
                with suppress(CaseError):  # It was closed meanwhile.
                    await self._cases.note(case.folio, CLOCK, note, now, f"{message.id}:undelivered")
