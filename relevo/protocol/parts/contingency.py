"""`contingency.yml`: what happens when something goes another way than planned.

An ordered list of triggers: the first one whose condition holds decides. Conditions are declarative; the
decision over them is in `relevo.dialogue.contingency`.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, root_validator

from relevo.protocol.parts.base import Name, Part, PlacedError, Text, exactly_one
from relevo.protocol.parts.business import Party
from relevo.protocol.parts.channels import ChannelName
from relevo.protocol.parts.durations import Duration

Tone = Literal["calm", "frustrated", "angry", "abusive", "threat"]
Priority = Literal["urgent", "high", "normal"]
Outcome = Literal["hand_off", "offer_follow_up", "answer_and_stay", "reopen_as_claim", "escalate"]
Event = Literal["resolution_rejected", "nobody_available", "target_at_risk", "target_missed"]
Grantor = Literal["assistant", "agent", "supervisor", "head"]


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


class When(Part):
    """A condition; exactly one of its keys is given."""

    intent: Name | None = None
    tone: Tone | None = None
    tones_lately: ToneWindow | None = None
    misunderstandings: int | None = Field(default=None, ge=1, le=10)
    """Misunderstood messages in a row, the present one included."""
    again: Again | None = None
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
    """What the customer is told: a name in `words.yml`."""
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


class Recovery(Part):
    """Something that makes good, and who may grant it."""

    title: Text
    words: Text
    granted_by: Grantor
    limit_mxn: int | None = Field(default=None, gt=0)


class Contingency(Part):
    """The whole plan."""

    targets: dict[Priority, Target]
    escalation: list[EscalationStep] = Field(min_items=1)
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
