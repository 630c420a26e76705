"""Days and times that messages mention, counted from Tuesday, 24 November 2026."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relevo.nlu.dates import find_dates
from relevo.nlu.spans import PlainText
from relevo.protocol import Language

TODAY = date(2026, 11, 24)
PIECES = {
    "en": "the at last next in ago since 3 15th 12/15 2026-13-45 99 noon may tomorrow friday weeks pm , - :",
    "es": "el a las de hace en pasado 3 31 15/12 febrero mañana hoy viernes semana pm dia proximo . , - : la",
}


def found(text: str, language: Language) -> list[tuple[str, str]]:
    """Each mention as typed, with its value."""
    spans = find_dates(PlainText.of(text), language, TODAY)
    return [(text[span.start : span.end], span.value) for span in spans]


@pytest.mark.parametrize(
    ("text", "typed", "value"),
    [
        ("llámame mañana", "mañana", "2026-11-25"),
        ("LLÁMAME MAN\u0303ANA", "MAN\u0303ANA", "2026-11-25"),
        ("puede ser el martes por la tarde?", "el martes por la tarde", "2026-12-01"),
        ("mejor pasado mañana a las 5:30 pm, gracias", "pasado mañana a las 5:30 pm", "2026-11-26"),
        ("el miercolez en la mañana", "el miercolez en la mañana", "2026-11-25"),
        ("llegaba el 15/12", "el 15/12", "2026-12-15"),
        ("lo compré el 3 de mayo", "el 3 de mayo", "2027-05-03"),
        ("lo compré el 12 de octubre", "el 12 de octubre", "2026-10-12"),
        ("el 3 de mayo del 2025", "el 3 de mayo del 2025", "2025-05-03"),
        ("me pagan el 15", "el 15", "2026-12-15"),
        ("compré ayer en la noche", "ayer en la noche", "2026-11-23"),
        ("pedí antier", "antier", "2026-11-22"),
        ("hace como dos semanas", "hace como dos semanas", "2026-11-10"),
        ("el viernes pasado", "el viernes pasado", "2026-11-20"),
        ("desde el lunes espero", "el lunes", "2026-11-23"),
        ("nace en 3 días", "en 3 días", "2026-11-27"),
    ],
)
def test_day_is_resolved_in_spanish(text: str, typed: str, value: str) -> None:
    assert found(text, "es") == [(typed, value)]


@pytest.mark.parametrize(
    ("text", "typed", "value"),
    [
        ("call me tomorow", "tomorow", "2026-11-25"),
        ("next Friday works", "next Friday", "2026-11-27"),
        ("Monday at 3 p.m. please", "Monday at 3 p.m.", "2026-11-30"),
        ("at 4 tomorrow", "at 4 tomorrow", "2026-11-25"),
        ("it said 12/15", "12/15", "2026-12-15"),
        ("2026-11-30", "2026-11-30", "2026-11-30"),
        ("on March 8 I bought it", "March 8", "2027-03-08"),
        ("on 3 September", "3 September", "2026-09-03"),
        ("December 12, 2025", "December 12, 2025", "2025-12-12"),
        ("I get paid on the 15th", "the 15th", "2026-12-15"),
        ("last night", "last night", "2026-11-23"),
        ("a couple of weeks ago", "a couple of weeks ago", "2026-11-10"),
        ("since Monday", "Monday", "2026-11-23"),
        ("in two weeks", "in two weeks", "2026-12-08"),
        ("llámame mañana", "mañana", "2026-11-25"),
    ],
)
def test_day_is_resolved_in_english(text: str, typed: str, value: str) -> None:
    assert found(text, "en") == [(typed, value)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        *(("last week", "en"), ("this month", "en"), ("at 5pm", "en"), ("Thanksgiving", "en")),
        *(("Sundays", "en"), ("between 9 and 1", "en"), ("20 minutes ago", "en"), ("December 2025", "en")),
        *(("the 20th of next month", "en"), ("el 20 del mes que entra", "es")),
        *(("la semana pasada", "es"), ("a las 5 de la tarde", "es"), ("los domingos", "es")),
        *(("de lunes a viernes", "es"), ("el buen fin", "es"), ("el 31 de febrero", "es")),
    ],
)
def test_what_is_no_certain_day_keeps_its_words(text: str, language: Language) -> None:
    assert found(text, language) == [(text, text)]


def test_the_same_digits_are_day_first_in_spanish_and_month_first_in_english() -> None:
    assert found("12/11", "es") == [("12/11", "2026-11-12")]
    assert found("12/11", "en") == [("12/11", "2026-12-11")]


def test_all_days_of_a_message_are_found() -> None:
    assert found("lunes, martes o el jueves a las 5", "es") == [
        ("lunes", "2026-11-30"),
        ("martes", "2026-12-01"),
        ("el jueves a las 5", "2026-11-26"),
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        *(
            ("buenas tardes, buenos días", "es"),
            ("24/7", "es"),
            ("10/10 el servicio", "es"),
            ("1/2 kilo", "es"),
        ),
        *(("de 3 a 5 dias habiles", "es"), ("el 5 por ciento", "es"), ("a las 2 personas", "es"), ("", "es")),
        *(("good morning, have a nice weekend", "en"), ("sat on the couch", "en"), ("may I ask", "en")),
        *(("within 3-5 days", "en"), ("the 1st item", "en"), ("ana@friday.com", "en"), ("CJ-483920", "en")),
    ],
)
def test_what_mentions_no_time_is_left_alone(text: str, language: Language) -> None:
    assert found(text, language) == []


@given(st.data(), st.sampled_from(["en", "es"]))
@settings(max_examples=200, deadline=None)
def test_any_jumble_of_words_of_time_is_read(data: st.DataObject, language: Language) -> None:
    words = data.draw(st.lists(st.sampled_from(PIECES[language].split()), max_size=10))
    text = " ".join(words)
    for typed, value in found(text, language):
        assert typed and value
