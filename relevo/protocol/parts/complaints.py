"""`complaints.yml`: why customers are upset, what makes it good, and the way of a complaint to its end."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from relevo.protocol.parts.base import Name, Part, Text, holds_some
from relevo.protocol.parts.channels import ChannelName, on_channel
from relevo.protocol.parts.contingency import Priority
from relevo.protocol.parts.durations import Duration


class Examples(Part):
    """What customers with this cause write."""

    en: list[str] = Field(min_items=3)
    es: list[str] = Field(min_items=3)


class Amends(Part):
    """What is said to who has a complaint."""

    apology: Text
    remedy: Text


class Cause(Amends):
    """A reason for which a customer may feel upset."""

    title: Text
    examples: Examples
    channels: dict[ChannelName, Amends] = Field(default_factory=dict)
    """Other words of apology and remedy for some channels."""
    area: Name
    priority: Priority = "normal"
    recovery: list[Name] = Field(default_factory=list)

    def amends_on(self, channel: str) -> Amends:
        """Apology and remedy as they are said on a channel."""
        return on_channel(self.channels, channel) or self


class ProcedureStep(Part):
    """One step on a complaint's way."""

    step: Literal["file", "acknowledge", "answer", "confirm", "reopen", "close"]
    title: Text
    text: Text
    within: Duration | None = None


class Complaints(Part):
    """Causes and procedure; what has no known cause goes to `area`."""

    area: Name
    priority: Priority
    causes: dict[Name, Cause]
    others: Examples | None = None
    """What customers complain about that has none of these causes: by these, it is told apart from them."""
    procedure: list[ProcedureStep] = Field(min_items=1)
    closing_reasons: dict[Name, Text]

    _hold_some = holds_some("causes", "closing_reasons")
