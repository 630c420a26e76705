"""What the clock sees to: cases of people who fell silent, customers whose wait has changed, quiet ends.

Each duty finds what it needs in a sorted set by time, a batch at once, so that its cost does not grow with
what is not due.
"""

from __future__ import annotations

from relevo.cases.case import Case
from relevo.cases.changes import CLOCK, Change, Step, Write, make_change, verb
from relevo.cases.handling import hand_of
from relevo.cases.joining import Joining
from relevo.cases.lines import Place
from relevo.cases.presence import Presence
from relevo.cases.routing import Workforce
from relevo.cases.rules import TELL_AGAIN_SECONDS
from relevo.protocol.deciding import Decision
from relevo.protocol.schema import Protocol
from relevo.store import keys
from relevo.store.marks import Marks

BATCH = 100
MUCH_SECONDS = 180.0
"""A wait has changed much if it is half or double, and by this at least."""

_release_silent, _tell_place = map(verb, ("release_silent", "tell_place"))


class Watching(Joining):
    """Duties of the clock; `now` is UTC epoch seconds. A repeat of any of them does nothing more."""

    _protocol: Protocol
    _presence: Presence

    async def release_silent(self, now: float) -> list[Case]:
        """Take cases from people who give no sign, as the plan says; returns those that wait again."""
        silence = self._protocol.contingency.silence
        watched_since = await self._presence.watched_since(now)
        if silence is None or watched_since > now - silence.after:
            # While nobody watched, nobody could give a sign: people get their time anew.
            return []
        last_sign = now - silence.after
        released: list[Case] = []
        for agent in await self._presence.vanished(last_sign, BATCH):
            for case in await self.read(await self._redis.smembers(keys.in_hand(agent))):
                # Nobody waits in the chat for a complaint; if it rests too long, it lapses by itself.
                if case.kind == "hand_off":
                    released += await self._take_away(case, "vanished", now, last_sign)
            await self._presence.leave(agent, last_sign)
        for case, _ in await self._due(keys.LAPSES, now):
            released += await self._take_away(case, "silent", now, last_sign)
        return released

    async def tell_waits(self, now: float) -> list[Case]:
        """Tell customers whose wait has changed much, each not too often; returns their cases."""
        due = await self._due(keys.TOLD_WAITS, now)
        return [case for case, due_at in due if await self._tell_if_changed(case, now, due_at)]

    async def close_quiet(self, now: float) -> list[Case]:
        """Close resolved cases whose customers have been quiet for the planned time; returns them."""
        due = await self._due(keys.RESOLVED_CASES, now)
        closed = [await self._close(case.folio, CLOCK, now, None, how="quiet") for case, _ in due]
        return [case for case in closed if case.state == "closed"]

    async def note_place_told(
        self, case: Case, place: Place, now: float, decision: Decision | None = None
    ) -> None:
        """Note which place and wait a customer was told when the case was opened.

        Args:
            decision: what the plan said on it, if it did.
        """
        await self._tell(case, place, now, None, decision)

    async def tell_wait_anew(self, case: Case, now: float, cause: str) -> None:
        """Tell a customer their wait as it is now, since they could not be told before; once for a cause."""
        place = await self.place(case)
        if place and place.wait_seconds is not None and self._protocol.hours_of(case.area).is_open(now):
            await self._tell(case, place, now, f"{case.folio}:wait:{cause}")

    async def _due(self, key: str, now: float) -> list[tuple[Case, float]]:
        """A batch of the cases whose time in a sorted set has come, with that time, the earliest first."""
        times = dict(await self._redis.zrangebyscore(key, "-inf", now, start=0, num=BATCH, withscores=True))
        cases = await self.read(times)
        if gone := times.keys() - {case.folio for case in cases}:
            await self._redis.zrem(key, *gone)
        return [(case, times[case.folio]) for case in cases]

    async def _take_away(self, case: Case, why: str, now: float, last_sign: float) -> list[Case]:
        """A case whose person gives no sign is put back in line, and meant for whom the plan says."""
        for_person = await self._next_after(case, now)

        def plan(case: Case, write: Write) -> Step:
            lines = [keys.waiting(case.area), *hand_of(case), keys.PRESENT, keys.TOLD_WAITS]
            args = [*self._stands(case, now), why, last_sign, for_person]
            return Step(lines, args, write(self._messages.lost(case)))

        change = Change(case.folio, CLOCK, now, f"{case.folio}:{why}:{case.claimed_at}")
        released, outcome = await make_change(self._redis, _release_silent, change, plan)
        return [released] if outcome == "case_released" else []

    async def _next_after(self, case: Case, now: float) -> str:
        """Whom of the roster a case is meant for when its person has fallen silent; "" for anyone."""
        then = self._protocol.contingency.silence.then if self._protocol.contingency.silence else "queue"
        if then == "queue":
            return ""
        if then == "supervisor":
            return self._rules.one_above(case.claimed_person, case.area)
        workforce = await self.workforce(now)
        others = {name for name in workforce.present if name != case.claimed_person}
        return next(iter(workforce.route(case, only=others).people), "")

    async def workforce(self, now: float) -> Workforce:
        """Who is there, and how much they have in hand."""
        colleagues = [colleague for colleague in await self._presence.colleagues() if colleague.person]
        loads = await self.load_of(colleague.agent for colleague in colleagues)
        by_person = {colleague.person: loads[colleague.agent] for colleague in colleagues}
        return Workforce(self._protocol, now, by_person, frozenset(by_person))

    async def _tell_if_changed(self, case: Case, now: float, due_at: float) -> bool:
        """Look at one waiting customer's wait; whether they were told that it has changed."""
        place, marks = await self.place(case), Marks(self._redis, keys.TOLD_WAITS)
        if place is None:
            await marks.forget(case.folio, due_at)
            return False
        is_open = self._protocol.hours_of(case.area).is_open(now)
        if is_open and place.wait_seconds is not None and _differs_much(place.wait_seconds, case.told_wait):
            await self._tell(case, place, now, f"{case.folio}:wait:{due_at}")
            return True
        await marks.move(case.folio, due_at, now + TELL_AGAIN_SECONDS)
        return False

    async def _tell(
        self, case: Case, place: Place, now: float, cause: str | None, decision: Decision | None = None
    ) -> None:
        """Note what a customer is told; if it has a cause of its own, the words go through the outbox."""
        wait = place.wait_seconds if place.wait_seconds is not None else case.target_at - case.opened_at

        def plan(case: Case, write: Write) -> Step:
            events = self._messages.wait_changed(case, place.position, wait) if cause else []
            why = decision.explanation.to_json() if decision else ""
            told = [place.position, wait, now + TELL_AGAIN_SECONDS, why]
            return Step([keys.TOLD_WAITS], told, write(events))

        await self._change(_tell_place, Change(case.folio, CLOCK, now, cause), plan)


def _differs_much(wait: float, told: float) -> bool:
    """Whether a wait is worth another word; `told` is 0 if the customer was told none."""
    if told <= 0 or abs(wait - told) < MUCH_SECONDS:
        return False
    return wait <= told / 2 or wait >= told * 2
