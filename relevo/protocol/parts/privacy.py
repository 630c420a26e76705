"""`privacy.yml`: what customers may ask of their personal data, by when, and how long these are kept."""

from __future__ import annotations

from typing import Literal, get_args

from holidays.registry import EntityLoader
from pydantic import Field, validator

from relevo.protocol.parts.base import Part, Text
from relevo.protocol.parts.durations import Duration

RightName = Literal["access", "rectification", "cancellation", "opposition"]
RIGHTS: tuple[RightName, ...] = get_args(RightName)
"""The rights by which the law calls the request (in Mexico: ARCO)."""
LONGEST_DAYS = 400
_DAY = 86_400


class Phrases(Part):
    """How customers say something."""

    en: list[str] = Field(min_items=1)
    es: list[str] = Field(min_items=1)

    @property
    def all(self) -> list[str]:
        """In every language: whoever writes in one may use the other one's words."""
        return [*self.en, *self.es]


class Right(Part):
    """What a customer may ask for."""

    title: Text
    """What they want, to go on after "you want to": "see your data"."""
    says: Phrases


class Rights(Part):
    """All rights that the law knows; none can be left out."""

    access: Right
    rectification: Right
    cancellation: Right
    opposition: Right

    def by_name(self) -> dict[RightName, Right]:
        """All rights, in the order of the law."""
        return {name: getattr(self, name) for name in RIGHTS}


class Terms(Part):
    """The law's terms, in working days: Monday to Friday, less the holidays of a country."""

    answer: int = Field(ge=1, le=250)
    carry_out: int = Field(ge=1, le=250)
    """Counted from the end of `answer`."""
    holidays: str

    @validator("holidays")
    def _country_is_known(cls, country: str) -> str:
        if country not in EntityLoader.get_country_codes():
            raise ValueError(f'no holidays are known for "{country}"; give the code of a country like MX')
        return country


class Retention(Part):
    """How long what customers give is kept."""

    conversations: Duration
    """After the last message."""
    cases: Duration
    """After they are closed."""
    follow_ups: Duration
    """After they are done or cancelled."""

    @validator("conversations", "cases", "follow_ups")
    def _is_no_eternity(cls, seconds: Duration) -> Duration:
        if not _DAY <= seconds <= LONGEST_DAYS * _DAY:
            raise ValueError(f'data are kept for 1 to {LONGEST_DAYS} days; write it like "180 days"')
        return seconds


class Privacy(Part):
    """The whole part."""

    law: Text
    terms: Terms
    rights: Rights
    retention: Retention
