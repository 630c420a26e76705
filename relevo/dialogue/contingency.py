"""Which trigger of the contingency plan fires: a pure decision over what the customer has said.

Knows nothing of Rasa; `contingency_policy` feeds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from relevo.protocol.schema import Contingency, Trigger, When

SURE_INTENT_IN_FORM = 0.5
"""Inside a form most texts are answers: a topic must be clearer there to count."""
MISUNDERSTOOD = "nlu_fallback"


@dataclass(frozen=True)
class Heard:
    """One message of the customer, as understood."""

    topic: str
    confidence: float
    tone: str
    in_form: bool


def decide(plan: Contingency, heard: Sequence[Heard]) -> Trigger | None:
    """The first trigger whose condition holds at the latest message; None if all goes its usual way.

    Args:
        plan: the company's contingency plan.
        heard: the customer's messages since the last hand-off, oldest first.
    """
    if not heard:
        return None
    return next((trigger for trigger in plan.triggers if _holds(trigger.when, heard)), None)


def decide_after_form(plan: Contingency, failures: int) -> Trigger | None:
    """The trigger for a form that ended because its question was not answered `failures` times in a row."""
    for trigger in plan.triggers:
        allowed = trigger.when.misunderstandings
        if allowed is not None and failures >= allowed:
            return trigger
    return None


def _holds(when: When, heard: Sequence[Heard]) -> bool:
    latest = heard[-1]
    if when.intent is not None:
        is_sure = not latest.in_form or latest.confidence >= SURE_INTENT_IN_FORM
        return latest.topic == when.intent and is_sure
    if when.tone is not None:
        return latest.tone == when.tone
    return when.misunderstandings is not None and _misunderstandings(heard) >= when.misunderstandings


def _misunderstandings(heard: Sequence[Heard]) -> int:
    """Misunderstood messages in a row up to the latest one; answers in a form are none."""
    count = 0
    for message in reversed(heard):
        if message.topic != MISUNDERSTOOD or message.in_form:
            break
        count += 1
    return count
