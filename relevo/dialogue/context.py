"""What a message means in its conversation: a yes to an offer, a follow-up, a bare answer, "no answer".

A pure decision over the message and what was said before it. «¿Y en Monterrey?» alone means nothing; after an
answer about opening hours it asks for opening hours again. Knows nothing of Rasa; `context_reader` feeds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Literal

from relevo.dialogue.answers import is_answer, is_unanswered
from relevo.dialogue.contingency import MISUNDERSTOOD, OUT_OF_SCOPE
from relevo.dialogue.elliptical import addition, names_own, only_names
from relevo.dialogue.heard import CALM, Heard
from relevo.dialogue.outright import COMPLAINT, SCHEDULE, asked_outright
from relevo.dialogue.vocabulary import vocabulary
from relevo.nlu.text import words

Reason = Literal["accepted", "follow_up", "bare_answer", "unanswered"]

ACCEPT = "affirm"
BARE_ANSWER = "bare_answer"
NOT_ANSWERED = "not_answered"
PERSON = "contact_human_agent"
CHECK_CASE = "check_case"
INCIDENT = "report_safety_incident"
PRODUCT = "product"

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
    tone: str = CALM

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of entities that it holds."""
        return frozenset(span.kind for span in self.spans)


@dataclass(frozen=True)
class Before:
    """What was said before.

    Attributes:
        topic: what the customer last asked and the bot answered; None if there is nothing to go on from.
        offered: the topic that the bot's last words offered.
        follow_ups: how many messages in a row, up to the last one, were follow-ups.
        is_waiting: whether the customer waits for a person.
        has_heard: whether the customer said anything before.
        question: the slot that an open form asks for; None outside of forms.
    """

    topic: str | None = None
    offered: str | None = None
    follow_ups: int = 0
    is_waiting: bool = False
    has_heard: bool = False
    question: str | None = None


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
    """The topic of a message by what was said before; None if it is what it is by itself."""
    if before.has_heard and message.topic not in knowledge.handed_over and is_unanswered(message.text):
        return Reading(NOT_ANSWERED, "unanswered")
    if before.question is not None:
        return _read_in_form(message, before.question, knowledge)
    if before.is_waiting and _would_rather_be_called(message, knowledge):
        return Reading(SCHEDULE, "accepted")
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


def asks_for_complaint(message: Message, knowledge: Knowledge) -> bool:
    """Whether a message that is understood as something else asks for a complaint by its name as well."""
    is_other = message.topic not in (COMPLAINT, *knowledge.handed_over)
    return is_other and asked_outright(message.text, message.kinds) == COMPLAINT


def bare_kind(text: str, spans: Sequence[Span]) -> str | None:
    """The kind of entity that a text consists of, with hardly a word around it; None if it says more."""
    spans = [span for span in spans if span.kind in KINDS]
    rest = text
    for span in sorted(spans, key=lambda span: span.start, reverse=True):
        rest = f"{rest[: span.start]} {rest[span.end :]}"
    if not spans or set(words(rest)) - vocabulary().fillers:
        return None
    return min((span.kind for span in spans), key=KINDS.index)


def _read_in_form(message: Message, question: str, knowledge: Knowledge) -> Reading | None:
    """In a form, what fits the question is an answer; what a person takes over at once stays what it is."""
    is_grave = message.topic in knowledge.handed_over and bare_kind(message.text, message.spans) is None
    if is_grave or not is_answer(question, message.text, message.kinds):
        return None
    return Reading(BARE_ANSWER, "bare_answer")


def _would_rather_be_called(message: Message, knowledge: Knowledge) -> bool:
    """Whether who waits for a person asks to be contacted at some time instead of waiting."""
    is_grave = message.topic in knowledge.handed_over - {PERSON}
    return not is_grave and asked_outright(message.text, message.kinds) == SCHEDULE


def _read_bare(message: Message, before: Before, knowledge: Knowledge) -> Reading | None:
    kind = bare_kind(message.text, message.spans)
    if kind is None:
        return None
    if kind == "folio":
        return Reading(CHECK_CASE, "bare_answer")
    # Whoever waits for a person may always choose to be contacted instead: a time is enough to say so.
    is_offered = before.offered == SCHEDULE or (before.is_waiting and kind == "date")
    if kind in TELLS_WHEN_OR_WHERE and is_offered:
        return Reading(SCHEDULE, "accepted")
    if kind in knowledge.asks_for.get(before.topic or "", ()):
        return Reading(BARE_ANSWER, "bare_answer")
    is_wish = message.topic == SCHEDULE and kind == "date"  # A contact alone is no wish to be called.
    return Reading(BARE_ANSWER, "bare_answer") if kind in USEFUL_BY_ITSELF and not is_wish else None


def _goes_on(message: Message, before: Before, knowledge: Knowledge) -> bool:
    """Whether a message asks for the last topic again under another condition."""
    added = addition(message.text)
    if added is None:
        return False
    if message.tone == CALM and only_names(message.text) and _is_thing(message):
        return True
    if message.topic in knowledge.handed_over:
        return False
    # A condition is never another topic: «¿y si pago con PayPal?» is about the refund that was explained.
    clear = {"thing": knowledge.clear, "circumstance": knowledge.clear_circumstance, "condition": NEVER}
    return message.topic in (before.topic, MISUNDERSTOOD) or message.confidence < clear[added]


def _is_thing(message: Message) -> bool:
    """Whether what a message names is a thing, and no topic: none that is sold is, nor is one an incident."""
    return message.topic == INCIDENT or (PRODUCT in message.kinds and not names_own(message.text))
