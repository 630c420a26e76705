"""What a message means in its conversation: a yes to an offer, a follow-up, a bare answer.

A pure decision over the message and what was said before it. «¿Y en Monterrey?» alone means nothing; after an
answer about opening hours it asks for opening hours again. Knows nothing of Rasa; `context_reader` feeds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Literal

from relevo.dialogue.contingency import MISUNDERSTOOD
from relevo.dialogue.elliptical import addition
from relevo.dialogue.heard import Heard
from relevo.dialogue.vocabulary import vocabulary
from relevo.nlu.text import words

Reason = Literal["accepted", "follow_up", "bare_answer"]

ACCEPT = "affirm"
OUT_OF_SCOPE = "out_of_scope"
BARE_ANSWER = "bare_answer"
CHECK_CASE = "check_case"
SCHEDULE = "schedule_follow_up"

KINDS = ("folio", "order_number", "email", "phone", "date", "amount")
"""Entities that may be a whole answer; where a message holds several, the first of these counts."""
USEFUL_BY_ITSELF = frozenset({"order_number", "email", "phone", "date"})
"""What the bot can do something with, even if it did not ask."""
TELLS_WHEN_OR_WHERE = frozenset({"email", "phone", "date"})
NEVER = 2.0
"""More than any likelihood."""
FOLLOW_UPS_IN_A_ROW = 5
"""After so many, the same answer again would be no help."""


@dataclass(frozen=True)
class Span:
    """Where an entity stands in a message, in characters."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Message:
    """The customer's message as it is understood by itself."""

    text: str
    topic: str
    confidence: float
    spans: Sequence[Span] = ()


@dataclass(frozen=True)
class Before:
    """What was said before.

    Attributes:
        topic: what the customer last asked and the bot answered; None if there is nothing to go on from.
        offered: the topic that the bot's last words offered.
        follow_ups: how many messages in a row, up to the last one, were follow-ups.
    """

    topic: str | None = None
    offered: str | None = None
    follow_ups: int = 0


@dataclass(frozen=True)
class Knowledge:
    """What must be known of topics.

    Attributes:
        handed_over: topics that a person takes over at once; they are never read as anything else.
        asks_for: by topic, the kinds of entities that its answer asks for.
        clear: from here on a message is clearly of another topic than the last: «and my refund?»
        clear_circumstance: the same for a place or a time, which rather adds to the last: «and in Puebla?»
    """

    handed_over: frozenset[str] = frozenset()
    asks_for: Mapping[str, Sequence[str]] = field(default_factory=dict)
    clear: float = 0.6
    clear_circumstance: float = 0.98


@dataclass(frozen=True)
class Reading:
    """A topic that a message has only in its conversation, and why."""

    topic: str
    reason: Reason


def read(message: Message, before: Before, knowledge: Knowledge) -> Reading | None:
    """The topic of a message by what was said before; None if it is what it is by itself.

    Not for messages inside forms: there they are answers.
    """
    if before.offered and message.topic == ACCEPT:
        return Reading(before.offered, "accepted")
    if before.topic and before.follow_ups < FOLLOW_UPS_IN_A_ROW and _goes_on(message, before, knowledge):
        return Reading(before.topic, "follow_up")
    return _read_bare(message, before, knowledge)


def last_request(
    heard: Sequence[Heard], answered: frozenset[str], small_talk: frozenset[str]
) -> tuple[str | None, int]:
    """What the customer last asked and got answered, with how many follow-ups in a row there were.

    Small talk and bare answers in between change nothing; a form, a hand-off or a misunderstanding does.
    """
    follow_ups = len(list(takewhile(lambda message: message.reading == "follow_up", reversed(heard))))
    passed_over = {*small_talk, BARE_ANSWER} - {OUT_OF_SCOPE}
    for message in reversed(heard):
        if message.topic in answered and not message.in_form:
            return message.topic, follow_ups
        if message.in_form or message.topic not in passed_over:
            break
    return None, 0


def second_request(heard: Sequence[Heard]) -> str | None:
    """The second topic of the latest message outside of a form; None if it asked for one thing."""
    outside = [message for message in heard if not message.in_form]
    return (outside[-1].also_asked or None) if outside else None


def bare_kind(text: str, spans: Sequence[Span]) -> str | None:
    """The kind of entity that a text consists of, with hardly a word around it; None if it says more."""
    spans = [span for span in spans if span.kind in KINDS]
    rest = text
    for span in sorted(spans, key=lambda span: span.start, reverse=True):
        rest = f"{rest[: span.start]} {rest[span.end :]}"
    if not spans or set(words(rest)) - vocabulary().fillers:
        return None
    return min((span.kind for span in spans), key=KINDS.index)


def _read_bare(message: Message, before: Before, knowledge: Knowledge) -> Reading | None:
    kind = bare_kind(message.text, message.spans)
    if kind is None:
        return None
    if kind == "folio":
        return Reading(CHECK_CASE, "bare_answer")
    if kind in TELLS_WHEN_OR_WHERE and before.offered == SCHEDULE:
        return Reading(SCHEDULE, "accepted")
    if kind in knowledge.asks_for.get(before.topic or "", ()):
        return Reading(BARE_ANSWER, "bare_answer")
    is_clear = message.topic == SCHEDULE and kind in TELLS_WHEN_OR_WHERE
    return Reading(BARE_ANSWER, "bare_answer") if kind in USEFUL_BY_ITSELF and not is_clear else None


def _goes_on(message: Message, before: Before, knowledge: Knowledge) -> bool:
    """Whether a message asks for the last topic again under another condition."""
    added = addition(message.text)
    if added is None or message.topic in knowledge.handed_over:
        return False
    # A condition is never another topic: «¿y si pago con PayPal?» is about the refund that was explained.
    clear = {"thing": knowledge.clear, "circumstance": knowledge.clear_circumstance, "condition": NEVER}
    return message.topic in (before.topic, MISUNDERSTOOD) or message.confidence < clear[added]
