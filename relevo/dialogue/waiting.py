"""What the bot does while a hand-off waits for a person: a pure decision over the customer's latest message.

The bot is silent from the moment a person takes the case. Until then the customer may withdraw, ask where
they stand, or add to what they said; plain questions are answered if the plan allows it. What is graver than
the reason of the hand-off is the contingency plan's to decide, and comes before all this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from relevo.dialogue.heard import CALM, Heard

Step = Literal["cancel", "tell_place", "answer", "note", "leave"]
SURE_TOPIC = 0.5
"""From here on a topic counts as what the customer means."""
SURE_QUESTION = 0.65
"""From here on it is answered; below, it is noted for the person to read, who understands a story better."""
CANCELLING = "stop"
REFUSING = "deny"
ASKING_FOR_PLACE = ("contact_human_agent", "check_case")
LEFT_TO_RULES = (
    "schedule_follow_up",
    "change_follow_up",
    "cancel_follow_up",
    "change_language",
    "repeat",
)
"""The customer may always choose to be contacted later, in a language of theirs."""
FOLIO = "folio"


@dataclass(frozen=True)
class Waiting:
    """A hand-off that no one has taken yet, as the slot `waiting` keeps it.

    Attributes:
        folio: the case's.
        trigger: the id of the trigger that opened it, or made it graver.
        is_noted: whether the customer was told that what they add is kept.
    """

    folio: str
    trigger: str = ""
    is_noted: bool = False

    @classmethod
    def of(cls, slot: Any) -> Waiting | None:
        """What the slot holds; None if nothing waits."""
        if not isinstance(slot, dict) or not slot.get("folio"):
            return None
        return cls(str(slot["folio"]), str(slot.get("trigger") or ""), bool(slot.get("is_noted")))


@dataclass(frozen=True)
class WaitingPlan:
    """What the protocol allows meanwhile.

    Attributes:
        answers: topics that may be answered.
        may_be_cancelled: whether the customer may withdraw this hand-off.
        is_closed: whether nobody is at work, so that the bot goes on as ever.
    """

    answers: frozenset[str]
    may_be_cancelled: bool
    is_closed: bool


def next_step(latest: Heard, waiting: Waiting, plan: WaitingPlan, *, was_about_waiting: bool) -> Step:
    """What follows a message; "leave" is what the bot would do without a hand-off.

    Args:
        was_about_waiting: whether the bot's last turn told the customer about the hand-off, so that a plain
            "no" is an answer to that.
    """
    if latest.in_form:
        return "leave"
    if plan.may_be_cancelled and _withdraws(latest, refuses=was_about_waiting and not plan.is_closed):
        return "cancel"
    if plan.is_closed or latest.topic in LEFT_TO_RULES:
        return "leave"
    if latest.topic in ASKING_FOR_PLACE:
        # Another case's folio asks for that case.
        return "tell_place" if set(latest.values_of(FOLIO)) <= {waiting.folio} else "leave"
    is_sure = latest.confidence >= SURE_QUESTION
    return "answer" if is_sure and latest.topic in plan.answers else "note"


def _withdraws(latest: Heard, *, refuses: bool) -> bool:
    """Only who is calm withdraws: "forget it", said in anger, is not what it says."""
    is_meant = latest.topic == CANCELLING or (latest.topic == REFUSING and refuses)
    return is_meant and latest.tone == CALM and latest.confidence >= SURE_TOPIC
