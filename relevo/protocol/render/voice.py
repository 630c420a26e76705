"""How a document speaks of a protocol in one language: its own words, names, times and amounts.

The words are in `locales/`; dates, clock times, countries and lists follow the language's customs by Babel.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

import babel
import yaml
from babel.dates import format_date, format_datetime, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from relevo.protocol.parts.channels import on_channel
from relevo.protocol.parts.durations import ResponseTarget
from relevo.protocol.render.blocks import Link
from relevo.protocol.schema import Language, Protocol, Text

FOLDER = Path(__file__).with_name("locales")
REGIONS = {"en": "en_US", "es": "es_MX"}
_HOUR = 3_600
_BEFORE_I = re.compile(r"h?[ií](?![ae])", re.IGNORECASE)
_BEFORE_O = re.compile(r"h?[oó]", re.IGNORECASE)
UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


class Voice:
    """One language, the protocol that is spoken of, and the day on which that happens."""

    def __init__(self, protocol: Protocol, language: Language, today: date) -> None:
        self.protocol = protocol
        self.language = language
        self.today = today
        self._texts = _read(language)
        self._region = babel.Locale.parse(REGIONS[language])

    def __call__(self, key: str, **values: Any) -> str:
        """A text of the locale with its placeholders filled; company and assistant need not be given.

        Raises:
            KeyError: there is no such text.
        """
        company = self.protocol.company
        return self._texts[key].format(**{"company": company.name, "assistant": company.assistant, **values})

    def has(self, key: str) -> bool:
        """Whether the locale has such a text."""
        return key in self._texts

    def of(self, text: Text) -> str:
        """A text of the protocol."""
        return text.in_language(self.language)

    def all_of(self, texts: Iterable[Text]) -> list[str]:
        return [self.of(text) for text in texts]

    # --- names of things; one that the protocol doesn't know is shown as it is written ---

    def topic(self, name: str) -> str:
        topic = self.protocol.topics.get(name)
        return self.of(topic.title) if topic else readable(name)

    def topics(self, names: Iterable[str]) -> list[Link | str]:
        """Links to topics; what no topic answers may be a case for the contingency plan."""
        triggers = {trigger.when.intent: trigger for trigger in self.protocol.contingency.triggers}
        links: list[Link | str] = []
        for name in names:
            if name in self.protocol.topics:
                links.append(Link(self.topic(name), f"#topic-{name}"))
            elif name in triggers:
                links.append(Link(self.of(triggers[name].title), f"#trigger-{triggers[name].id}"))
            else:
                links.append(readable(name))
        return links

    def area(self, name: str) -> str:
        area = self.protocol.roster.areas.get(name)
        return self.of(area.title) if area else readable(name)

    def area_link(self, name: str) -> Link | str:
        title = self.area(name)
        return Link(title, f"#area-{name}") if name in self.protocol.roster.areas else title

    def channel(self, name: str) -> str:
        channel = on_channel(self.protocol.channels, name)
        return self.of(channel.title) if channel else readable(name)

    def person(self, name: str) -> str:
        person = self.protocol.roster.people.get(name)
        return person.name if person else readable(name)

    def person_link(self, name: str) -> Link | str:
        title = self.person(name)
        return Link(title, f"#person-{name}") if name in self.protocol.roster.people else title

    def recovery(self, name: str) -> str:
        recovery = self.protocol.contingency.recovery.get(name)
        return self.of(recovery.title) if recovery else readable(name)

    # --- times, numbers, lists ---

    def duration(self, seconds: int) -> str:
        """How long in words, in as few units as tell it exactly: `1 hour, 30 minutes`."""
        parts, left = [], int(seconds)
        for unit, length in UNITS:
            count, left = divmod(left, length)
            if count:
                parts.append(str(format_unit(count, f"duration-{unit}", locale=self._region)))
        return self.join(parts)

    def working_time(self, seconds: int) -> str:
        """How long in opening hours: never in days, which would mean days and nights."""
        hours, rest = divmod(int(seconds), _HOUR)
        whole = str(format_unit(hours, "duration-hour", locale=self._region))
        exactly = self.join([*([whole] if hours else []), *([self.duration(rest)] if rest else [])])
        days = round(seconds / self._working_day) if self._working_day else 0
        if days == 0 or seconds < self._working_day:
            return exactly
        return self(
            "hours.one_working_day" if days == 1 else "hours.working_days",
            time=exactly,
            days=self.number_word(days),
        )

    @cached_property
    def _working_day(self) -> float:
        """Seconds that the company is open on an open day, on average; 0 if it never is."""
        days = [periods for periods in self.protocol.company.hours.weekly.values() if periods]
        return sum(_seconds(period) for periods in days for period in periods) / len(days) if days else 0

    def response_target(self, target: ResponseTarget) -> str:
        if target.is_same_day:
            return self("channels.same_day")
        return self("channels.within", duration=self.working_time(target))

    def day(self, day: date) -> str:
        """A date in full: `November 24, 2025`."""
        return str(format_date(day, "long", locale=self._region))

    def clock(self, time: str) -> str:
        """A time of day that is written like `09:00`; Americans read `9:00 AM`."""
        if time == "24:00":
            return self("hours.midnight")
        moment = datetime(2000, 1, 1, int(time[:2]), int(time[3:]))
        text = str(
            format_datetime(moment, "h:mm a" if self.language == "en" else "H:mm", locale=self._region)
        )
        return text.replace("\u202f", "\u00a0").replace(" ", "\u00a0")

    def place(self, time_zone: str) -> str:
        """The city whose time it is."""
        return str(get_timezone_location(time_zone, locale=self._region, return_city=True))

    def countries(self, codes: Iterable[str]) -> str:
        return self.join([self._region.territories.get(code, code) for code in codes])

    def number(self, number: int) -> str:
        return str(format_decimal(number, locale=self._region))

    def share(self, share: float) -> str:
        """A part of a whole: `75 %`, as the region writes it."""
        return str(format_percent(share, locale=self._region))

    def number_word(self, number: int) -> str:
        """A number in words, up to ten."""
        return self._texts.get(f"numbers.{number}") or self.number(number)

    def join(self, texts: Iterable[str]) -> str:
        """`a, b and c`"""
        return self._list(list(texts), "standard", _BEFORE_I)

    def either(self, texts: Iterable[str]) -> str:
        """`a, b or c`"""
        return self._list(list(texts), "or", _BEFORE_O)

    def _list(self, texts: list[str], style: Literal["standard", "or"], vowel: re.Pattern[str]) -> str:
        """Babel's list, in Spanish with `e` for `y` and `u` for `o` where the sounds would run together."""
        joined = str(format_list(texts, style=style, locale=self._region))
        if self.language != "es" or len(texts) < 2 or not vowel.match(texts[-1]):  # noqa: PLR2004
            return joined
        before = joined[: -len(texts[-1])].rstrip()
        return f"{before[:-1]}{'e' if style == 'standard' else 'u'} {texts[-1]}"


def _seconds(period: str) -> int:
    """The length of a period that is written like `09:00-14:00`."""
    start, end = (int(time[:2]) * 3_600 + int(time[3:]) * 60 for time in period.split("-"))
    return end - start


def readable(name: str) -> str:
    """A name of the protocol's files as people may read it."""
    return name.replace("_", " ").capitalize()


@lru_cache
def _read(language: Language) -> dict[str, str]:
    content = (FOLDER / f"{language}.yml").read_text(encoding="utf-8")
    return _flat(yaml.load(content, Loader=yaml.CSafeLoader))


def _flat(texts: Any, prefix: str = "") -> dict[str, str]:
    if isinstance(texts, str):
        return {prefix[:-1]: texts}
    pairs = texts.items() if isinstance(texts, dict) else enumerate(texts)
    return {key: text for name, value in pairs for key, text in _flat(value, f"{prefix}{name}.").items()}
