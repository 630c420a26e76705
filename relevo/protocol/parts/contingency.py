"""`contingency.yml`: what happens when something goes another way than planned.

An ordered list of triggers: the first one whose condition holds decides. Conditions are declarative; the
decision over them is in `relevo.dialogue.contingency`.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, root_validator

from relevo.protocol.parts.base import Name, Part, PlacedError, Text, exactly_one, holds_some
from relevo.protocol.parts.business import Party
from relevo.protocol.parts.channels import ChannelName
from relevo.protocol.parts.durations import Duration
from relevo.protocol.parts.share import Share
from relevo.protocol.parts.topics import MAX_QUICK_REPLIES

Tone = Literal["calm", "frustrated", "angry", "abusive", "threat"]
Priority = Literal["urgent", "high", "normal"]
Outcome = Literal["hand_off", "offer_follow_up", "answer_and_stay", "reopen_as_claim", "escalate"]
Event = Literal["resolution_rejected", "nobody_available", "target_at_risk", "target_missed"]
Grantor = Literal["assistant", "agent", "supervisor", "head"]
LOUDNESS: dict[str, int] = {"calm": 0, "frustrated": 1, "angry": 2, "abusive": 3, "threat": 3}
"""How far a tone is from calm."""
STAYING: tuple[Outcome, ...] = ("answer_and_stay", "offer_follow_up")
"""Outcomes after which the bot goes on with the conversation."""


class ToneWindow(Part):
    """Some tones in several of the last messages."""

    tones: list[Tone] = Field(min_items=1)
    messages: int = Field(ge=1)
    of_last: int = Field(ge=1, le=10)

    @root_validator(skip_on_failure=True)
    def _fits_its_window(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["messages"] > values["of_last"]:
            told = f"{values['messages']} messages can't be among the last {values['of_last']}"
            raise PlacedError(f"{told}; write fewer messages, or a greater of_last", "messages")
        return values


class Again(Part):
    """The same topic several times in one conversation."""

    intent: Name | None = None
    """This one; any topic that is not small talk if left out."""
    times: int = Field(ge=2, le=10)


class Rising(Part):
    """Frustration that grows: the tone rises, and the customer doesn't calm down in between."""

    of_last: int = Field(ge=2, le=10)
    """Messages in which it grows, the present one included."""
    rises: int = Field(default=1, ge=1, le=3)
    """How often it rises: from calm to frustrated to angry to an insult or a threat are three."""

    @root_validator(skip_on_failure=True)
    def _fits_its_window(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["rises"] >= values["of_last"]:
            told = f"the tone can't rise {values['rises']} times within {values['of_last']} messages"
            raise PlacedError(f"{told}; write fewer rises, or a greater of_last", "rises")
        return values


CASES_ELSEWHERE = "cases_elsewhere"
"""What a message's metadata call when the same customer's cases in other conversations were opened. Who takes
the message in looks them up, so that it is known later what was known then."""


class EarlierCases(Part):
    """Cases that the same customer had lately; the present one is none of them."""

    cases: int = Field(ge=1, le=20)
    days: int = Field(ge=1, le=400)
    """Opened within so many days of 24 hours."""


class When(Part):
    """A condition; exactly one of its keys is given."""

    intent: Name | None = None
    tone: Tone | None = None
    tones_lately: ToneWindow | None = None
    rising_frustration: Rising | None = None
    misunderstandings: int | None = Field(default=None, ge=1, le=10)
    """Messages in a row that are not understood or out of scope, the present one included; at least one of
    them is not understood."""
    again: Again | None = None
    amount_above: int | None = Field(default=None, ge=1, le=1_000_000_000)
    """The present message tells an amount of money above this one, in Mexican pesos."""
    earlier_cases: EarlierCases | None = None
    notice: Name | None = None
    """A notice that is in force today, on this channel."""
    channel: ChannelName | None = None
    opening: Literal["open", "closed"] | None = None
    event: Event | None = None
    """Something that happens outside of what the customer writes."""
    all: list[When] | None = None
    any: list[When] | None = None
    not_: When | None = Field(default=None, alias="not")

    @root_validator(skip_on_failure=True)
    def _exactly_one(cls, values: dict[str, Any]) -> dict[str, Any]:
        exactly_one(values, tuple(values))
        return values


When.update_forward_refs()


class Trigger(Part):
    """A case for the plan: how it is recognised, what follows, who takes it, what is said."""

    id: Name
    title: Text
    when: When
    outcome: Outcome = "hand_off"
    area: Name | None = None
    """Who takes it; if left out, the area that has the case already, else the topic's, else the first."""
    party: Party | None = None
    """Instead of an area: whom the customer speaks for; whoever speaks to that party takes it."""
    priority: Priority = "normal"
    words: Name
    """What the customer is told: a name in `words.yml`. Where the bot stays, it comes before the answer."""
    acknowledgement: Name | None = None
    """What is said first of all, before an answer and before `words`: a name in `words.yml`."""
    answer: Literal["first"] | None = None
    """Whether the customer's question is answered before the hand-off, if the protocol has a plain answer."""
    quick_replies: list[Name] = Field(default_factory=list, max_items=MAX_QUICK_REPLIES)
    """Topics that are offered as buttons, before those of the answer where there are too many."""
    may_be_cancelled: bool = True
    """Whether a customer who has calmed down may call the hand-off off while nobody has taken it."""
    guidance: Text
    """How staff treat the case."""
    phrases: list[Text] = Field(default_factory=list)
    """What staff may say."""
    recovery: list[Name] = Field(default_factory=list)
    """What may be offered to make good."""

    @root_validator(skip_on_failure=True)
    def _one_taker(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["area"] and values["party"]:
            told = "an area and a party are given; keep one: a party's spokesperson has an area"
            raise PlacedError(told, "party")
        return values

    @root_validator(skip_on_failure=True)
    def _fits_its_outcome(cls, values: dict[str, Any]) -> dict[str, Any]:
        outcome = values["outcome"]
        for key in ("acknowledgement", "answer"):
            if values[key] and outcome != "hand_off":
                raise PlacedError(f"only a hand-off has this, and the outcome is {outcome}; take it out", key)
        if values["quick_replies"] and outcome not in STAYING:
            told = f"buttons are offered where the bot stays, and the outcome is {outcome}; take them out"
            raise PlacedError(told, "quick_replies")
        return values


class Target(Part):
    """How soon a person must answer and solve cases of one priority, counted in opening hours."""

    first_response: Duration
    next_response: Duration
    resolution: Duration


class EscalationStep(Part):
    """Who is told when a target is at risk or missed."""

    when: Literal["at_risk", "missed"]
    after: Duration | None = None
    """Time after the target was missed; at once if left out."""
    levels_up: int = Field(ge=1, le=5)
    """How far above the person or area that has the case."""
    priority: Priority | None = None
    """The priority that the case gets, if it is raised."""

    @root_validator(skip_on_failure=True)
    def _fits_its_moment(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["after"] and values["when"] == "at_risk":
            told = "this is time after a target was missed, and the step comes before; take it out"
            raise PlacedError(told, "after")
        return values


class Silence(Part):
    """When a person who has a case gives no sign, and who gets the case then."""

    after: Duration
    """How long a customer who waits in the chat is left without an answer, or without anyone at the desk."""
    complaints_after: Duration | None = None
    """The same for complaints, whose customers don't wait in the chat; in opening hours. Kept if left out."""
    then: Literal["queue", "next_person", "supervisor"] = "queue"


class Closing(Part):
    """How a case ends that is no complaint."""

    after: Duration
    """Quiet time after which a solved case is closed for good."""
    reasons: dict[Name, Text]

    _hold_some = holds_some("reasons")


class FollowUps(Part):
    """How a promised contact is kept: tries when nobody answers, and when it counts as missed."""

    attempts: int = Field(ge=1, le=10)
    """How often the customer is tried in all."""
    retry_after: Duration
    """Time to the next try; outside of opening hours it is the next opening."""
    retry_note: Name | None = None
    """What the customer is told in writing after a try that is not the last: a name in `words.yml`."""
    final_note: Name
    """What they are told after the last: a name in `words.yml`."""
    grace: Duration
    """Opening time after which a promise that nobody has kept is missed, and escalated."""


class Recovery(Part):
    """Something that makes good, and who may grant it."""

    title: Text
    words: Text
    granted_by: Grantor
    limit_mxn: int | None = Field(default=None, gt=0)


class Contingency(Part):
    """The whole plan."""

    targets: dict[Priority, Target]
    at_risk_at: Share = Share(0.75)
    """A target is at risk when so much of its time is over."""
    escalation: list[EscalationStep] = Field(min_items=1)
    capacity: int | None = Field(default=None, ge=1, le=1_000)
    """Cases that one person has in hand at once, unless the roster says another number; any if left out."""
    silence: Silence | None = None
    """If left out, nobody loses a case by falling silent."""
    closing: Closing | None = None
    """If left out, all cases close as complaints do."""
    follow_ups: FollowUps | None = None
    """If left out, people try as often as they like, and no promise counts as missed."""
    while_waiting: Literal["answer", "note"] = "note"
    """What the bot does while a hand-off waits: it answers plain questions, or only notes what is written."""
    mxn_per_usd: float | None = Field(default=None, gt=0, le=1_000)
    """Pesos for a dollar, for conditions on amounts."""
    recovery: dict[Name, Recovery]
    triggers: list[Trigger] = Field(min_items=1)

    def trigger(self, trigger_id: str) -> Trigger:
        """The trigger with this id.

        Raises:
            KeyError: there is none.
        """
        for trigger in self.triggers:
            if trigger.id == trigger_id:
                return trigger
        raise KeyError(trigger_id)

    def trigger_for(self, event: Event) -> Trigger | None:
        """What is planned for something that happens without a message; None if nothing is."""
        return next((trigger for trigger in self.triggers if trigger.when.event == event), None)
