"""`service.yml`: what good service is here. Its rules are the rubric by which conversations are reviewed."""

from __future__ import annotations

from pydantic import Field

from relevo.protocol.parts.base import Name, Part, Text


class Rule(Part):
    """Something to do, or never to do."""

    id: Name
    text: Text
    weight: int = Field(default=1, ge=1, le=3)
    """How much it counts in a review."""


class Service(Part):
    """Why good service matters, and its rules."""

    why: Text
    dos: list[Rule] = Field(min_items=1)
    donts: list[Rule] = Field(min_items=1)

    @property
    def rubric(self) -> list[Rule]:
        return [*self.dos, *self.donts]
