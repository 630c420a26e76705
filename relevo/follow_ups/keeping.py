"""What the clock does for promises: they fall due, begin in the chat, or are escalated as nobody keeps them.

Every step may be cut off and made again: a follow-up leaves a list only in the script that has done what the
list is for.
"""

from __future__ import annotations

import logging

import redis.asyncio as redis

from relevo.cases.case import Case
from relevo.cases.queue import CaseQueue
from relevo.follow_ups.agenda import CLOCK, Agenda, FollowUpCancelled
from relevo.follow_ups.follow_up import FollowUp
from relevo.follow_ups.rules import FollowUpRules
from relevo.protocol.schema import Protocol

logger = logging.getLogger("relevo.clock")


class Keeping:
    """Sees to the promises of one company. `now` is UTC epoch seconds."""

    def __init__(self, client: redis.Redis, protocol: Protocol) -> None:
        self._agenda = Agenda(client, protocol.privacy.retention.follow_ups)
        self._queue = CaseQueue(client, protocol)
        self._protocol = protocol
        self._rules = FollowUpRules(protocol)

    async def see_to(self, now: float) -> None:
        """One round; its time does not grow with what is not due."""
        for follow_up in await self._agenda.fall_due(now, self._rules.keep_by):
            logger.info("Follow-up %s is due", follow_up.folio)
        for follow_up in await self._agenda.to_write():
            await self._begin(follow_up, now)
        for follow_up in await self._agenda.unkept(now):
            await self._escalate(follow_up, now)

    async def _begin(self, follow_up: FollowUp, now: float) -> None:
        """The assistant writes, and the customer waits for a person: from here on it is a case."""
        case, _ = await self._queue.open(self._case(follow_up, now), f"follow_up:{follow_up.folio}")
        words = self._protocol.say("follow_up_begins", follow_up.language, folio=case.folio)
        # Whoever is with a person already needs no greeting.
        said = [] if case.is_in_hand else self._queue.messages.begun(case, words)
        try:
            await self._agenda.complete(follow_up.folio, CLOCK, now, said, f"follow_up:{follow_up.folio}")
        except FollowUpCancelled:
            await self._queue.cancel(case.folio, now, f"follow_up:{follow_up.folio}:cancel")

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
