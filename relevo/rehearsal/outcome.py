"""What a conversation came to, by what it left behind: cases, a follow-up, an open question.

The gravest that the customer has not taken back decides: a person got the conversation (`handoff`), a
complaint is filed (`complaint_filed`), the customer will be contacted (`follow_up`), else it was `answered`.
One thing comes before: who writes while nobody is at work and accepts to be contacted later has a follow-up,
whatever else waits for the morning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from relevo.cases.case import Case
from relevo.follow_ups.follow_up import FollowUp
from relevo.rehearsal.scenes import Outcome

COMPLAINT = "complaint"
FOLLOW_UP_FORM = "follow_up_form"


@dataclass(frozen=True)
class Leavings:
    """What a conversation has left in the store."""

    cases: Sequence[Case]
    follow_ups: Sequence[FollowUp]
    open_form: str | None
    """The form whose question the customer has not answered yet."""

    @property
    def hand_off(self) -> Case | None:
        """The case of a person who takes over, unless the customer withdrew it; the gravest of several."""
        others = [case for case in self.cases if case.kind != COMPLAINT and case.is_open]
        return min(others, key=lambda case: (case.rank, case.opened_at), default=None)

    @property
    def has_complaint(self) -> bool:
        return any(case.kind == COMPLAINT and case.is_open for case in self.cases)

    @property
    def has_follow_up(self) -> bool:
        """Whether the customer will be contacted, or has agreed to and is being asked when and how."""
        return self.open_form == FOLLOW_UP_FORM or any(promise.is_pending for promise in self.follow_ups)


def outcome_of(left: Leavings, is_open: Callable[[float], bool]) -> tuple[Outcome, str | None]:
    """The outcome, and the id of the trigger by which a person got the conversation.

    Args:
        left: what the conversation left in the store.
        is_open: whether people are at work at an instant (UTC epoch seconds).
    """
    case = left.hand_off
    trigger = (case.trigger or None) if case else None
    if case and not (left.has_follow_up and not is_open(case.opened_at)):
        return "handoff", trigger
    if left.has_complaint:
        return "complaint_filed", trigger
    return ("follow_up" if left.has_follow_up else "answered"), trigger
