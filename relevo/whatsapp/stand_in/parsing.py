"""Request bodies as models; what does not fit is refused with the Cloud API's code for it."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from relevo.whatsapp.stand_in.errors import (
    INVALID_PARAMETER,
    INVALID_VALUE,
    MISSING_PARAMETER,
    UNSUPPORTED_TYPE,
    GraphError,
)
from relevo.whatsapp.stand_in.schema import CONTENT_TYPES, Message, ReadMark


def parse_message(body: bytes) -> Message | ReadMark:
    """A message to send, or a read mark.

    Raises:
        GraphError: not JSON, or anything outside the documented limits.
    """
    record = _record(body)
    model = ReadMark if "status" in record else Message
    try:
        parsed = model(**record)
    except ValidationError as error:
        raise _refusal(error) from error
    if isinstance(parsed, Message):
        _require_its_content(parsed)
    return parsed


def _record(body: bytes) -> dict[str, Any]:
    try:
        record = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise GraphError(INVALID_PARAMETER, "the body is not JSON") from error
    if not isinstance(record, dict):
        raise GraphError(INVALID_PARAMETER, "the body is not a JSON object")
    return record


def _require_its_content(message: Message) -> None:
    if message.type not in CONTENT_TYPES:
        raise GraphError(UNSUPPORTED_TYPE, f"messages of type {message.type!r} are not supported")
    if message.content is None:
        raise GraphError(MISSING_PARAMETER, f"{message.type}: the content of the message is missing")
    others = [name for name in CONTENT_TYPES - {message.type} if getattr(message, name) is not None]
    if others:
        raise GraphError(INVALID_PARAMETER, f"{others[0]}: the message is of type {message.type}")


def _refusal(error: ValidationError) -> GraphError:
    """The first mistake; an unknown key comes first, as it hides what was meant."""
    mistakes = error.errors()
    first = next((one for one in mistakes if one["type"] == "value_error.extra"), mistakes[0])
    codes = {"value_error.extra": INVALID_PARAMETER, "value_error.missing": MISSING_PARAMETER}
    place = ".".join(str(step) for step in first["loc"] if step != "__root__")
    return GraphError(codes.get(first["type"], INVALID_VALUE), f"{place}: {first['msg']}")
