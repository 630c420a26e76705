"""Texts within WhatsApp's limits: split where a reader would pause, cut where a word ends, marked its way."""

from __future__ import annotations

import re

ELLIPSIS = "…"
_PARAGRAPH = re.compile(r"\n\s*\n")
_LINE = re.compile(r"\n")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”»)]*\s+(?![a-záéíóúñü])")
"""After a full stop, but not within «Av. de la Reforma» or «p. ej. un sillón»: a small letter goes on."""
_WORD = re.compile(r"\s+")
_PAUSES = (_PARAGRAPH, _LINE, _SENTENCE, _WORD)
_LINK = re.compile(r"\[([^\]\n]+)\]\((https?://[^\s)]+)\)")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_STRUCK = re.compile(r"~~(?=\S)(.+?)(?<=\S)~~")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)


def split(text: str, limit: int) -> list[str]:
    """A text as parts of at most `limit` characters, split at the widest pause in the later half of each."""
    parts, rest = [], text.strip()
    while len(rest) > limit:
        end, start = _pause(rest, limit)
        parts.append(rest[:end].rstrip())
        rest = rest[start:].lstrip()
    return [*parts, rest] if rest else parts


def _pause(text: str, limit: int) -> tuple[int, int]:
    """Where a part may end, and where the next one begins."""
    for pattern in _PAUSES:
        ends = [found.span() for found in pattern.finditer(text, 0, limit + 1) if found.start() <= limit]
        late = [(start, end) for start, end in ends if start > limit // 2]
        if late:
            return _behind_quotes(text, *late[-1])
    return limit, limit


def _behind_quotes(text: str, start: int, end: int) -> tuple[int, int]:
    """A pause after a closing quotation mark: that still belongs to the sentence."""
    pause = text[start:end]
    return end - len(pause) + len(pause.rstrip()), end


def cut(text: str, limit: int) -> str:
    """A title of at most `limit` characters, cut where a word ends, with an ellipsis if something is gone."""
    text = _WORD.sub(" ", text).strip()
    if len(text) <= limit:
        return text
    room = limit - len(ELLIPSIS)
    words_end = text.rfind(" ", 0, room + 1)
    end = words_end if words_end > room // 2 else room
    return text[:end].rstrip(" ,.;:-–") + ELLIPSIS


def marked(text: str) -> str:
    """A text with WhatsApp's marks for the usual ones: `**bold**` as `*bold*`, links with their address.

    Example:
        >>> marked("**Hola**, lee [esto](https://example.com)")
        '*Hola*, lee esto: https://example.com'
    """
    text = _LINK.sub(r"\1: \2", text)
    text = _HEADING.sub(r"*\1*", text)
    return _STRUCK.sub(r"~\1~", _BOLD.sub(r"*\1*", text))
