"""The customers and agents of a simulated day; what they do is by chance, and the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from relevo.cases.case import Case
from relevo.cases.queue import CaseError
from relevo.follow_ups.follow_up import FollowUp
from relevo.protocol import Protocol
from tests.bench.day_ledger import World

MINUTE, HOUR = 60.0, 3_600.0
AREAS = ("customer_care", "customer_care", "senior_care", "safety", "legal_communications")
PRIORITIES = {
    "customer_care": "normal",
    "senior_care": "high",
    "safety": "urgent",
    "legal_communications": "high",
}


@dataclass
class Customers:
    """Those who come during the day."""

    world: World
    protocol: Protocol
    chance: random.Random
    a_minute: float
    """How many come in a minute of opening hours, on average; few come while the company is closed."""
    step_seconds: float
    """How often they act."""
    came: int = 0
    waiting: dict[str, tuple[Case, float]] = field(default_factory=dict)
    """Open cases by folio, each with when its customer will have had enough of waiting."""

    async def act(self, now: float) -> None:
        """What customers do in one step."""
        busy = 1.0 if self.protocol.company.hours.is_open(now) else 0.05
        if self.chance.random() < self.a_minute * busy * self.step_seconds / MINUTE:
            await self._come(now)
        for folio in [*self.waiting]:
            await self._go_on(folio, now)

    async def _come(self, now: float) -> None:
        """A new customer: most need a person now, some complain, some would rather be contacted later."""
        self.came += 1
        kind = self.chance.choice(["hand_off"] * 7 + ["complaint"] * 2 + ["follow_up"])
        if kind == "follow_up":
            await self._book(f"c{self.came}", now)
            return
        area = self.chance.choice(AREAS)
        priority = "high" if kind == "complaint" else PRIORITIES[area]
        by = (
            self.protocol.complaint_answer_by(area, now)
            if kind == "complaint"
            else self.protocol.first_response_by(priority, "webchat", area, now)  # type: ignore[arg-type]
        )
        case = Case(
            folio="",
            kind=kind,  # type: ignore[arg-type]
            conversation=f"c{self.came}",
            channel="webchat",
            language=self.chance.choice(["es", "es", "en"]),  # type: ignore[arg-type]
            area=area,
            priority=priority,
            rank=self.protocol.rank_of(priority),  # type: ignore[arg-type]
            opened_at=now,
            target_at=by,
            resolution_by=self.protocol.resolution_by(priority, area, now),  # type: ignore[arg-type]
            topic="track_order",
            contact=f"+5255{self.came:08}" if kind == "complaint" else "",
        )
        case, _ = await self.world.queue.open(case, f"c{self.came}:m1")
        self.world.book.first_answers[case.folio, 0] = by
        self.waiting[case.folio] = (case, now + self.chance.uniform(3, 40) * MINUTE)

    async def _go_on(self, folio: str, now: float) -> None:
        """A customer with a case: loses patience, writes again, or says what they think of the solution."""
        case = await self.world.queue.get(folio)
        is_moved = self.chance.random() < self.step_seconds / (6 * MINUTE)
        if case.state == "closed":
            del self.waiting[folio]
        elif case.state == "waiting" and case.kind == "hand_off" and now > self.waiting[folio][1]:
            await self._lose_patience(case, now)
        elif case.state == "resolved" and is_moved:
            await self._judge(case, now)
        elif case.is_in_hand and case.first_response_at and is_moved:
            await self._write(case, now)

    async def _lose_patience(self, case: Case, now: float) -> None:
        """Half of them withdraw; the others book a contact for later and wait on."""
        if self.chance.random() < 0.5:
            await self.world.queue.cancel(case.folio, now)
            return
        await self._book(case.conversation, now)
        self.waiting[case.folio] = (case, now + 10 * HOUR)

    async def _write(self, case: Case, now: float) -> None:
        await self.world.queue.customer_wrote(case.conversation, f"{case.folio}:{now}", now)
        heard = await self.world.queue.get(case.folio)
        if heard.unanswered_since == now:
            self.world.book.next_answers[case.folio, now] = heard.next_response_by

    async def _judge(self, case: Case, now: float) -> None:
        """Most are content, some are not, some say nothing any more."""
        verdict = self.chance.choice(["accept"] * 6 + ["reject"] + ["silent"] * 3)
        if verdict == "accept":
            await self.world.queue.accept_resolution(case.folio, now)
        elif verdict == "reject" and case.level < 2:
            claim = await self.world.queue.reject_resolution(case.folio, now)
            if claim.reopened_at == now:
                self.world.book.first_answers[case.folio, claim.level] = claim.target_at
        else:
            self.waiting.pop(case.folio)

    async def _book(self, conversation: str, now: float) -> None:
        wanted = now + self.chance.uniform(0.25, self.chance.choice([1, 4, 30])) * HOUR
        due_at = self.protocol.company.hours.next_open(wanted) or wanted
        number = len(self.world.book.follow_ups) + 1
        booked = await self.world.agenda.book(
            FollowUp(
                folio=f"RV-DAY-{number:04}",
                conversation=conversation,
                channel="webchat",
                language="es",
                method="call",
                contact="+525512345678",
                topic="track_order",
                due_at=due_at,
                created_at=now,
                cause=f"{conversation}:{now}",
            )
        )
        self.world.book.follow_ups[booked.folio] = booked.due_at


@dataclass
class Agent:
    """Someone at the desk, who does one thing after another."""

    world: World
    protocol: Protocol
    chance: random.Random
    person: str
    leaves_at: float = float("inf")
    """From when on they are gone without a word, their desk closed."""
    free_at: float = 0.0

    async def act(self, now: float) -> None:
        """Give a sign of life; if free, answer, solve, call or take the next case."""
        if now >= self.leaves_at or not self.protocol.company.hours.is_open(now):
            return
        await self.world.queue.presence.sign(self.person, now, self.person)
        if now < self.free_at:
            return
        self.free_at = now + self.chance.uniform(0.5, 2.5) * MINUTE
        try:
            await (self._see_to_own(now) if self.chance.random() < 0.75 else self._call(now))
        except CaseError:
            self.free_at = now  # Somebody was faster: on to the next thing.

    async def _see_to_own(self, now: float) -> None:
        queue, mine = (
            self.world.queue,
            [case for case in await self.world.queue.taken(1_000) if case.claimed_by == self.person],
        )
        unanswered = [case for case in mine if case.answer_by and case.state == "claimed"]
        if unanswered:
            case = min(unanswered, key=lambda case: case.answer_by)
            await queue.answer(case.folio, self.person, "Ya lo reviso.", now)
            if self.chance.random() < 0.2:
                await queue.wait_for_customer(case.folio, self.person, now)
        elif mine and self.chance.random() < 0.7:
            await queue.resolve(self.chance.choice(mine).folio, self.person, now, self._reason(mine[0]))
        else:
            await self._take_next(now)

    def _reason(self, case: Case) -> str:
        return next(iter(self.world.queue.rules.reasons(case.kind)))

    async def _take_next(self, now: float) -> None:
        """The case that stands first in any area: on this day everybody helps everywhere."""
        for case in await self.world.queue.waiting(self.protocol.roster.areas, 1):
            await self.world.queue.claim(case.folio, self.person, now, person=self.person, capacity=5)
            self.free_at = now + self.chance.uniform(0, 1.5) * MINUTE
            return

    async def _call(self, now: float) -> None:
        for follow_up in await self.world.agenda.due(1):
            await self.world.agenda.complete(follow_up.folio, self.person, now)
            return
        await self._see_to_own(now)
