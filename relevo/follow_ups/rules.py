"""What the protocol says of follow-ups: the next try, when one is missed and who hears of it, the notes."""

from __future__ import annotations

from relevo.follow_ups.follow_up import FollowUp
from relevo.follow_ups.moments import say_moment_to
from relevo.follow_ups.zones import zone_named
from relevo.protocol.occurrences import decide_on, occurrence_at
from relevo.protocol.parts.contingency import Trigger
from relevo.protocol.required import REQUIRED_TRIGGER
from relevo.protocol.schema import Protocol


class FollowUpRules:
    """The rules of one company; all pure. Times are UTC epoch seconds."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._plan = protocol.contingency.follow_ups
        steps = [step for step in protocol.contingency.escalation if step.when == "missed"]
        self._steps = sorted(steps, key=lambda step: step.after or 0)

    def trigger_of(self, follow_up: FollowUp) -> Trigger:
        """What the plan says on this promised contact, guidance and phrases; else on any person's case."""
        plan, area = self._protocol.contingency, self._protocol.area_of(follow_up.topic)
        occurrence = occurrence_at(
            follow_up.due_at, self._protocol, "nobody_available", channel=follow_up.channel, area=area
        )
        decision = decide_on(plan.triggers, occurrence)
        return decision.trigger if decision else plan.trigger(REQUIRED_TRIGGER)

    def next_attempt_at(self, follow_up: FollowUp, now: float) -> float | None:
        """When a customer who has not answered now is tried again; None if that was the last attempt.

        Where the protocol has no rule, once more at the next opening: nobody is given up by default.
        """
        if self._plan is None:
            return self._protocol.company.hours.next_open(now)
        if follow_up.attempts + 1 >= self._plan.attempts:
            return None
        return self._protocol.company.hours.next_open(now + self._plan.retry_after)

    def keep_by(self, due_at: float, steps_taken: int = 0) -> float | None:
        """When somebody above is told that a follow-up is not kept; None if nobody (else) is."""
        if self._plan is None or steps_taken >= len(self._steps):
            return None
        seconds = self._plan.grace + (self._steps[steps_taken].after or 0)
        return self._protocol.company.hours.deadline(due_at, seconds)

    def told_of(self, follow_up: FollowUp) -> str:
        """Who of the roster is told at the next step: above the area that the topic belongs to.

        Where the plan has fewer steps by now than were taken, as at its last one.
        """
        area = self._protocol.area_of(follow_up.topic)
        levels = [step.levels_up for step in self._steps[: follow_up.escalations + 1]]
        return self._protocol.roster.climb("", area, *levels[-1:])

    def note_after_attempt(self, follow_up: FollowUp, next_at: float | None) -> str:
        """What a customer reads who did not answer; "" if the protocol says nothing."""
        if self._plan is None:
            return ""
        language, attempts = follow_up.language, follow_up.attempts + 1
        name = self._plan.retry_note if next_at is not None else self._plan.final_note
        if name is None:
            return ""
        return self._protocol.say(
            name,
            language,
            channel=follow_up.channel,
            method=self.method_in_words(follow_up),
            when=self.moment(follow_up, next_at) if next_at is not None else "",
            attempts=attempts,
            folio=follow_up.folio,
        )

    def method_in_words(self, follow_up: FollowUp) -> str:
        """The way of contact as its customer calls it."""
        return self._protocol.say(f"method_{follow_up.method}", follow_up.language)

    def moment(self, follow_up: FollowUp, instant: float | None = None) -> str:
        """When it is due, or another moment, on its customer's clock."""
        when = follow_up.due_at if instant is None else instant
        hours, zone = self._protocol.company.hours, zone_named(follow_up.zone)
        return say_moment_to(when, follow_up.language, hours, zone)
