"""Finds the phrases of time in a customer's text: a day, an hour, a part of the day, a delay.

The text is brought into plain form, what only looks like a time (phones, order numbers, greetings) is taken
out, idioms are rewritten ("cuarto para las 6" becomes `@6:-15`), and then each kind of phrase is taken.
Dates go through dateparser, one clean phrase at a time: on whole sentences it finds dates in "no" or "me".
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import dateparser

from relevo.errors import RelevoError
from relevo.follow_ups.named_days import named_days, next_day_of_month
from relevo.follow_ups.vocabulary import DayPart, Half, Vocabulary, vocabulary
from relevo.protocol import Language

MAX_CHARACTERS = 200
NOON = 12
HOURS_PER_DAY = 24
MINUTES_PER_HOUR = 60

_GAP = "|"
_LOOKALIKES = re.compile(
    "|".join(
        [
            r"\S+@\S+|https?:\S+|www\.\S+",  # e-mail and web addresses
            r"\brv[ -]{0,2}[0-9a-z]{4}[ -]{0,2}[0-9a-z]{4}\b",  # folios
            r"\b[a-z]{1,5}-?\d{3,}\b|#\s?\d+",  # orders
            r"\$\s?\d[\d.,]*",  # money
            r"\+\d[\d ()-]{6,}\d",  # phones: international, US, others
            r"(?<!\d)1[ -]?\(?\d{3}\)?[ -]?\d{3}[ -]?\d{4}(?!\d)",
            r"(?<![\d/-])\(?\d{2,4}\)?[ -]?\d{3,4}[ -]?\d{4}(?!\d)|\b\d{2}(?:[ -]\d{2}){4}\b|\d{7,}",
        ]
    )
)
_NOT_PLAIN = re.compile(r"[^a-z0-9:/.,;+#$@'&%()-]+")
_WORD = re.compile(r"\b\d[a-z]{3,}\b|(?<![a-z'])[a-z]+(?![a-z'])")
_DOTTED_HALF = re.compile(r"(?<=\d)\s?([ap])\s?\.\s?m\b\.?|(?<=\d)\s?([ap]) m\b")
_HOUR_WITH_HALF = re.compile(r"(?<![\d:@./-])(\d{1,2}(?::[0-5]\d)?) ?([ap]m)\b")
_HOUR_AND_MINUTES = re.compile(r"(?<![\d:@./-])(\d{1,2}:[0-5]\d)(?![\d:])")
_CLOCK = re.compile(r"@ ?(\d{1,2})(?::(-?\d\d))?(?![\d:]) ?([ap]m\b)?")
_NUMERIC_DATE = re.compile(
    r"(?<![\d/.-])(?:\d{1,2}/\d{1,2}(?:/(?:20)?\d\d)?|\d{1,2}([.-])\d{1,2}\1(?:20)?\d\d)(?![\d/.-]*\d)"
    r"(?! ?(?:hora|hour|hr))"  # "1/2 hora" is no second of January
)
_ORDINAL_ENDING = re.compile(r"(?<=\d)(?:st|nd|rd|th|ro|ero|er|o)\b")
_ISO_DATE = re.compile(r"(?<!\d)(20\d\d)[-/](\d{1,2})[-/](\d{1,2})(?!\d)")


class Unreadable(RelevoError):
    """A date that does not exist, like 31 November: better ask again than take another one."""


@dataclass(frozen=True)
class Clock:
    """An hour as it was said; without `half` ("5") it may mean the morning or the afternoon."""

    hour: int
    minute: int
    """Negative before the hour: "quarter to six" is 6 and -15."""
    half: Half | None = None

    def readings(self) -> list[int]:
        """What it may mean, in minutes after midnight, the literal meaning first."""
        noon, minutes = NOON * MINUTES_PER_HOUR, self.hour * MINUTES_PER_HOUR + self.minute
        if self.half is None:
            return [minutes, minutes + noon] if 0 < self.hour < NOON else [minutes]
        if self.hour > NOON:
            return [minutes]
        return [minutes % noon + (noon if self.half == "pm" else 0)]


@dataclass(frozen=True)
class Phrases:
    """What was found; None for what was not said."""

    day: date | None
    clock: Clock | None
    day_part: DayPart | None
    delay: timedelta | None
    soonest: bool
    zone: ZoneInfo | None
    """The zone in which the hour was meant, where the customer said one."""

    def __bool__(self) -> bool:
        return self.soonest or any((self.day, self.clock, self.day_part, self.delay))


class _Text:
    """The text that is left; what is taken leaves a gap, so that no phrase forms across it."""

    def __init__(self, text: str, words: Vocabulary) -> None:
        self.left = text
        self.words = words

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Take out all matches; the first is returned."""
        match = pattern.search(self.left)
        self.left = pattern.sub(_GAP, self.left) if match else self.left
        return match

    def rewrite_idioms(self) -> None:
        for phrase, meaning in self.words.idioms:
            self.left = self.words.pattern(phrase).sub(meaning, self.left)
        self.left = _HOUR_WITH_HALF.sub(r"@\1 \2", self.left)
        self.left = _HOUR_AND_MINUTES.sub(r"@\1", self.left)


def find_phrases(text: str, language: Language, today: date) -> Phrases:
    """The phrases of time in a text; `today` is the local day from which days are counted.

    Raises:
        Unreadable: a date is given that does not exist.
    """
    words = vocabulary(language)
    rest = _Text(_plain(text, words), words)
    rest.take(words.any_of(words.ignored))
    zone = _take_zone(rest)
    explicit = _take_explicit_date(rest, today) or _take_named_day(rest, today)
    rest.rewrite_idioms()
    clock = _take_clock(rest)
    day_part, delay = _take_day_part(rest), _take_delay(rest, today)
    day, day_clock = (explicit, None) if explicit else _take_day(rest, today)
    soonest = rest.take(words.any_of(words.soonest)) is not None
    return Phrases(day, _with_half(clock or day_clock, day_part), day_part, delay, soonest, zone)


def _plain(text: str, words: Vocabulary) -> str:
    """Lower case, no accents, no signs but those of dates and hours, words spelled right."""
    if len(text) > MAX_CHARACTERS:  # a number cut in two would be another number
        text = " ".join(text[:MAX_CHARACTERS].split()[:-1])
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    text = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    text = re.sub(r"[!?¡¿\n]+", " , ", text)
    text = _LOOKALIKES.sub(" , ", _NOT_PLAIN.sub(" ", text))
    text = _DOTTED_HALF.sub(lambda match: f"{match[1] or match[2]}m", text)
    text = _WORD.sub(lambda match: words.spell(match[0]), text)
    return re.sub(r" ?([,;])(?: ?[,;])*", r"\1", re.sub(r"\s+", " ", text)).strip(" ,;")


def _take_explicit_date(rest: _Text, today: date) -> date | None:
    iso = rest.take(_ISO_DATE)
    if iso:
        return _date(*map(int, iso.groups()))
    for pattern in [_NUMERIC_DATE, *map(rest.words.pattern, rest.words.explicit_dates)]:
        match = rest.take(pattern)
        if match:
            # From yesterday on, as dateparser takes today's own date for next year's.
            phrase = _ORDINAL_ENDING.sub("", match[0])
            return _parse(phrase, rest.words, today - timedelta(days=1)).date()
    return None


def _take_named_day(rest: _Text, today: date) -> date | None:
    """The first day that goes by a name; "after Christmas" is the day after."""
    found = list(named_days(rest.left, rest.words, today))
    if not found:
        return None
    phrase, day = min(found, key=lambda pair: rest.left.index(pair[0]))
    is_after = rest.take(rest.words.pattern(rf"\b{rest.words.day_after} (?={re.escape(phrase)})"))
    rest.take(re.compile(re.escape(phrase)))
    return day + timedelta(days=1) if is_after else day


def _take_clock(rest: _Text) -> Clock | None:
    match = rest.take(_CLOCK)
    if not match:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if hour >= HOURS_PER_DAY or abs(minute) >= MINUTES_PER_HOUR or hour * MINUTES_PER_HOUR + minute < 0:
        raise Unreadable("no such hour")
    return Clock(hour, minute, "am" if half == "am" else "pm" if half else None)


def _take_zone(rest: _Text) -> ZoneInfo | None:
    found = [name for name, phrases in rest.words.zones.items() if rest.take(rest.words.any_of(phrases))]
    return ZoneInfo(found[0]) if found else None


def _take_day_part(rest: _Text) -> DayPart | None:
    """The first part of the day that is named; all are taken, as "la mañana" must not leave "mañana"."""
    text, found = rest.left, []
    for order, part in enumerate(rest.words.day_parts):
        pattern = rest.words.any_of(part.phrases)
        if rest.take(pattern):
            match = pattern.search(text)
            found.append((match.start() if match else len(text), order, part))
    return min(found)[2] if found else None


def _take_delay(rest: _Text, today: date) -> timedelta | None:
    match = rest.take(rest.words.pattern(rest.words.delay))
    if not match:
        return None
    return _parse(match[0], rest.words, today) - datetime.combine(today, time())


def _take_day(rest: _Text, today: date) -> tuple[date | None, Clock | None]:
    """The first day that is named; and an hour, if a bare number after a weekday must be one ("lunes 5")."""
    days, words = rest.words.days, rest.words
    named = f"(?P<next_week>{days.next_week})|{days.weekday_and_number}|{days.day_of_month}|{days.relative}"
    match = rest.take(words.pattern(named))
    if not match:
        return None, None
    if match["next_week"]:
        return _in_next_week(match[0], words, today), None
    if match["day_name"]:
        return _weekday_and_number(match["day_name"], int(match["number"]), words, today)
    number = match["month_day"] or match["month_day_bare"]
    if number:
        return _exists(next_day_of_month([int(number)], today)), None
    return _parse(match[0], words, today).date(), None


def _in_next_week(phrase: str, words: Vocabulary, today: date) -> date:
    """Monday of the next week, or the weekday that was named."""
    weekday = next((i for i, name in enumerate(words.weekdays) if name in phrase), 0)
    return today + timedelta(days=7 - today.weekday() + weekday)


def _weekday_and_number(
    weekday: str, number: int, words: Vocabulary, today: date
) -> tuple[date, Clock | None]:
    """Whether "viernes 5" is Friday the 5th or Friday at 5: the next 5th is a Friday, or it is not."""
    day = next_day_of_month([number], today)
    if day and words.weekdays[day.weekday()] == weekday:
        return day, None
    if not 0 < number < HOURS_PER_DAY:
        raise Unreadable("no such hour")
    return _parse(weekday, words, today).date(), Clock(number, 0)


def _with_half(clock: Clock | None, day_part: DayPart | None) -> Clock | None:
    """ "A las 5" and "de la tarde" together are 5 pm; "12 de la mañana" is noon all the same."""
    if clock and day_part and clock.half is None and clock.hour != NOON:
        return Clock(clock.hour, clock.minute, day_part.half)
    return clock


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Unreadable("no such day") from error


def _exists(day: date | None) -> date:
    if day is None:
        raise Unreadable("no such day")
    return day


def _parse(phrase: str, words: Vocabulary, start: date) -> datetime:
    """One clean phrase by dateparser, as local time.

    dateparser keeps every combination of settings for ever: a base of whole days keeps them few.
    """
    parsed = dateparser.parse(
        phrase,
        languages=[words.language],
        settings={
            "PREFER_DATES_FROM": "future",
            "RELATIVE_BASE": datetime.combine(start, time()),
            "DATE_ORDER": words.date_order,
        },
    )
    if parsed is None:
        raise Unreadable("no such day")
    return parsed
