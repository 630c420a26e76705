"""The desk's texts, dates and durations in each language. The texts are in `locales/`."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from relevo.protocol.schema import LANGUAGES, Language

FOLDER = Path(__file__).with_name("locales")
BYTES_PER_MEGABYTE = 1_000_000
NAMES = {"en": "English", "es": "Español"}


class Locale:
    """Everything that is written in one language."""

    def __init__(self, language: Language, texts: dict[str, Any]) -> None:
        self.language = language
        self.texts = _flat(texts)
        self._months: list[str] = texts["dates"]["months"]
        self._weekdays: list[str] = texts["dates"]["weekdays"]

    def text(self, key: str, **values: Any) -> str:
        """The text with its placeholders filled.

        Raises:
            KeyError: there is no such text.
        """
        return self.texts[key].format(**values)

    def count(self, key: str, number: int) -> str:
        """The text for a number of things; English and Spanish have the same two forms."""
        return self.text(f"{key}.one" if number == 1 else f"{key}.other", count=f"{number:,}")

    def clock(self, moment: datetime) -> str:
        """The time of day, for instance `5:05 PM` or `17:05`."""
        if self.language == "es":
            return f"{moment:%H:%M}"
        return f"{moment.hour % 12 or 12}:{moment:%M} {'AM' if moment.hour < 12 else 'PM'}"  # noqa: PLR2004

    def day(self, day: date, today: date) -> str:
        """The day as people say it: today, tomorrow, yesterday, or weekday and date."""
        near = {-1: "dates.yesterday", 0: "dates.today", 1: "dates.tomorrow"}.get((day - today).days)
        if near:
            return self.text(near)
        return self.text(
            "dates.day" if day.year == today.year else "dates.day_of_year",
            weekday=self._weekdays[day.weekday()],
            day=day.day,
            month=self._months[day.month - 1],
            year=day.year,
        )

    def moment(self, moment: datetime, now: datetime) -> str:
        """Day and time of day."""
        return f"{self.day(moment.date(), now.date())}, {self.clock(moment)}"

    def size(self, number_of_bytes: int) -> str:
        """How large a file is: `340 kB`, `2.4 MB`. Mexico and the United States both write the point."""
        if number_of_bytes < BYTES_PER_MEGABYTE:
            return f"{max(1, round(number_of_bytes / 1_000))} kB"
        return f"{number_of_bytes / BYTES_PER_MEGABYTE:.1f} MB"

    def duration(self, seconds: float) -> str:
        """How long, in the two largest units: `45 s`, `4 min`, `1 h 05 min`, `2 d 3 h`.

        The units read the same in both languages; `static/desk.js` writes them in the same way.
        """
        total = max(0, int(seconds))
        minutes, hours, days = total // 60, total // 3600, total // 86_400
        if minutes == 0:
            return f"{total} s"
        if hours == 0:
            return f"{minutes} min"
        if days == 0:
            return f"{hours} h {minutes % 60:02} min"
        return f"{days} d {hours % 24} h"


def load_locales() -> dict[Language, Locale]:
    """All languages."""
    return {language: Locale(language, _read(language)) for language in LANGUAGES}


def preferred_language(accept_language: str, default: Language) -> Language:
    """The language that an `Accept-Language` header asks for, among ours."""
    best: Language = default
    best_quality = 0.0
    for part in accept_language.split(",")[:20]:
        tag, _, parameters = part.strip().partition(";")
        quality = _quality(parameters)
        for language in LANGUAGES:
            if tag.lower().split("-")[0] == language and quality > best_quality:
                best, best_quality = language, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0


def _read(language: Language) -> dict[str, Any]:
    content = (FOLDER / f"{language}.yml").read_text(encoding="utf-8")
    texts: dict[str, Any] = yaml.load(content, Loader=yaml.CSafeLoader)
    return texts


def _flat(texts: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in texts.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        elif isinstance(value, str):
            flat[prefix + key] = value
    return flat
