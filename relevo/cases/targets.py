"""Service-level targets: which run in a case, when they are at risk or missed, and which step is due then.

Three run: the first response by a person (an automatic message doesn't count), the next response once the
customer has written again, and the resolution, which stands still while the person waits for the customer.
All count in the area's opening hours. Pure: the plan and a case in, times out (UTC epoch seconds).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from relevo.cases.case import Case
from relevo.protocol.parts.contingency import EscalationStep
from relevo.protocol.schema import Protocol

Kind = Literal["first_response", "next_response", "resolution"]
PROMISED: tuple[Kind, ...] = ("first_response", "next_response")
"""What customers wait for and are told of; how long a resolution may take is the company's own goal."""


@dataclass(frozen=True)
class Target:
    """A time that runs in a case."""

    kind: Kind
    started_at: float
    due_at: float
    steps_taken: int


@dataclass(frozen=True)
class DueStep:
    """The next step of the escalation for a target, and when it is due."""

    target: Target
    step: EscalationStep
    at: float


class Targets:
    """The targets of one company's plan."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._steps = sorted(
            protocol.contingency.escalation, key=lambda step: (step.when == "missed", step.after or 0)
        )

    def running(self, case: Case) -> list[Target]:
        """What runs in a case; nothing once a person has seen to it."""
        if not case.is_open:
            return []
        found = []
        if not case.first_response_at:
            found.append(
                Target("first_response", case.waiting_since, case.target_at, case.first_response_steps)
            )
        if case.next_response_by:
            found.append(
                Target(
                    "next_response", case.unanswered_since, case.next_response_by, case.next_response_steps
                )
            )
        if case.resolution_by and case.state != "waiting_for_customer":
            found.append(Target("resolution", case.waiting_since, case.resolution_by, case.resolution_steps))
        return found

    def next_step(self, case: Case) -> DueStep | None:
        """The step that is due first, in the past perhaps; None if nothing runs, or all steps are taken."""
        ahead = [due for target in self.running(case) if (due := self._next_of(case, target))]
        return min(ahead, key=lambda due: due.at, default=None)

    def _next_of(self, case: Case, target: Target) -> DueStep | None:
        if target.steps_taken >= len(self._steps):
            return None
        step = self._steps[target.steps_taken]
        return DueStep(target, step, self._time_of(case, target, step))

    def _time_of(self, case: Case, target: Target, step: EscalationStep) -> float:
        hours = self._protocol.hours_of(case.area)
        if step.when == "missed":
            return hours.deadline(target.due_at, step.after) if step.after else target.due_at
        share = self._protocol.contingency.at_risk_at
        return hours.deadline(target.started_at, share * hours.open_seconds(target.started_at, target.due_at))
