"""A share of a whole as people write it in a protocol: "75 %"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

_SHARE = re.compile(r"(\d{1,2}) ?%")
PERCENT = 100


class Share(float):
    """A part of a whole, more than nothing and less than all: 0.75 is written "75 %"."""

    @classmethod
    def __get_validators__(cls) -> Iterator[Callable[[Any], Share]]:
        yield cls.parse

    @classmethod
    def parse(cls, value: Any) -> Share:
        """The share that a text or another share stands for.

        Raises:
            ValueError: it is none.
        """
        if isinstance(value, cls):
            return value
        match = _SHARE.fullmatch(value) if isinstance(value, str) else None
        if not match or int(match[1]) == 0:
            raise ValueError(f'"{value}" is no share; write it like "75 %", from 1 to 99')
        return cls(int(match[1]) / PERCENT)
