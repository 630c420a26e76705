"""The queue: cases wait in their area's line, are claimed by one person, answered, resolved and closed.

Each change is one Lua script beside this module: atomic, idempotent, and an event in the desk's stream,
which is audit log and live feed in one. A line is ordered by priority, then by the time of the target. The
customer's wait is counted from the hand-off, whoever has let go of the case since.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import redis.asyncio as redis

from relevo.cases.case import Case
from relevo.cases.changes import BOT, Change, Step, Write, score_of, script, verb
from relevo.cases.errors import (
    CannotMerge,
    CaseBarred,
    CaseBusy,
    CaseClosed,
    CaseError,
    CaseNotYours,
    CaseTaken,
    HandsFull,
    UnknownCase,
    UnknownChoice,
)
from relevo.cases.escalation import Escalated, Escalating
from relevo.cases.folio import new_folio
from relevo.cases.handling import customer_records, customer_sets, hand_of
from relevo.cases.lines import Happening, Place
from relevo.cases.messages import CaseMessages
from relevo.cases.presence import Presence
from relevo.cases.rules import CaseRules
from relevo.cases.targets import Targets
from relevo.protocol.schema import Protocol
from relevo.store import keys

__all__ = [
    "CannotMerge",
    "CaseBarred",
    "CaseBusy",
    "CaseClosed",
    "CaseError",
    "CaseNotYours",
    "CaseQueue",
    "CaseTaken",
    "Escalated",
    "HandsFull",
    "Happening",
    "Place",
    "UnknownCase",
    "UnknownChoice",
]

REMEMBERED_WAITS = 30
RAISED_FIELDS = (
    *("area", "priority", "rank", "target_at", "resolution_by"),
    *("trigger", "explanation", "tone", "description"),
)

_open = script("open")
_raise, _claim, _release, _transfer = map(verb, ("raise_case", "claim", "release", "transfer"))


class CaseQueue(Escalating):
    """All lines of all areas. `agent` is a display name, `now` UTC epoch seconds."""

    def __init__(self, client: redis.Redis, protocol: Protocol) -> None:
        super().__init__(client)
        self._protocol = protocol
        self._rules = CaseRules(protocol)
        self._messages = CaseMessages(protocol)
        self._presence = Presence(client)
        self._targets = Targets(protocol)

    @property
    def presence(self) -> Presence:
        """Who is at the desk."""
        return self._presence

    @property
    def rules(self) -> CaseRules:
        """What the protocol says of cases."""
        return self._rules

    @property
    def messages(self) -> CaseMessages:
        """What customers hear of their cases."""
        return self._messages

    async def open(self, case: Case, cause: str) -> tuple[Case, bool]:
        """Put a case in its line; its folio is drawn here.

        Args:
            case: the case, with any folio.
            cause: what opened it (conversation and message): the same cause opens one case only, and a
                conversation has one open hand-off only, which is raised if the new reason is graver.
        Returns:
            the case as it is kept, and whether it is new.
        """
        while True:
            drawn = replace(case, folio=new_folio(), opened_by=cause)
            folio, outcome = await _open(self._redis, _keys_of_new(drawn, cause), self._new(drawn))
            if outcome == "opened":
                return drawn, True
            if outcome == "repeated":
                return await self.get(folio), False
            if outcome == "already_open":
                earlier = await self._raise(folio, case, cause)
                if earlier.is_open:  # Else it has ended since, and nobody would come.
                    return earlier, False

    async def claim(
        self,
        folio: str,
        agent: str,
        now: float,
        *,
        person: str = "",
        capacity: int | None = None,
        may_decide_again: bool = False,
    ) -> Case:
        """Give a waiting case to a person; the customer is told, and the bot falls silent in a hand-off.

        Args:
            person: who that is in the roster, if they are in it.
            capacity: how many cases they may have in hand; None for any number.
            may_decide_again: whether they may take a claim on what they resolved themselves.
        Raises:
            UnknownCase, CaseTaken, CaseClosed, HandsFull, CaseBarred
        """

        def plan(case: Case, write: Write) -> Step:
            lines = [keys.waiting(case.area), keys.waits(case.area), keys.in_hand(agent)]
            waits = [REMEMBERED_WAITS, keys.WAITS_SECONDS]
            lapses_at = self._rules.lapses_at(case, now)
            limits = ["" if limit is None else limit for limit in (capacity, lapses_at)]
            return Step(
                [*lines, keys.CLAIMED_CASES, keys.LAPSES, keys.PRESENT],
                [*waits, person, *limits, int(may_decide_again)],
                write(self._messages.claimed(case, agent)),
            )

        return await self._change(_claim, Change(folio, agent, now), plan)

    async def release(
        self,
        folio: str,
        agent: str,
        now: float,
        change_id: str | None = None,
        *,
        may_take_away: bool = False,
    ) -> Case:
        """Put a case back in line, where it was.

        Args:
            may_take_away: whether it may be a case that somebody else has, as for supervisors.
        Raises:
            UnknownCase, CaseNotYours
        """

        def plan(case: Case, write: Write) -> Step:
            return Step(
                [keys.waiting(case.area), *hand_of(case), keys.TOLD_WAITS],
                [*self._stands(case, now), int(may_take_away), self._rules.resolution_after_pause(case, now)],
                write(self._messages.released(case)),
            )

        return await self._change(_release, Change(folio, agent, now, change_id), plan)

    async def transfer(
        self, folio: str, agent: str, area: str, now: float, *, note: str = "", change_id: str | None = None
    ) -> Case:
        """Send a case to another area's line, with a note to the colleagues there.

        The customer keeps their turn: the wait is counted from the hand-off.

        Raises:
            UnknownCase
            CaseNotYours: somebody else has it, or it is resolved or closed.
            UnknownChoice: there is no such area.
        """
        if area not in self._protocol.roster.areas:
            raise UnknownChoice("there is no such area")

        def plan(case: Case, write: Write) -> Step:
            lines = [keys.waiting(case.area), keys.waiting(area)]
            message = write(self._messages.transferred(case, area)) if area != case.area else ""
            resolution_by = self._rules.resolution_after_pause(case, now)
            args = [*self._stands(case, now), area, note, resolution_by]
            return Step([*lines, *hand_of(case), keys.TOLD_WAITS], args, message)

        return await self._change(_transfer, Change(folio, agent, now, change_id), plan)

    async def _raise(self, folio: str, graver: Case, cause: str) -> Case:
        """Give an open hand-off the area, priority and target of a graver reason, if nobody has it yet."""
        changed = [text for name in RAISED_FIELDS for text in (name, str(getattr(graver, name)))]

        def plan(case: Case, write: Write) -> Step:
            lines = [keys.waiting(case.area), keys.waiting(graver.area)]
            stands_above = self._rules.stands_above(graver.trigger, case.trigger)
            return Step(lines, [graver.rank, score_of(graver), int(stands_above), *changed])

        return await self._change(_raise, Change(folio, BOT, graver.opened_at, f"{cause}:raise"), plan)

    def _new(self, case: Case) -> list[Any]:
        tells_at = self._rules.tells_wait_at(case, case.opened_at)
        return [
            *(case.folio, case.kind, score_of(case), keys.CAUSE_SECONDS, keys.MAX_DESK_EVENTS),
            *(case.conversation, case.opened_at, "" if tells_at is None else tells_at, case.trigger),
            *(keys.RECORDS_SECONDS, keys.digest_of(case.contact) if case.contact else ""),
            *(text for pair in case.to_mapping().items() for text in pair),
        ]


def _keys_of_new(case: Case, cause: str) -> list[str]:
    lists = [keys.waiting(case.area), keys.OPEN_CASES, keys.history(case.folio), keys.DESK_EVENTS]
    return [
        *(keys.case(case.folio), keys.case_of(cause), keys.hand_off_of(case.conversation)),
        *(*lists, keys.TOLD_WAITS, *customer_sets(case), keys.TARGETS, *customer_records(case)),
    ]
