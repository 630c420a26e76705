"""What the protocol says of a case's life: times, reasons, how many a person may have, what a claim is."""

from __future__ import annotations

from dataclasses import replace

from relevo.cases.case import Case, Kind
from relevo.protocol.conditions import names_event
from relevo.protocol.deciding import Decision
from relevo.protocol.occurrences import decide_on, occurrence_at
from relevo.protocol.parts.base import Text
from relevo.protocol.parts.contingency import Event, Priority
from relevo.protocol.schema import Protocol

QUIET_SECONDS = 86_400
"""Time until a resolved case is closed, where the protocol doesn't tell."""
TELL_AGAIN_SECONDS = 180.0
"""A customer who waits hears of their wait once in this time at most."""
CLAIM_FIELDS = ("area", "priority", "rank", "target_at", "resolution_by", "trigger", "explanation")
"""What changes in a case that is opened again as a claim."""


class CaseRules:
    """The rules of one company; all pure. Times are UTC epoch seconds."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol

    def decide_on(self, event: Event, case: Case, now: float) -> Decision | None:
        """What the plan says on something that happens to a case now; None if nothing."""
        occurrence = occurrence_at(
            now, self._protocol, event, channel=case.channel, area=case.area, priority=case.priority
        )
        return decide_on(self._protocol.contingency.triggers, occurrence)

    @property
    def kept_seconds(self) -> int:
        """How long a closed case is kept."""
        return int(self._protocol.privacy.retention.cases)

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

    def words_of_claim(self, case: Case) -> str:
        """What the customer is told whose case has been opened again as a claim."""
        triggers = self._protocol.contingency.triggers
        by_event = {trigger.id: trigger.words for trigger in triggers if names_event(trigger.when)}
        return by_event.get(case.trigger, "case_back_in_line")

    def as_claim(self, case: Case, now: float) -> Case:
        """A resolved case as it is opened again: graver, with a new target, for someone one level up."""
        protocol, decision = self._protocol, self.decide_on("resolution_rejected", case, now)
        trigger = decision.trigger if decision else None
        graver = self.graver(case, trigger.priority if trigger else None)
        claim = replace(graver, area=(trigger.area if trigger else None) or case.area)
        return replace(
            claim,
            target_at=self._claim_answered_by(claim, now),
            resolution_by=protocol.resolution_by(claim.priority, claim.area, now),  # type: ignore[arg-type]
            trigger=trigger.id if trigger else case.trigger,
            explanation=decision.explanation.to_json() if decision else case.explanation,
            for_person=self.one_above(case.resolved_person, case.area, case.level + 1),
        )

    def one_above(self, person: str, area: str, level: int = 1) -> str:
        """Who stands above whoever had the case; if that is not known, the area's head or someone above.

        Example: an advisor's supervisor. At level 2 the area's head is passed over for the one above. The
        highest there is; "" if the area has nobody.
        """
        roster = self._protocol.roster
        return roster.climb(person, area, 1 if person in roster.people else level)

    def graver(self, case: Case, *priorities: Priority | None) -> Case:
        """The case with the gravest of its own priority and some others."""
        order = list(map(str, self._protocol.contingency.targets))
        wanted = [case.priority, *(name for name in priorities if name)]
        priority = min(wanted, key=lambda name: order.index(name) if name in order else len(order))
        if priority == case.priority:
            return case
        return replace(case, priority=priority, rank=self._protocol.rank_of(priority))  # type: ignore[arg-type]

    def next_response_by(self, case: Case, now: float) -> float:
        """By when a person must answer what the customer writes now."""
        return self._protocol.next_response_by(case.priority, case.area, now)  # type: ignore[arg-type]

    def resolution_after_pause(self, case: Case, now: float) -> float:
        """By when the case must be resolved if its person has waited for the customer until now."""
        if not 0 < case.paused_at < case.resolution_by:
            return case.resolution_by
        hours = self._protocol.hours_of(case.area)
        return hours.deadline(now, hours.open_seconds(case.paused_at, case.resolution_by))

    def _claim_answered_by(self, case: Case, now: float) -> float:
        protocol = self._protocol
        if case.kind == "hand_off":
            return protocol.first_response_by(case.priority, case.channel, case.area, now)  # type: ignore[arg-type]
        within = [step.within for step in protocol.complaints.procedure if step.step == "reopen"]
        return (
            protocol.hours_of(case.area).deadline(now, within[0])
            if within and within[0]
            else protocol.complaint_answer_by(case.area, now)
        )
