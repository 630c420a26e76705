"""Days and times that a message mentions: "el martes por la tarde", "last Friday", "15/12", "at 5pm".

Small patterns of each language (`locales/`) find the mentions; only those are then resolved, by what reads
customers' wishes in `relevo.follow_ups` and by dateparser, which costs a millisecond a phrase.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import dateparser
import yaml
from pydantic import BaseModel, Extra

from relevo.follow_ups.phrases import NOON, Unreadable, find_phrases
from relevo.follow_ups.vocabulary import vocabulary
from relevo.nlu.spans import PlainText, Span
from relevo.protocol.schema import Language

DATE = "date"
LOCALES = Path(__file__).with_name("locales")
HALF_A_YEAR = timedelta(days=183)

_BEFORE = r"(?<![a-z0-9/@$#])(?<!\d[.,:-])"
_AFTER = r"(?![a-z0-9@$%])(?![/:.,-]\d)"
_YEAR = re.compile(r"20\d\d|\d[/.-]\d+[/.-]\d")
_RELATIVE = re.compile(r"^(?:in|en|dentro de) |^\D*$")

Kind = Literal["ignored", "days", "past", "periods", "parts", "clocks"]
SAYS_A_DAY: frozenset[str] = frozenset({"days", "past", "periods"})


class Mentions(BaseModel):
    """One language's file: the phrases of each kind, and what their placeholders stand for."""

    ignored: list[str]
    days: list[str]
    past: list[str]
    periods: list[str]
    parts: list[str]
    clocks: list[str]
    short_weekdays: str
    near: str
    half: str
    link: str
    closing: str
    month_names: str
    rewritten: list[tuple[str, str]]

    class Config:
        extra = Extra.forbid

    def pattern(self, language: Language) -> re.Pattern[str]:
        """All phrases as one pattern; the name of the group that matched is the phrase's kind."""
        kinds: tuple[Kind, ...] = ("ignored", "past", "periods", "days", "clocks", "parts")
        groups = (f"(?P<{kind}>{'|'.join(getattr(self, kind))})" for kind in kinds)
        pattern = f"{_BEFORE}(?:{'|'.join(groups)}){_AFTER}"
        for placeholder, filling in self._fillings(language).items():
            pattern = pattern.replace(f"<{placeholder}>", filling)
        return re.compile(pattern, re.ASCII)

    def _fillings(self, language: Language) -> dict[str, str]:
        words = vocabulary(language)
        short = re.compile(self.short_weekdays)

        def spelled(names: list[str]) -> str:
            wrong = [word for word, right in words.spellings.items() if right in names]
            unambiguous = [word for word in (*names, *wrong) if not short.fullmatch(word)]
            return f"(?:{'|'.join(sorted(unambiguous, key=len, reverse=True))})"

        return {
            "weekday": spelled(words.weekdays),
            "day": spelled(words.day_words[:2]),
            "short_weekday": f"(?:{self.short_weekdays})",
            "month": "|".join(words.months),
            "month_name": self.month_names,
            "number": rf"(?:\d{{1,3}}|{'|'.join(words.numbers)})",
            "clock": r"(?:1\d|2[0-3]|0?[1-9])(?:[:.][0-5]\d)?",
            "hour_word": f"(?:{'|'.join(word for word, number in words.numbers.items() if number <= NOON)})",
            "close": rf"(?= ?(?:$|[^a-z0-9 %:])| (?:{self.closing})\b)",
            "near": self.near,
            "half": f"(?:{self.half})",
            "closing": self.closing,
        }


@dataclass(frozen=True)
class _Language:
    name: Language
    mentions: Mentions
    pattern: re.Pattern[str]
    link: re.Pattern[str]


@cache
def _language(name: Language) -> _Language:
    mentions = Mentions(**yaml.safe_load((LOCALES / f"{name}.yml").read_text(encoding="utf-8")))
    return _Language(name, mentions, mentions.pattern(name), re.compile(mentions.link))


def find_dates(plain: PlainText, language: Language, today: date) -> Iterator[Span]:
    """Mentions of days and times; the value is the day as ISO date, or the words where it is no certain day.

    A week, a month, days that come again and a bare hour stay words. A day without a year is the nearest one.

    Example:
        >>> text = PlainText.of("llámame mañana a las 5")
        >>> [(s.value, s.start, s.end) for s in find_dates(text, "es", date(2026, 11, 24))]
        [('2026-11-25', 8, 22)]
    """
    words = _language(language)
    for pieces in _mentions(plain.text, words):
        start, end = plain.typed_as(pieces[0].start(), pieces[-1].end())
        day = _day(pieces, words, today)
        yield Span(DATE, day.isoformat() if day else plain.typed[start:end], start, end)


def _mentions(text: str, words: _Language) -> Iterator[list[re.Match[str]]]:
    """Phrases that belong together: a day, a part of it and an hour, each at most once."""
    mention: list[re.Match[str]] = []
    for piece in words.pattern.finditer(text):
        if piece.lastgroup == "ignored":
            continue
        if mention and not _continues(mention, piece, text, words):
            yield mention
            mention = []
        mention.append(piece)
    if mention:
        yield mention


def _continues(mention: list[re.Match[str]], piece: re.Match[str], text: str, words: _Language) -> bool:
    said = {"days" if other.lastgroup in SAYS_A_DAY else other.lastgroup for other in mention}
    kind = "days" if piece.lastgroup in SAYS_A_DAY else piece.lastgroup
    return kind not in said and bool(words.link.fullmatch(text, mention[-1].end(), piece.start()))


def _day(pieces: list[re.Match[str]], words: _Language, today: date) -> date | None:
    for piece in pieces:
        if piece.lastgroup == "past":
            return _past_day(piece[0], words, today)
        if piece.lastgroup == "days":
            return _named_day(piece[0], words, today)
    return None


def _named_day(phrase: str, words: _Language, today: date) -> date | None:
    try:
        day = find_phrases(phrase, words.name, today).day
    except Unreadable:
        return None
    if day and day - today > HALF_A_YEAR and not _YEAR.search(phrase) and not _RELATIVE.search(phrase):
        return _year_before(day)
    return day


def _year_before(day: date) -> date | None:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return None


def _past_day(phrase: str, words: _Language, today: date) -> date | None:
    spell = vocabulary(words.name).spell
    for pattern, replacement in words.mentions.rewritten:
        phrase = re.sub(pattern, replacement, phrase)
    phrase = " ".join(spell(word) for word in phrase.split())
    settings = {
        "PREFER_DATES_FROM": "past",
        "RELATIVE_BASE": datetime.combine(today, time()),
    }
    parsed = dateparser.parse(phrase, languages=[words.name], settings=settings)
    return parsed.date() if parsed else None
