"""The queue: cases wait in their area's line, are claimed by one person, answered and closed.

Each change is one Lua script beside this module: atomic, idempotent, and an event in the desk's stream,
which is audit log and live feed in one. A line is ordered by priority, then by the time of the target.
"""

from __future__ import annotations

import statistics
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

import redis.asyncio as redis

from relevo.cases.case import Case
from relevo.cases.folio import new_folio
from relevo.errors import RelevoError
from relevo.protocol.schema import Protocol
from relevo.store import keys
from relevo.store.connection import Script
from relevo.store.outbox import Event, OutboxWriter, says, shows_status

REMEMBERED_WAITS = 30
RAISED_FIELDS = ("area", "priority", "rank", "target_at", "trigger", "tone", "description")
RANK_STEP = 10**11
"""A rank outweighs any target time in epoch seconds; their sum is exact in a double."""


def _script(name: str) -> Script:
    return Script(Path(__file__).with_name(f"{name}.lua"))


_open, _claim, _release = _script("open"), _script("claim"), _script("release")
_answer, _close, _raise = _script("answer"), _script("close"), _script("raise")


class CaseError(RelevoError):
    """A case can't be changed that way."""


class UnknownCase(CaseError):
    """There is no case with this folio."""


class CaseTaken(CaseError):
    """Another person has the case."""


class CaseNotYours(CaseError):
    """The case is not claimed by this person (any more)."""


class CaseClosed(CaseError):
    """The case is closed."""


@dataclass(frozen=True)
class Place:
    """Where a case stands in its line: 1 is next. The wait is in seconds, None if not known yet."""

    position: int
    wait_seconds: float | None


class CaseQueue:
    """All lines of all areas."""

    def __init__(self, client: redis.Redis, protocol: Protocol) -> None:
        self._redis = client
        self._protocol = protocol

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
            drawn = replace(case, folio=new_folio())
            mapping = [text for pair in drawn.to_mapping().items() for text in pair]
            folio, outcome = await _open(
                self._redis,
                [
                    keys.case(drawn.folio),
                    keys.case_of(cause),
                    keys.hand_off_of(case.conversation),
                    keys.waiting(case.area),
                    keys.OPEN_CASES,
                    keys.DESK_EVENTS,
                ],
                [
                    drawn.folio,
                    case.kind,
                    _score(case),
                    keys.CAUSE_SECONDS,
                    keys.MAX_DESK_EVENTS,
                    case.conversation,
                    case.opened_at,
                    *mapping,
                ],
            )
            if outcome == "already_open":
                await self._raise(await self.get(folio), case)
            if outcome != "taken":
                return await self.get(folio), outcome == "opened"

    async def get(self, folio: str) -> Case:
        """The case with this folio.

        Raises:
            UnknownCase: there is none.
        """
        mapping = await self._redis.hgetall(keys.case(folio))
        if not mapping:
            raise UnknownCase("there is no case with this folio")
        return Case.from_mapping(mapping)

    async def open_cases(self) -> list[Case]:
        """All cases that are not closed: waiting ones in the order of their lines, then claimed ones."""
        folios = await self._redis.smembers(keys.OPEN_CASES)
        async with self._redis.pipeline(transaction=False) as pipeline:
            for folio in folios:
                pipeline.hgetall(keys.case(folio))
            mappings = await pipeline.execute()
        cases = [Case.from_mapping(mapping) for mapping in mappings if mapping]
        return sorted(cases, key=lambda case: (case.state != "waiting", _score(case), case.folio))

    async def place(self, case: Case) -> Place | None:
        """Where a waiting case stands; None once it is claimed or closed.

        The wait is the median of the area's last waits per place in line, times the place: it follows the
        area's present pace and is not upset by one long case. Unknown until a case has been claimed there.
        """
        rank = await self._redis.zrank(keys.waiting(case.area), case.folio)
        if rank is None:
            return None
        waits = [float(wait) for wait in await self._redis.lrange(keys.waits(case.area), 0, -1)]
        wait_seconds = statistics.median(waits) * (rank + 1) if waits else None
        return Place(rank + 1, wait_seconds)

    async def claim(self, folio: str, agent: str, now: float) -> Case:
        """Give a waiting case to a person; the customer is told, and the bot falls silent in a hand-off.

        Raises:
            UnknownCase, CaseTaken, CaseClosed
        """
        case = await self.get(folio)
        message = self._writer(case).message(self._claim_events(case, agent))
        outcome = await _claim(
            self._redis,
            [keys.case(folio), keys.waiting(case.area), keys.waits(case.area), keys.OUTBOX, keys.DESK_EVENTS],
            [
                folio,
                agent,
                now,
                REMEMBERED_WAITS,
                keys.WAITS_SECONDS,
                keys.MAX_DESK_EVENTS,
                message.to_json() if message.events else "",
                message.id,
            ],
        )
        _raise_for(outcome)
        return await self.get(folio)

    async def release(self, folio: str, agent: str, now: float) -> Case:
        """Put a case back in line, where it was.

        Raises:
            UnknownCase, CaseNotYours
        """
        case = await self.get(folio)
        message = self._writer(case).message(self._release_events(case))
        outcome = await _release(
            self._redis,
            [keys.case(folio), keys.waiting(case.area), keys.OUTBOX, keys.DESK_EVENTS],
            [
                folio,
                agent,
                now,
                _score(case),
                keys.MAX_DESK_EVENTS,
                message.to_json() if message.events else "",
                message.id,
            ],
        )
        _raise_for(outcome)
        return await self.get(folio)

    async def answer(
        self, folio: str, agent: str, text: str, now: float, answer_id: str | None = None
    ) -> Case:
        """Send a person's words to the customer; a repeat with the same `answer_id` sends nothing.

        Raises:
            UnknownCase, CaseNotYours
        """
        case = await self.get(folio)
        events = [*self._take_over_events(case, agent), says(text, agent=agent)]
        message = self._writer(case).message(events, answer_id or uuid.uuid4().hex)
        outcome = await _answer(
            self._redis,
            [keys.case(folio), keys.OUTBOX, keys.DESK_EVENTS],
            [folio, agent, now, keys.MAX_DESK_EVENTS, message.to_json(), message.id],
        )
        _raise_for(outcome)
        return await self.get(folio)

    async def close(self, folio: str, agent: str, now: float) -> Case:
        """Close a case; after a hand-off the bot takes the conversation again and asks whether all is well.

        Raises:
            UnknownCase, CaseNotYours
        """
        case = await self.get(folio)
        says_so = self._says_closed(case)
        message = self._writer(case).message(_back_to_bot(says_so))
        in_hand_off = self._writer(case).message([says_so], message.id)
        outcome = await _close(
            self._redis,
            [
                keys.case(folio),
                keys.hand_off_of(case.conversation),
                keys.OPEN_CASES,
                keys.OUTBOX,
                keys.DESK_EVENTS,
            ],
            [
                folio,
                agent,
                now,
                keys.CLOSED_CASE_SECONDS,
                keys.MAX_DESK_EVENTS,
                message.to_json(),
                message.id,
                in_hand_off.to_json(),
            ],
        )
        _raise_for(outcome)
        return await self.get(folio)

    async def _raise(self, present: Case, graver: Case) -> None:
        """Give an open hand-off the area, priority and target of a graver reason, if nobody has it yet."""
        changed = {name: str(getattr(graver, name)) for name in RAISED_FIELDS}
        await _raise(
            self._redis,
            [
                keys.case(present.folio),
                keys.waiting(present.area),
                keys.waiting(graver.area),
                keys.DESK_EVENTS,
            ],
            [
                present.folio,
                graver.rank,
                _score(graver),
                graver.opened_at,
                keys.MAX_DESK_EVENTS,
                *(text for pair in changed.items() for text in pair),
            ],
        )

    def _writer(self, case: Case) -> OutboxWriter:
        return OutboxWriter(case.conversation, case.channel)

    def _claim_events(self, case: Case, agent: str) -> list[Event]:
        if case.kind == "complaint":
            # The customer is not waiting in the chat: silence until the person has something to say.
            return []
        words = self._protocol.say("claimed", case.language, agent=agent)
        return [*self._take_over_events(case, agent), says(words)]

    def _take_over_events(self, case: Case, agent: str) -> list[Event]:
        return [{"event": "pause"}, shows_status("claimed", agent=agent, folio=case.folio)]

    def _release_events(self, case: Case) -> list[Event]:
        if case.kind == "complaint" and not case.first_response_at:
            # Nobody has spoken to the customer: the bot still does, and nothing is waited for in the chat.
            return []
        return [shows_status("waiting", folio=case.folio)]

    def _says_closed(self, case: Case) -> Event:
        words = "complaint_closed" if case.kind == "complaint" else "case_closed"
        return says(self._protocol.say(words, case.language, folio=case.folio))


def _back_to_bot(words: Event) -> list[Event]:
    listen: Event = {"event": "action", "name": "action_listen"}
    return [{"event": "resume"}, shows_status("bot"), words, listen]


def _score(case: Case) -> float:
    return case.rank * RANK_STEP + case.target_at


def _raise_for(outcome: str) -> None:
    errors: dict[str, CaseError] = {
        "unknown": UnknownCase("there is no case with this folio"),
        "taken": CaseTaken("another person has this case"),
        "closed_case": CaseClosed("this case is closed"),
        "not_yours": CaseNotYours("this case is not yours; claim it first"),
    }
    if outcome in errors:
        raise errors[outcome]
