"""What the clock does for promises: they fall due, the assistant begins them, or nobody keeps them in time.

The assistant begins in the chat, and by e-mail where that is set up; then a person is called.

Every step may be cut off and made again: a follow-up leaves a list only in the script that has done what the
list is for.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace

import redis.asyncio as redis

from relevo.cases.case import Case
from relevo.cases.errors import CaseError
from relevo.cases.queue import CaseQueue
from relevo.contained import contained
from relevo.follow_ups.agenda import CLOCK, Agenda, FollowUpCancelled
from relevo.follow_ups.follow_up import FollowUp, Method
from relevo.follow_ups.rules import FollowUpRules
from relevo.letters import LetterWriter, language_slot
from relevo.protocol.parts.channels import EMAIL
from relevo.protocol.schema import Protocol
from relevo.store.outbox import OutboxMessage, says
from relevo.store.unreachable import UnreachableContacts

logger = logging.getLogger("relevo.clock")


class Keeping:
    """Sees to the promises of one company. `now` is UTC epoch seconds."""

    def __init__(self, client: redis.Redis, protocol: Protocol, letters: LetterWriter | None = None) -> None:
        """`letters`: who writes by e-mail; None where it isn't set up."""
        self._agenda = Agenda(client, protocol.privacy.retention.follow_ups)
        self._queue = CaseQueue(client, protocol)
        self._unreachable = UnreachableContacts(client)
        self._protocol = protocol
        self._rules = FollowUpRules(protocol)
        self._letters = letters
        self._begun: tuple[Method, ...] = ("chat", "email") if letters else ("chat",)

    async def see_to(self, now: float) -> None:
        """One round; its time does not grow with what is not due."""
        for follow_up in await self._agenda.fall_due(now, self._rules.keep_by, self._begun):
            logger.info("Follow-up %s is due", follow_up.folio)
        for follow_up in await self._agenda.to_write():
            with contained(_cause(follow_up)):
                if follow_up.method == "chat":
                    await self._begin(follow_up, now)
                elif self._letters and not await self._unreachable.holds(follow_up.contact):
                    # Else it was switched off meanwhile, or letters come back: it waits at the desk.
                    await self._write(self._letters, follow_up, now)
        for follow_up in await self._agenda.unkept(now):
            with contained(_cause(follow_up)):
                await self._escalate(follow_up, now)

    async def _begin(self, follow_up: FollowUp, now: float) -> None:
        """The assistant writes, and the customer waits for a person: from here on it is a case."""
        case, _ = await self._queue.open(self._case(follow_up, now), _cause(follow_up))
        text = self._protocol.say(
            "follow_up_begins", follow_up.language, channel=follow_up.channel, folio=case.folio
        )
        # Whoever is with a person already needs no greeting.
        said = [] if case.is_in_hand else self._queue.messages.begun(case, says(text))
        await self._complete(
            follow_up, case, self._agenda.message(follow_up, said, _cause(follow_up), now), now
        )

    async def _write(self, letters: LetterWriter, follow_up: FollowUp, now: float) -> None:
        """The same by e-mail: in the conversation with that address, where the answer will come."""
        conversation = letters.conversation_with(follow_up.contact)
        there = self._case(replace(follow_up, conversation=conversation, channel=EMAIL), now)
        wanted = replace(there, contact=follow_up.contact)
        case, _ = await self._queue.open(wanted, _cause(follow_up))
        letter = letters.begin(case)
        said = [letter] if case.is_in_hand else self._queue.messages.begun(case, letter)
        events = [language_slot(case), *said]
        message = await letters.prepare(follow_up.contact, case, events, _cause(follow_up), now)
        note = self._protocol.say("follow_up_written_note", case.language, folio=follow_up.folio)
        with suppress(CaseError):  # It was closed meanwhile.
            await self._queue.note(case.folio, CLOCK, note, now, f"{_cause(follow_up)}:note")
        await self._complete(follow_up, case, message, now)

    async def _complete(
        self, follow_up: FollowUp, case: Case, message: OutboxMessage | None, now: float
    ) -> None:
        try:
            await self._agenda.complete(follow_up.folio, CLOCK, now, message)
        except FollowUpCancelled:
            if case.opened_by == _cause(follow_up):  # Else the customer waits for a person by themselves.
                await self._queue.cancel(case.folio, now, f"{_cause(follow_up)}:cancel")

    async def _escalate(self, follow_up: FollowUp, now: float) -> None:
        """Nobody has kept it in time: the one above is told."""
        told = self._rules.told_of(follow_up)
        next_at = self._rules.keep_by(follow_up.due_at, follow_up.escalations + 1)
        if await self._agenda.miss(follow_up, told, next_at, now):
            logger.warning("Follow-up %s was not kept in time; %s is told", follow_up.folio, told or "nobody")

    def _case(self, follow_up: FollowUp, now: float) -> Case:
        """The hand-off to the area of the topic, with the guidance for promised contacts."""
        trigger = self._rules.trigger_of(follow_up)
        area = self._protocol.area_for(trigger, follow_up.topic)
        return Case(
            folio="",
            kind="hand_off",
            conversation=follow_up.conversation,
            channel=follow_up.channel,
            language=follow_up.language,
            area=area,
            priority=trigger.priority,
            rank=self._protocol.rank_of(trigger.priority),
            opened_at=now,
            target_at=self._protocol.first_response_by(trigger.priority, follow_up.channel, area, now),
            resolution_by=self._protocol.resolution_by(trigger.priority, area, now),
            topic=follow_up.topic,
            tone="calm",
            trigger=trigger.id,
        )


def _cause(follow_up: FollowUp) -> str:
    """What opens its case, and names what is said."""
    return f"follow_up:{follow_up.folio}"
