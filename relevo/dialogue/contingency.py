"""Which trigger of the contingency plan fires: a pure decision over what the customer has said.

Knows nothing of Rasa; `contingency_policy` feeds it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from relevo.protocol.parts.contingency import Again, ToneWindow, Trigger, When

SURE_INTENT_IN_FORM = 0.5
"""Inside a form most texts are answers: a topic must be clearer there to count."""
MISUNDERSTOOD = "nlu_fallback"
UNASKED = ("follow_up", "bare_answer")
"""Readings of messages that add to what was asked before."""
OUTSIDE_EVENTS = ("resolution_rejected", "nobody_available", "target_at_risk", "target_missed")


@dataclass(frozen=True)
class Heard:
    """One message of the customer, as understood.

    Attributes:
        also_asked: the second topic of a message that asked for two; else empty.
        reading: why the topic is another than the message has by itself; empty if it isn't.
    """

    topic: str
    confidence: float
    tone: str
    in_form: bool
    also_asked: str = ""
    reading: str = ""

    @property
    def is_question(self) -> bool:
        """Whether the topic was asked as such: an answer in a form isn't, nor is «and on Sundays?»."""
        return not self.in_form and self.reading not in UNASKED


@dataclass(frozen=True)
class Situation:
    """What the plan decides over.

    Attributes:
        heard: the customer's messages since the last hand-off, oldest first; not empty.
        channel: the channel they write on.
        is_open: whether people are at work; None if it is not known here.
        small_talk: topics that never count as asked again.
    """

    heard: Sequence[Heard]
    channel: str
    is_open: bool | None = None
    small_talk: frozenset[str] = frozenset()


def decide(triggers: Sequence[Trigger], situation: Situation) -> Trigger | None:
    """The first trigger whose condition holds at the latest message; None if all goes its usual way."""
    if not situation.heard:
        return None
    return next((trigger for trigger in triggers if holds(trigger.when, situation)), None)


def decide_after_form(triggers: Sequence[Trigger], failures: int) -> Trigger | None:
    """The trigger for a form that ended because its question was not answered `failures` times in a row."""
    for trigger in triggers:
        allowed = trigger.when.misunderstandings
        if allowed is not None and failures >= allowed:
            return trigger
    return None


def holds(when: When, situation: Situation) -> bool:
    """Whether a condition holds at the latest message. Events outside of the conversation never do here."""
    heard, latest = situation.heard, situation.heard[-1]
    match when:
        case When(all=list(conditions)):
            return all(holds(condition, situation) for condition in conditions)
        case When(any=list(conditions)):
            return any(holds(condition, situation) for condition in conditions)
        case When(not_=When() as condition):
            return not holds(condition, situation)
        case When(intent=str(intent)):
            return intent in (latest.topic, latest.also_asked) and _is_sure(latest)
        case When(tone=str(tone)):
            return latest.tone == tone
        case When(tones_lately=ToneWindow() as window):
            return _tones_lately(window, heard)
        case When(misunderstandings=int(times)):
            return _misunderstandings(heard) >= times
        case When(again=Again() as again):
            return _again(again, situation)
        case When(channel=str(channel)):
            return situation.channel == channel
        case When(opening=str(opening)):
            return situation.is_open == (opening == "open")
    return False


def _is_sure(message: Heard) -> bool:
    return not message.in_form or message.confidence >= SURE_INTENT_IN_FORM


def _tones_lately(window: ToneWindow, heard: Sequence[Heard]) -> bool:
    """The latest message must have one of the tones too: who has calmed down is not handed over."""
    tones = [message.tone in window.tones for message in heard[-window.of_last :]]
    return tones[-1] and sum(tones) >= window.messages


def _misunderstandings(heard: Sequence[Heard]) -> int:
    """Misunderstood messages in a row up to the latest one; answers in a form are none."""
    count = 0
    for message in reversed(heard):
        if message.topic != MISUNDERSTOOD or message.in_form:
            break
        count += 1
    return count


def _again(again: Again, situation: Situation) -> bool:
    """Whether the latest message's topic was asked several times."""
    latest = situation.heard[-1]
    if (
        not latest.is_question
        or latest.topic == MISUNDERSTOOD
        or latest.topic in situation.small_talk - {again.intent}
    ):
        return False
    asked = Counter(message.topic for message in situation.heard if message.is_question)
    return again.intent in (None, latest.topic) and asked[latest.topic] >= again.times
