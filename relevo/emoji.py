"""Emoji within what a channel's public expects: the last look at the assistant's words before they leave.

An answer is written once for all channels, and each channel says whether emoji suit it.
"""

from __future__ import annotations

from typing import Literal

import regex

Measure = Literal["none", "sparing"]
_PICTURE = r"(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F)\p{Emoji_Modifier}?"
_FAMILY = rf"{_PICTURE}(?:\u200D(?:{_PICTURE}|\p{{Extended_Pictographic}}\uFE0F?))*"
_FLAG, _KEY = r"\p{RI}{2}", r"[0-9#*]\uFE0F?\u20E3"
_EMOJI = regex.compile(rf"\s?(?:{_FLAG}|{_KEY}|{_FAMILY})")
"""With the space before it. © and ™ are none by themselves."""


def within_measure(text: str, measure: Measure) -> str:
    """The text without emoji, or with its first one.

    Example:
        >>> within_measure("¡Con mucho gusto! 😊", "none")
        '¡Con mucho gusto!'
    """
    first = _EMOJI.search(text) if measure == "sparing" else None
    start = first.end() if first else 0
    return f"{text[:start]}{_EMOJI.sub('', text[start:])}".strip()
