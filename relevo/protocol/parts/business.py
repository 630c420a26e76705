"""`business.yml`: conduct that keeps outside relationships from becoming conflicts or crises."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from relevo.protocol.parts.base import Name, Part, Text

Party = Literal["press", "authority", "supplier", "publicity"]


class Spokesperson(Part):
    """Who speaks for the company to some kind of party."""

    party: Party
    person: Name
    guidance: Text


class Business(Part):
    """Spokespersons, subjects without comment, etiquette."""

    spokespersons: list[Spokesperson] = Field(min_items=1)
    no_comment: list[Text] = Field(min_items=1)
    etiquette: list[Text] = Field(min_items=1)

    def speaker_to(self, party: Party) -> Name | None:
        """The person who speaks for the company to a party; None if nobody was named."""
        return next((spoken.person for spoken in self.spokespersons if spoken.party == party), None)
