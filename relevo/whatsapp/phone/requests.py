"""What the page may ask of the simulation: parsed at the border, trusted inside."""

from __future__ import annotations

import json
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, Extra, Field, ValidationError

from relevo.errors import RelevoError
from relevo.whatsapp.stand_in.faults import Kind as FaultKind

MAX_HOURS = 24.0 * 400


class Malformed(RelevoError):
    """A request that can't be understood."""


class Request(BaseModel):
    """Base of all requests."""

    class Config:
        extra = Extra.forbid
        anystr_strip_whitespace = True


class NewPhone(Request):
    """A customer takes up their phone."""

    name: str = Field(min_length=1, max_length=60)
    number: str = Field(regex=r"^\+?[\d ()-]{8,24}$")

    @property
    def wa_id(self) -> str:
        """The digits of the number."""
        return "".join(filter(str.isdecimal, self.number))


class Passed(Request):
    """Time that passes at once."""

    hours: float = Field(ge=0, le=MAX_HOURS)


class NewFault(Request):
    """What goes wrong with the business's next messages or downloads; `none` takes back what was scripted."""

    kind: FaultKind | Literal["none"]
    code: int = 131016
    seconds: float = 0.0
    times: int = Field(1, ge=1, le=100)


class NewManner(Request):
    """In which manner webhooks arrive from now on."""

    batch: int = Field(1, ge=1, le=100)
    repeated: float = Field(0.0, ge=0, le=1)
    shuffled: bool = False


Kind = TypeVar("Kind", bound=BaseModel)


def parse(body: bytes, model: type[Kind]) -> Kind:
    """The body as a `model`.

    Raises:
        Malformed
    """
    try:
        record: Any = json.loads(body)
        return model.parse_obj(record)
    # TypeError: pydantic makes a dict of a list of pairs, with any keys.
    except (ValueError, TypeError, RecursionError, ValidationError) as error:
        raise Malformed("the request is malformed") from error
