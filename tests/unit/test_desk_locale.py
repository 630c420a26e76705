"""The desk's words: complete in both languages, and dates as people write them."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from string import Formatter

import pytest

from relevo.desk import locale as locale_module
from relevo.desk.locale import load_locales, preferred_language

LOCALES = load_locales()
DESK = Path(locale_module.__file__).parent
TODAY = date(2025, 11, 24)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_texts() -> None:
    assert LOCALES["en"].texts.keys() == LOCALES["es"].texts.keys()


@pytest.mark.parametrize("key", sorted(LOCALES["en"].texts))
def test_a_text_has_the_same_placeholders_in_both_languages(key: str) -> None:
    optional = {"month", "day", "weekday", "year"}  # dates put them in another order
    assert (placeholders(LOCALES["en"].texts[key]) ^ placeholders(LOCALES["es"].texts[key])) <= optional


def test_every_text_that_the_templates_name_exists() -> None:
    templates = "".join(file.read_text() for file in (DESK / "templates").glob("*.html"))
    named = re.findall(r'\bt\("([^"%]+)"(?! ~)', templates)
    counted = re.findall(r'\bcount\("([^"]+)"', templates)
    assert named and counted
    assert {key for key in named if key not in LOCALES["en"].texts} == set()
    assert {key for key in counted if f"{key}.one" not in LOCALES["en"].texts} == set()


def test_one_thing_and_several_are_said_differently() -> None:
    assert LOCALES["en"].count("queue.waiting", 1) == "1 case waiting"
    assert LOCALES["en"].count("queue.waiting", 1200) == "1,200 cases waiting"
    assert LOCALES["es"].count("queue.waiting", 0) == "0 casos en espera"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h 00 min"),
        (3900, "1 h 05 min"),
        (86_400, "1 d 0 h"),
        (190_800, "2 d 5 h"),
    ],
)
def test_durations_have_two_units_at_most(seconds: float, text: str) -> None:
    assert LOCALES["en"].duration(seconds) == LOCALES["es"].duration(seconds) == text


@pytest.mark.parametrize(
    ("day", "english", "spanish"),
    [
        (date(2025, 11, 24), "Today", "Hoy"),
        (date(2025, 11, 25), "Tomorrow", "Mañana"),
        (date(2025, 11, 23), "Yesterday", "Ayer"),
        (date(2025, 11, 28), "Fri, Nov 28", "vie 28 nov"),
        (date(2026, 1, 5), "Mon, Jan 5, 2026", "lun 5 ene 2026"),
    ],
)
def test_days_are_named_as_people_do(day: date, english: str, spanish: str) -> None:
    assert LOCALES["en"].day(day, TODAY) == english
    assert LOCALES["es"].day(day, TODAY) == spanish


@pytest.mark.parametrize(
    ("hour", "english", "spanish"),
    [(0, "12:05 AM", "00:05"), (12, "12:05 PM", "12:05"), (17, "5:05 PM", "17:05")],
)
def test_the_time_of_day_follows_the_language(hour: int, english: str, spanish: str) -> None:
    moment = datetime(2025, 11, 24, hour, 5)
    assert LOCALES["en"].clock(moment) == english
    assert LOCALES["es"].clock(moment) == spanish


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "es"),
        ("en-US,en;q=0.9", "en"),
        ("fr;q=0.9,en;q=0.4,es;q=0.6", "es"),
        ("ES-mx", "es"),
        ("de, *;q=0.5", "es"),
        ("en;q=0, es;q=0.1", "es"),
        (";;q=,en;q=x,,;", "es"),
        ("en," * 10_000, "en"),
    ],
)
def test_the_browsers_language_is_taken_where_the_desk_speaks_it(header: str, language: str) -> None:
    assert preferred_language(header, "es") == language
