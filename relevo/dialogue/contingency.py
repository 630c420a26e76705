"""Which trigger of the contingency plan fires, and why: a pure decision over what the customer has said.

Knows nothing of Rasa; `contingency_policy` feeds it, and so may whoever asks what another plan would decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from relevo.dialogue.heard import Heard
from relevo.protocol.conditions import names_event
from relevo.protocol.deciding import Decision, Fact, Observation, facts_for
from relevo.protocol.explanation import Message, Reason
from relevo.protocol.parts.contingency import (
    LOUDNESS,
    Again,
    EarlierCases,
    Rising,
    ToneWindow,
    Trigger,
    When,
)

SURE_INTENT_IN_FORM = 0.5
"""Inside a form most texts are answers: a topic must be clearer there to count."""
MISUNDERSTOOD = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"
AMOUNT = "amount"
MAX_FAILURES = 10
DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Situation:
    """What the plan decides over.

    Attributes:
        heard: the customer's messages since the last hand-off, oldest first; not empty.
        channel: the channel they write on.
        is_open: whether people are at work; None if it is not known here.
        small_talk: topics that never count as asked again.
        notices: names of the notices in force here and today.
        earlier_cases: when the customer's earlier cases were opened, UTC epoch seconds.
        mxn_per_usd: pesos for a dollar; without it, amounts in dollars are not compared.
        now: UTC epoch seconds.
        failures: answers in a row that a form, which has just ended, could not read.
    """

    heard: Sequence[Heard]
    channel: str
    is_open: bool | None = None
    small_talk: frozenset[str] = frozenset()
    notices: frozenset[str] = frozenset()
    earlier_cases: Sequence[float] = ()
    mxn_per_usd: float | None = None
    now: float = 0.0
    failures: int = 0


def decide(triggers: Sequence[Trigger], situation: Situation) -> Decision | None:
    """The first trigger whose condition holds at the latest message; None if all goes its usual way."""
    if not situation.heard:
        return None
    for trigger in triggers:
        if names_event(trigger.when):
            continue
        facts = _facts(trigger.when, situation)
        if facts is not None:
            return Decision(trigger, tuple(_reason(fact, situation.heard) for fact in facts))
    return None


def decide_after_form(triggers: Sequence[Trigger], situation: Situation) -> Decision | None:
    """The trigger that a form's `failures` make fire, which has ended because of them."""
    if not situation.heard:
        return None
    before = replace(situation, failures=0)
    return decide([trigger for trigger in triggers if not holds(trigger.when, before)], situation)


def patience(triggers: Sequence[Trigger], situation: Situation) -> int | None:
    """After how many failures in a row a form must end so that the plan takes over; None if it never does."""
    for failures in range(1, MAX_FAILURES + 1):
        if decide_after_form(triggers, replace(situation, failures=failures)):
            return failures
    return None


def holds(when: When, situation: Situation) -> bool:
    """Whether a condition holds at the latest message. Events outside of the conversation never do here."""
    return _facts(when, situation) is not None


def _facts(when: When, situation: Situation) -> list[Fact] | None:
    """What makes a condition hold; None if it doesn't."""
    return facts_for(when, lambda plain: _look(plain, situation))


def _reason(fact: Fact, heard: Sequence[Heard]) -> Reason:
    messages = tuple(Message(number, heard[number].at) for number in fact.observation.messages)
    return Reason(fact.written, fact.wanted, messages, fact.observation.found)


def _look(when: When, now: Situation) -> Observation:
    """Look at a plain condition; the key that is given is the condition."""
    for key, look in _LOOKS.items():
        value = getattr(when, key)
        if value is not None:
            return look(value, now)
    return Observation(holds=False)


def _intent(intent: str, now: Situation) -> Observation:
    latest = now.heard[-1]
    is_sure = not latest.in_form or latest.confidence >= SURE_INTENT_IN_FORM
    found = {"topic": latest.topic, "confidence": round(latest.confidence, 2)}
    return Observation(intent in (latest.topic, latest.also_asked) and is_sure, _latest(now), found)


def _tone(tone: str, now: Situation) -> Observation:
    latest = now.heard[-1]
    found = {"tone": latest.tone, "confidence": round(latest.tone_confidence, 2)}
    return Observation(latest.tone == tone, _latest(now), found)


def _tones_lately(window: ToneWindow, now: Situation) -> Observation:
    """The latest message must have one of the tones too: who has calmed down is not handed over."""
    first = max(0, len(now.heard) - window.of_last)
    having = [n for n in range(first, len(now.heard)) if now.heard[n].tone in window.tones]
    is_met = len(having) >= window.messages and having[-1] == len(now.heard) - 1
    return Observation(is_met, having, {"tones": [now.heard[n].tone for n in having]})


def _rising(rising: Rising, now: Situation) -> Observation:
    """The messages up to the latest one in which the tone never falls, within the window."""
    first = len(now.heard) - 1
    earliest = max(0, len(now.heard) - rising.of_last)
    while first > earliest and _loudness(now, first - 1) <= _loudness(now, first):
        first -= 1
    run = range(first, len(now.heard))
    rises = sum(_loudness(now, n - 1) < _loudness(now, n) for n in run[1:])
    return Observation(rises >= rising.rises, run, {"tones": [now.heard[n].tone for n in run]})


def _loudness(now: Situation, number: int) -> int:
    return LOUDNESS.get(now.heard[number].tone, 0)


def _misunderstandings(times: int, now: Situation) -> Observation:
    """Messages in a row, up to the latest one, that the bot could not help with: not understood or off topic.

    At least one was not understood: what is only out of scope is for `again` to count. Answers in a form are
    none unless it failed.
    """
    missed: list[int] = []
    for number in reversed(range(len(now.heard))):
        message = now.heard[number]
        if message.topic not in (MISUNDERSTOOD, OUT_OF_SCOPE) or message.in_form:
            break
        missed.insert(0, number)
    if all(now.heard[number].topic != MISUNDERSTOOD for number in missed):
        missed = []
    if now.failures > len(missed):
        missed = [n for n, message in enumerate(now.heard) if message.in_form][-now.failures :]
        return Observation(now.failures >= times, missed, {"times": now.failures})
    return Observation(len(missed) >= times, missed, {"times": len(missed)})


def _again(again: Again, now: Situation) -> Observation:
    """Whether the latest message's topic was asked several times."""
    latest = now.heard[-1]
    is_passing = latest.topic in now.small_talk and latest.topic != again.intent
    if not latest.is_question or latest.topic == MISUNDERSTOOD or is_passing:
        return Observation(holds=False)
    asked = [n for n, said in enumerate(now.heard) if said.topic == latest.topic and said.is_question]
    is_met = again.intent in (None, latest.topic) and len(asked) >= again.times
    return Observation(is_met, asked, {"topic": latest.topic, "times": len(asked)})


def _amount_above(limit: int, now: Situation) -> Observation:
    told = now.heard[-1].values_of(AMOUNT)
    above = [amount for amount in told if (in_pesos(amount, now.mxn_per_usd) or 0) > limit]
    return Observation(bool(above), _latest(now), {"amounts": above})


def in_pesos(amount: str, mxn_per_usd: float | None) -> float | None:
    """An amount such as `1299.00 MXN` in pesos; None for what can't be compared.

    An amount without a currency is one of the company's own, in pesos.
    """
    number, _, currency = amount.partition(" ")
    rates = {"": 1.0, "MXN": 1.0, "USD": mxn_per_usd}
    rate = rates.get(currency)
    try:
        return float(number) * rate if rate is not None else None
    except ValueError:
        return None


def _earlier_cases(lately: EarlierCases, now: Situation) -> Observation:
    since = [opened for opened in now.earlier_cases if opened >= now.now - lately.days * DAY_SECONDS]
    return Observation(len(since) >= lately.cases, (), {"cases": len(since)})


def _notice(name: str, now: Situation) -> Observation:
    return Observation(name in now.notices, (), {"notice": name})


def _channel(channel: str, now: Situation) -> Observation:
    return Observation(now.channel == channel, (), {"channel": now.channel})


def _opening(opening: str, now: Situation) -> Observation:
    return Observation(now.is_open is (opening == "open"), (), {"is_open": now.is_open})


def _latest(now: Situation) -> Sequence[int]:
    return (len(now.heard) - 1,)


_LOOKS: dict[str, Callable[[Any, Situation], Observation]] = {
    "intent": _intent,
    "tone": _tone,
    "tones_lately": _tones_lately,
    "rising_frustration": _rising,
    "misunderstandings": _misunderstandings,
    "again": _again,
    "amount_above": _amount_above,
    "earlier_cases": _earlier_cases,
    "notice": _notice,
    "channel": _channel,
    "opening": _opening,
}
"""How each plain condition is looked at. Events happen outside of the conversation, so none is looked for."""
