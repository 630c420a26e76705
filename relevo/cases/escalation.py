"""What the clock does about late answers: people above are told, the case becomes graver, the customer hears.

Every case that a person must see to stands in one sorted set, by when the clock must look at its targets; a
change of what runs puts it first. So the cost of a look does not grow with what is not due, each step is
taken once however many clocks look, and none is left out after a pause.
"""

from __future__ import annotations

from typing import NamedTuple

from relevo.cases.case import Case
from relevo.cases.changes import CLOCK, Change, Step, Write, make_change, score_of, verb
from relevo.cases.targets import PROMISED, DueStep, Targets
from relevo.cases.watching import BATCH, Watching
from relevo.protocol.parts.contingency import Event
from relevo.store import keys
from relevo.store.marks import Marks
from relevo.store.notifications import LIMITS, NOTIFY, keys_to_notify, matter_of

MAX_BATCHES = 20
"""Looks of one tick: the other duties have their turn too, and the rest comes with the next tick."""

_escalate = verb("escalate", NOTIFY)


class Escalated(NamedTuple):
    """A step that was taken: the case after it, the step, and whether the customer was told."""

    case: Case
    due: DueStep
    customer_was_told: bool


class Escalating(Watching):
    """The duty that keeps promises of time in sight; `now` is UTC epoch seconds."""

    _targets: Targets

    async def see_to_targets(self, now: float) -> list[Escalated]:
        """Take all steps that are due, once each; returns those that this call took."""
        taken: list[Escalated] = []
        for _ in range(MAX_BATCHES):
            due = await self._due(keys.TARGETS, now)
            for case, seen in due:
                taken += await self._look_at(case, seen, now)
            if len(due) < BATCH:
                break
        return taken

    async def _look_at(self, case: Case, seen: float, now: float) -> list[Escalated]:
        """Take the steps that are due in a case, and note when to look again; `seen` is its score."""
        taken: list[Escalated] = []
        while (due := self._targets.next_step(case)) and due.at <= now:
            case, outcome, is_told = await self._escalate(case, due, seen, now)
            if outcome != "case_escalated":
                return taken  # It has changed meanwhile: the next look sees it as it is then.
            taken.append(Escalated(case, due, is_told))
        marks = Marks(self._redis, keys.TARGETS)
        await (marks.move(case.folio, seen, due.at) if due else marks.forget(case.folio, seen))
        return taken

    async def _escalate(
        self, seen_case: Case, due: DueStep, seen: float, now: float
    ) -> tuple[Case, str, bool]:
        target, late = due.target, due.step.when
        event: Event = "target_missed" if late == "missed" else "target_at_risk"
        decision = self._rules.decide_on(event, seen_case, due.at)
        trigger = decision.trigger if decision else None
        tells = trigger if _is_news(seen_case, due, now) else None

        def plan(case: Case, write: Write) -> Step:
            graver = self._rules.graver(case, due.step.priority, trigger.priority if trigger else None)
            told = self._protocol.roster.climb(case.claimed_person, case.area, due.step.levels_up)
            seen_before = [seen_case.state, seen, target.kind, target.steps_taken]
            standing = [graver.priority, graver.rank, score_of(graver)]
            told_late = late if tells else case.told_late
            why = decision.explanation.to_json() if decision else ""
            return Step(
                [keys.waiting(case.area), *keys_to_notify(told)],
                [*seen_before, late, told, *standing, told_late, why, matter_of("case", case.folio), *LIMITS],
                write(self._messages.late(case, tells)) if tells else "",
            )

        change_id = f"{seen_case.folio}:{target.kind}:{target.started_at}:{target.steps_taken}"
        change = Change(seen_case.folio, CLOCK, now, change_id)
        case, outcome = await make_change(self._redis, _escalate, change, plan)
        return case, outcome, tells is not None


def _is_news(case: Case, due: DueStep, now: float) -> bool:
    """Whether the customer hears of a step: once in each wait that an answer may be late, once that it is."""
    if due.target.kind not in PROMISED:
        return False
    if due.step.when == "missed":
        return case.told_late != "missed"
    return case.told_late == "" and now < due.target.due_at
