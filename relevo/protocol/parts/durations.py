"""Spans of time as people write them in a protocol: "90 s", "2 min", "3 h", "2 days", "same day"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

_SPAN = re.compile(r"(\d{1,5}) ?(s|min|h|days?)")
_SECONDS = {"s": 1, "min": 60, "h": 3_600, "day": 86_400, "days": 86_400}
SAME_DAY = "same day"


class Duration(int):
    """A span of time in seconds; written as a number with a unit."""

    @classmethod
    def __get_validators__(cls) -> Iterator[Callable[[Any], Duration]]:
        yield cls.parse

    @classmethod
    def parse(cls, value: Any) -> Duration:
        """The span that a text or another span stands for.

        Raises:
            ValueError: it is no span.
        """
        if isinstance(value, cls):
            return value
        match = _SPAN.fullmatch(value) if isinstance(value, str) else None
        if not match or int(match[1]) == 0:
            raise ValueError(
                f'"{value}" is no span of time; write it like "90 s", "2 min", "3 h" or "2 days"'
            )
        return cls(int(match[1]) * _SECONDS[match[2]])


class ResponseTarget(int):
    """How soon a person must answer, in seconds; `is_same_day` allows all of the opening day."""

    is_same_day: bool = False

    @classmethod
    def __get_validators__(cls) -> Iterator[Callable[[Any], ResponseTarget]]:
        yield cls.parse

    @classmethod
    def parse(cls, value: Any) -> ResponseTarget:
        """The target that a text stands for: a span of time, or "same day".

        Raises:
            ValueError: it is neither.
        """
        if isinstance(value, cls):
            return value
        target = cls(_SECONDS["day"] if value == SAME_DAY else Duration.parse(value))
        target.is_same_day = value == SAME_DAY
        return target
