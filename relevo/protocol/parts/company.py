"""`company.yml`: who the company is. The first step of a protocol: its reason for being."""

from __future__ import annotations

from pydantic import Field

from relevo.protocol.opening_hours import OpeningHours
from relevo.protocol.parts.base import Language, Part, Text


class Company(Part):
    """Name, mission, vision, values, and when its people are at work."""

    name: str = Field(min_length=1)
    assistant: str = Field(min_length=1)
    """The name under which the bot signs."""
    default_language: Language
    introduction: Text
    """What the protocol is for, and the attitude that it asks of all who represent the company."""
    mission: Text
    vision: Text
    values: list[Text] = Field(min_items=1)
    hours: OpeningHours
