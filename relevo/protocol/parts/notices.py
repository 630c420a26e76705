"""`notices.yml`: temporary rules and news, announced wherever the protocol says so."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Literal

from pydantic import Field, root_validator, validator

from relevo.protocol.parts.base import Name, Part, PlacedError, Text
from relevo.protocol.parts.channels import ChannelName
from relevo.protocol.parts.complaints import Examples

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Notice(Part):
    """A rule or piece of news with its dates, channels and audience."""

    title: Text
    text: Text
    """The rule in full: what is said when a customer asks."""
    short: Text
    """One sentence for greetings."""
    first_day: date
    last_day: date
    channels: list[ChannelName] = Field(min_items=1)
    audience: Literal["customers", "staff", "everyone"]
    in_greeting: bool = False
    applies_to: list[Name] = Field(default_factory=list)
    """Topics whose answer the rule goes before while it is in force."""
    asked_as: Examples
    """How customers ask about it."""

    @validator("first_day", "last_day", pre=True)
    def _is_a_day(cls, value: Any) -> Any:
        """Only days written in full: the library would take a number for seconds since 1970."""
        if not isinstance(value, date) and not (isinstance(value, str) and _DAY.fullmatch(value)):
            raise ValueError(f'"{value}" is no day; write it like 2026-12-31')
        return value

    @root_validator(skip_on_failure=True)
    def _ends_after_it_begins(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["last_day"] < values["first_day"]:
            raise PlacedError("last_day lies before first_day; exchange them", "last_day")
        return values

    def is_in_force(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day
