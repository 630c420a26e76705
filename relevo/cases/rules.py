"""What the protocol says of a case's life: times, reasons, how many a person may have, what a claim is."""

from __future__ import annotations

from dataclasses import replace

from relevo.cases.case import Case, Kind
from relevo.protocol.parts.base import Text
from relevo.protocol.parts.contingency import Trigger
from relevo.protocol.schema import Protocol

QUIET_SECONDS = 86_400
"""Time until a resolved case is closed, where the protocol doesn't tell."""
TELL_AGAIN_SECONDS = 180.0
"""A customer who waits hears of their wait once in this time at most."""
CLAIM_FIELDS = ("area", "priority", "rank", "target_at", "trigger")
"""What changes in a case that is opened again as a claim."""


class CaseRules:
    """The rules of one company; all pure. Times are UTC epoch seconds."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._rejected = next(
            (t for t in protocol.contingency.triggers if t.when.event == "resolution_rejected"), None
        )

    def capacity_of(self, person: str) -> int | None:
        """How many cases someone of the roster may have in hand; None for any number."""
        known = self._protocol.roster.people.get(person)
        return (known.capacity if known else None) or self._protocol.contingency.capacity

    def lapses_at(self, case: Case, now: float) -> float | None:
        """By when the person who has the case must give a sign, if they owe one; None for any time."""
        silence = self._protocol.contingency.silence
        if silence is None:
            return None
        if case.kind == "hand_off":
            return now + silence.after
        if silence.complaints_after is None:
            return None
        return self._protocol.company.hours.deadline(now, silence.complaints_after)

    def lapses_after_answer(self, case: Case, now: float) -> float | None:
        """The same after an answer: in the chat the next word is the customer's; a complaint must go on."""
        return None if case.kind == "hand_off" else self.lapses_at(case, now)

    def reasons(self, kind: Kind) -> dict[str, Text]:
        """The reasons with which a case may be resolved."""
        closing = self._protocol.contingency.closing
        if kind == "hand_off" and closing:
            return dict(closing.reasons)
        return dict(self._protocol.complaints.closing_reasons)

    def closes_at(self, case: Case, now: float) -> float:
        """When a case that is resolved now is closed for good, if its customer stays quiet."""
        closing = self._protocol.contingency.closing
        if case.kind == "hand_off":
            return now + (closing.after if closing else QUIET_SECONDS)
        steps = self._protocol.complaints.procedure
        quiet = next((step.within for step in steps if step.step == "confirm" and step.within), QUIET_SECONDS)
        return self._protocol.company.hours.deadline(now, quiet)

    def stands_above(self, trigger: str, other: str) -> bool:
        """Whether a trigger comes before another one in the plan, which names the gravest first."""
        order = [known.id for known in self._protocol.contingency.triggers]
        return trigger in order and other in order and order.index(trigger) < order.index(other)

    def tells_wait_at(self, case: Case, now: float) -> float | None:
        """When a customer who begins to wait in the chat may hear again how long it takes; else None."""
        return now + TELL_AGAIN_SECONDS if case.kind == "hand_off" else None

    @property
    def words_of_claim(self) -> str:
        """What a customer is told who rejects a resolution."""
        return self._rejected.words if self._rejected else "case_back_in_line"

    def as_claim(self, case: Case, now: float) -> Case:
        """A resolved case as it is opened again: graver, with a new target, for someone one level up."""
        protocol, trigger = self._protocol, self._rejected
        priority = _graver(protocol, case, trigger)
        return replace(
            case,
            area=(trigger.area if trigger else None) or case.area,
            priority=priority,
            rank=protocol.rank_of(priority),  # type: ignore[arg-type]
            target_at=self._claim_answered_by(replace(case, priority=priority), now),
            trigger=trigger.id if trigger else case.trigger,
            for_person=self.one_above(case.resolved_person, case.area, case.level + 1),
        )

    def one_above(self, person: str, area: str, level: int = 1) -> str:
        """Who stands above whoever had the case; if that is not known, the area's head or someone above.

        Example: an advisor's supervisor. At level 2 the area's head is passed over for the one above. The
        highest there is; "" if the area has nobody.
        """
        roster = self._protocol.roster
        return roster.climb(person, area, 1 if person in roster.people else level)

    def _claim_answered_by(self, case: Case, now: float) -> float:
        protocol = self._protocol
        if case.kind == "hand_off":
            return protocol.first_response_by(case.priority, case.channel, now)  # type: ignore[arg-type]
        within = [step.within for step in protocol.complaints.procedure if step.step == "reopen"]
        return (
            protocol.company.hours.deadline(now, within[0])
            if within and within[0]
            else protocol.complaint_answer_by(now)
        )


def _graver(protocol: Protocol, case: Case, trigger: Trigger | None) -> str:
    """The case's own priority or the trigger's, whichever comes first."""
    order = list(map(str, protocol.contingency.targets))
    wanted = [case.priority, *([trigger.priority] if trigger else [])]
    return min(wanted, key=lambda name: order.index(name) if name in order else len(order))
