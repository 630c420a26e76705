"""What customers type when they are asked when they want to be contacted."""

from __future__ import annotations

from datetime import datetime
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relevo.follow_ups.moments import say_moment_to
from relevo.follow_ups.named_days import days_called
from relevo.follow_ups.vocabulary import vocabulary
from relevo.follow_ups.wish import MAX_AHEAD_SECONDS, Wish, parse_wish
from relevo.protocol import LANGUAGES, Language
from relevo.protocol.opening_hours import OpeningHours

ZONE = ZoneInfo("America/Mexico_City")
WORKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
HOURS = OpeningHours(
    time_zone=ZONE.key,
    holidays=["MX", "US"],
    weekly={**{day: ["09:00-20:00"] for day in WORKDAYS}, "saturday": ["10:00-18:00"]},
)
NEVER_OPEN = OpeningHours(time_zone=ZONE.key, holidays=[], weekly={})


def at(local: str) -> float:
    """The instant of a local time such as `2025-12-02 11:00`."""
    return datetime.fromisoformat(local).replace(tzinfo=ZONE).timestamp()


def shown(instant: float) -> str:
    return HOURS.local(instant).strftime("%a %d %b %H:%M")


def wish(text: str, language: Language, now: str = "2025-12-02 11:00") -> Wish:
    found = parse_wish(text, language, at(now), HOURS)
    assert found is not None, f"{text!r} was not understood"
    return found


SPANISH = {
    "mañana a las 5": "Wed 03 Dec 17:00",
    "manana a las 5 pm porfa": "Wed 03 Dec 17:00",
    "MAÑANA A LAS 5!!!": "Wed 03 Dec 17:00",
    "mañana a las 5 🙏🙏": "Wed 03 Dec 17:00",
    "mañana 5": "Wed 03 Dec 17:00",
    "el martes por la tarde": "Tue 09 Dec 16:00",
    "pasado mañana en la mañana": "Thu 04 Dec 10:00",
    "pásado mañána a las 11": "Thu 04 Dec 11:00",
    "en dos horas": "Tue 02 Dec 13:00",
    "en 2 hrs": "Tue 02 Dec 13:00",
    "en media hora": "Tue 02 Dec 11:30",
    "en hora y media": "Tue 02 Dec 12:30",
    "dentro de 3 horas": "Tue 02 Dec 14:00",
    "en un par de horas": "Tue 02 Dec 13:00",
    "al rato": "Tue 02 Dec 13:00",
    "al mediodia": "Tue 02 Dec 12:00",
    "12 del dia": "Tue 02 Dec 12:00",
    "a las 6 y media": "Tue 02 Dec 18:30",
    "cuarto para las 6": "Tue 02 Dec 17:45",
    "cinco para las cuatro": "Tue 02 Dec 15:55",
    "a la una": "Tue 02 Dec 13:00",
    "a las 1730": "Tue 02 Dec 17:30",
    "14:00hrs": "Tue 02 Dec 14:00",
    "2 p. m. mañana": "Wed 03 Dec 14:00",
    "el 15/12 a las 3pm": "Mon 15 Dec 15:00",
    "el 15 a las 3 pm": "Mon 15 Dec 15:00",
    "10/12 16:30": "Wed 10 Dec 16:30",
    "15 de dic": "Mon 15 Dec 09:00",
    "el dia 10 por la tarde": "Wed 10 Dec 16:00",
    "viernes 5 a las 3": "Fri 05 Dec 15:00",
    "viernes 4": "Fri 05 Dec 16:00",
    "lo antes posible": "Tue 02 Dec 11:00",
    "ahorita": "Tue 02 Dec 11:00",
    "cuando puedan": "Tue 02 Dec 11:00",
    "mañana": "Wed 03 Dec 09:00",
    "mañana temprano": "Wed 03 Dec 09:00",
    "a primera hora del lunes": "Mon 08 Dec 09:00",
    "el viernes": "Fri 05 Dec 09:00",
    "hoy en la tarde": "Tue 02 Dec 16:00",
    "esta tarde": "Tue 02 Dec 16:00",
    "mañana x la tarde": "Wed 03 Dec 16:00",
    "tarde-noche": "Tue 02 Dec 18:00",
    "despues de comer": "Tue 02 Dec 15:00",
    "hoy": "Tue 02 Dec 11:15",
    "entre 4 y 6 de la tarde": "Tue 02 Dec 16:00",
    "mañana de 10 a 12": "Wed 03 Dec 10:00",
    "despues de las 5": "Tue 02 Dec 17:00",
    "mañana antes de las 12": "Wed 03 Dec 09:00",
    "la proxima semana": "Mon 08 Dec 09:00",
    "el viernes de la otra semana": "Fri 12 Dec 09:00",
    "de hoy en ocho": "Tue 09 Dec 09:00",
    "q me llamen el miercoles a las 12": "Wed 03 Dec 12:00",
    "mñana a las 5": "Wed 03 Dec 17:00",
    "el juebes a las cuatro": "Thu 04 Dec 16:00",
    "vienres 3pm": "Fri 05 Dec 15:00",
    "buenas tardes, me pueden llamar mañana a las 10?": "Wed 03 Dec 10:00",
    "mañana no puedo, el jueves a las 4 si": "Thu 04 Dec 16:00",
    "mi cel es 55 1234 5678, mañana a las 5": "Wed 03 Dec 17:00",
    "mañana 10 am 5512345678": "Wed 03 Dec 10:00",
    "tomorrow a las 5": "Wed 03 Dec 17:00",
    "puedo hasta las 6": "Tue 02 Dec 18:00",
    "no puedo antes de las 5": "Tue 02 Dec 17:00",
    "a primera hora de la tarde": "Tue 02 Dec 15:00",
    "mañana a ultima hora": "Wed 03 Dec 18:00",
    "en cuanto abran": "Tue 02 Dec 11:00",
    "pasado a las 5": "Thu 04 Dec 17:00",
}
ENGLISH = {
    "tomorrow at 5": "Wed 03 Dec 17:00",
    "TOMORROW AT 5": "Wed 03 Dec 17:00",
    "tmrw 5pm": "Wed 03 Dec 17:00",
    "tommorow at 5 pls": "Wed 03 Dec 17:00",
    "5 pm tomorrow": "Wed 03 Dec 17:00",
    "tomorrow 5": "Wed 03 Dec 17:00",
    "in two hours": "Tue 02 Dec 13:00",
    "2 hours from now": "Tue 02 Dec 13:00",
    "in half an hour": "Tue 02 Dec 11:30",
    "in an hour and a half": "Tue 02 Dec 12:30",
    "in 2 and a half hours": "Tue 02 Dec 13:30",
    "could you call me in like 20 minutes": "Tue 02 Dec 11:20",
    "later today": "Tue 02 Dec 13:00",
    "after lunch": "Tue 02 Dec 15:00",
    "next monday morning": "Mon 08 Dec 10:00",
    "today at 5:30": "Tue 02 Dec 17:30",
    "at noon": "Tue 02 Dec 12:00",
    "dec 15 3pm": "Mon 15 Dec 15:00",
    "Monday, December 15 at 10:00 AM": "Mon 15 Dec 10:00",
    "15th of december": "Mon 15 Dec 09:00",
    "12/15 at 3pm": "Mon 15 Dec 15:00",
    "12/10 at 4:15pm": "Wed 10 Dec 16:15",
    "15/12 at 3pm": "Mon 15 Dec 15:00",
    "2025-12-15T10:00": "Mon 15 Dec 10:00",
    "the 15th at 3": "Mon 15 Dec 15:00",
    "friday the 5th": "Fri 05 Dec 09:00",
    "asap": "Tue 02 Dec 11:00",
    "as soon as possible": "Tue 02 Dec 11:00",
    "whenever": "Tue 02 Dec 11:00",
    "this afternoon": "Tue 02 Dec 16:00",
    "tomorrow afternoon around 3": "Wed 03 Dec 15:00",
    "this evening": "Tue 02 Dec 18:00",
    "tonight": "Tue 02 Dec 19:00",
    "tomorrow": "Wed 03 Dec 09:00",
    "first thing tomorrow": "Wed 03 Dec 09:00",
    "friday": "Fri 05 Dec 09:00",
    "at 9": "Wed 03 Dec 09:00",
    "5 p.m.": "Tue 02 Dec 17:00",
    "530 pm": "Tue 02 Dec 17:30",
    "5.30 pm": "Tue 02 Dec 17:30",
    "at five thirty": "Tue 02 Dec 17:30",
    "on Tuesday at half past four": "Tue 09 Dec 16:30",
    "quarter to six": "Tue 02 Dec 17:45",
    "twenty past 3": "Tue 02 Dec 15:20",
    "five o'clock tomorrow": "Wed 03 Dec 17:00",
    "wensday afternoon": "Wed 03 Dec 16:00",
    "thrusday at 2": "Thu 04 Dec 14:00",
    "the day after tomorrow in the morning": "Thu 04 Dec 10:00",
    "between 4 and 6 tomorrow": "Wed 03 Dec 16:00",
    "tomorrow 3-5pm": "Wed 03 Dec 15:00",
    "11-1pm": "Wed 03 Dec 11:00",
    "after 5": "Tue 02 Dec 17:00",
    "not before 3": "Tue 02 Dec 15:00",
    "tomorrow before noon": "Wed 03 Dec 10:00",
    "next week tuesday at 4": "Tue 09 Dec 16:00",
    "in two weeks": "Tue 16 Dec 09:00",
    "not tomorrow, thursday at 3": "Thu 04 Dec 15:00",
    "Good morning! Tomorrow at 3 please": "Wed 03 Dec 15:00",
    "call me tomorrow at 3 at (210) 555-0199": "Wed 03 Dec 15:00",
    "i am free tomorrow at 11": "Wed 03 Dec 11:00",
    "mañana at 5": "Wed 03 Dec 17:00",
    "three in the afternoon": "Tue 02 Dec 15:00",
    "between 10 and noon tomorrow": "Wed 03 Dec 10:00",
    "i work until 5": "Tue 02 Dec 17:00",
    "first thing tomorrow morning": "Wed 03 Dec 09:00",
    "a week from today": "Tue 09 Dec 09:00",
}


@pytest.mark.parametrize(("text", "expected"), SPANISH.items())
def test_wish_in_spanish_is_understood(text: str, expected: str) -> None:
    found = wish(text, "es")
    assert (shown(found.instant), found.asked_open) == (expected, True)


@pytest.mark.parametrize(("text", "expected"), ENGLISH.items())
def test_wish_in_english_is_understood(text: str, expected: str) -> None:
    found = wish(text, "en")
    assert (shown(found.instant), found.asked_open) == (expected, True)


NO_WISHES: dict[Language, list[str]] = {
    "es": [
        "", " ", "no", "si", "ok", "me", "5", "2", "500", "1234", "gracias", "ya no", "ahora no", "no se",
        "buenos dias", "buenas tardes", "buenas noches", "gracias, hasta luego", "que tengas buen dia",
        "mi pedido CJ-483920", "RV-5PM1-2AM3", "rv 7k3m 9qxt", "llamenme al 5512345678", "55 1234 5678",
        "quiero las 2 sillas", "compre 3 mesas de 4 a 6 personas", "la mesa color manzana", "a q hora vienes",
        "cuanto tarda el envio de 3 a 5 dias", "llevo 3 horas esperando",
        "hace 2 horas", "a las 25", "el 31 de noviembre", "99/99", "mi mesa tipo navidena",
        "$500", "🙏", "\x00\x07",
    ],
    "en": [
        "", " ", "no", "ok", "yes", "me", "5", "42", "123456", "thanks", "not now", "may I call",
        "good morning", "hi good afternoon", "see you tomorrow", "have a nice day", "talk to you later",
        "my order is CJ-483920", "#1234", "call me at 55 1234 5678", "call me at 1 800 555 0199",
        "at 5 main street", "$5.30", "version 5.30", "5 stars", "the 2nd one", "table for 4",
        "3-5 business days", "it arrived 3 days ago", "two hours ago", "last monday", "i waited 2 hours",
        "the order sat there", "nov 31", "at 25", "in 99999999 hours", "🙏", "\x00\x07",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("language", "text"), [(key, text) for key in LANGUAGES for text in NO_WISHES[key]])
def test_what_is_no_time_is_not_taken_for_one(language: Language, text: str) -> None:
    assert parse_wish(text, language, at("2025-12-02 11:00"), HOURS) is None


CLOSED = [
    ("es", "el sabado a las 9", "2025-12-02 11:00", "Sat 06 Dec 09:00", "Sat 06 Dec 10:00"),
    ("es", "el domingo a las 5", "2025-12-02 11:00", "Sun 07 Dec 17:00", "Mon 08 Dec 09:00"),
    ("es", "a las siete de la mañana", "2025-12-02 11:00", "Wed 03 Dec 07:00", "Wed 03 Dec 09:00"),
    ("es", "mañana a las 9 de la noche", "2025-12-02 11:00", "Wed 03 Dec 21:00", "Thu 04 Dec 09:00"),
    ("es", "25 de diciembre", "2025-12-02 11:00", "Thu 25 Dec 00:00", "Fri 26 Dec 09:00"),
    ("en", "tomorrow at 5", "2025-11-26 21:30", "Thu 27 Nov 17:00", "Fri 28 Nov 09:00"),
    ("en", "in two hours", "2025-12-05 19:50", "Fri 05 Dec 21:50", "Sat 06 Dec 10:00"),
    ("en", "today", "2025-12-05 19:50", "Fri 05 Dec 20:05", "Sat 06 Dec 10:00"),
    ("en", "12 am", "2025-12-02 11:00", "Wed 03 Dec 00:00", "Wed 03 Dec 09:00"),
]


@pytest.mark.parametrize(("language", "text", "now", "asked", "proposed"), CLOSED)
def test_closed_moment_is_answered_with_the_next_open_one(
    language: Language, text: str, now: str, asked: str, proposed: str
) -> None:
    found = wish(text, language, now)
    assert (shown(found.instant), found.asked_open, shown(found.proposed)) == (asked, False, proposed)


@pytest.mark.parametrize(
    ("language", "text"),
    [("es", "ayer a las 5"), ("es", "hoy a las 9"), ("en", "yesterday"), ("en", "today at 9")],
)
def test_past_moment_is_answered_with_one_from_now_on(language: Language, text: str) -> None:
    found = wish(text, language)
    assert found.fit == "past"
    assert found.instant < (found.proposed or 0) == at("2025-12-02 11:00")


def test_as_soon_as_possible_outside_hours_is_the_next_opening() -> None:
    found = wish("ahorita", "es", "2025-12-06 22:00")
    assert (shown(found.instant), found.asked_open) == ("Mon 08 Dec 09:00", True)


def test_now_is_open_at_any_fraction_of_a_second() -> None:
    for fraction in (0.1, 0.123_456_7, 0.999_999_9):
        now = at("2025-12-02 11:00") + fraction
        found = parse_wish("asap", "en", now, HOURS)
        assert found is not None and found.asked_open and now <= found.instant < now + 1


def test_part_of_the_day_that_has_begun_is_soon() -> None:
    assert shown(wish("esta tarde", "es", "2025-12-02 16:30").instant) == "Tue 02 Dec 16:45"


def test_part_of_the_day_that_is_over_is_tomorrows() -> None:
    assert shown(wish("in the morning", "en", "2025-12-02 15:00").instant) == "Wed 03 Dec 10:00"


def test_slashed_date_is_day_first_in_spanish_and_month_first_in_english() -> None:
    assert shown(wish("5/1", "es", "2025-12-02 11:00").instant) == "Mon 05 Jan 09:00"
    assert wish("5/1", "en").fit == "too_far"
    assert shown(wish("1/5", "en", "2025-12-02 11:00").instant) == "Mon 05 Jan 09:00"


def test_todays_date_is_today() -> None:
    assert shown(wish("el 2 de diciembre a las 5", "es").instant) == "Tue 02 Dec 17:00"


NAMED_DAYS = [
    ("es", "navidad", "Thu 25 Dec 00:00", "Fri 26 Dec 09:00"),
    ("es", "despues de navidad", "Fri 26 Dec 09:00", "Fri 26 Dec 09:00"),
    ("es", "en año nuevo a las 10", "Thu 01 Jan 10:00", "Fri 02 Jan 09:00"),
    ("es", "a fin de mes", "Wed 31 Dec 09:00", "Wed 31 Dec 09:00"),
    ("es", "el ultimo dia del mes a las 4", "Wed 31 Dec 16:00", "Wed 31 Dec 16:00"),
    ("es", "en la quincena", "Mon 15 Dec 09:00", "Mon 15 Dec 09:00"),
    ("es", "a principios de mes", "Thu 01 Jan 00:00", "Fri 02 Jan 09:00"),
    ("es", "el dia de reyes en la tarde", "Tue 06 Jan 16:00", "Tue 06 Jan 16:00"),
    ("en", "christmas", "Thu 25 Dec 00:00", "Fri 26 Dec 09:00"),
    ("en", "christmas eve at 3", "Wed 24 Dec 15:00", "Wed 24 Dec 15:00"),
    ("en", "after new year's day", "Fri 02 Jan 09:00", "Fri 02 Jan 09:00"),
    ("en", "end of the month", "Wed 31 Dec 09:00", "Wed 31 Dec 09:00"),
    ("es", "el día de la virgen a las 4", "Fri 12 Dec 16:00", "Fri 12 Dec 16:00"),
    ("es", "soy Ana Reyes, mañana a las 5", "Wed 03 Dec 17:00", "Wed 03 Dec 17:00"),
    ("en", "three kings day", "Tue 06 Jan 09:00", "Tue 06 Jan 09:00"),
]


@pytest.mark.parametrize(("language", "text", "asked", "proposed"), NAMED_DAYS)
def test_days_go_by_their_names(language: Language, text: str, asked: str, proposed: str) -> None:
    found = wish(text, language)
    assert (shown(found.instant), shown(found.proposed or 0)) == (asked, proposed)


def test_holiday_that_moves_is_known() -> None:
    assert shown(wish("thanksgiving", "en", "2025-11-03 11:00").instant) == "Thu 27 Nov 00:00"
    assert shown(wish("thanksgiving", "en", "2026-11-03 11:00").instant) == "Thu 26 Nov 00:00"
    assert wish("thanksgiving", "en", "2025-11-28 11:00").fit == "too_far"


MOVING_DAYS = [
    ("es", "viernes santo", "2026-03-02 11:00", "Fri 03 Apr"),
    ("es", "día de las madres", "2026-05-04 11:00", "Sun 10 May"),
    ("es", "día del padre", "2026-06-01 11:00", "Sun 21 Jun"),
    ("es", "la Candelaria", "2026-01-20 11:00", "Mon 02 Feb"),
    ("es", "el día de la revolución", "2026-11-02 11:00", "Mon 16 Nov"),
    ("en", "easter", "2026-03-02 11:00", "Sun 05 Apr"),
    ("en", "labor day", "2026-09-01 11:00", "Mon 07 Sep"),
    ("en", "black friday", "2026-11-03 11:00", "Fri 27 Nov"),
]


@pytest.mark.parametrize(("language", "text", "now", "day"), MOVING_DAYS)
def test_feast_is_known_by_its_name(language: Language, text: str, now: str, day: str) -> None:
    assert shown(wish(text, language, now).instant).startswith(day)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_named_day_comes_every_year(language: Language) -> None:
    for name in vocabulary(language).named_days.values():
        for year in range(2024, 2031):
            assert {day.year for day in days_called(name, year)} == {year, year + 1}, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_zone_of_the_locale_files_exists(language: Language) -> None:
    words = vocabulary(language)
    for name in {*words.zones, *words.places, *words.own_places}:
        assert ZoneInfo(name).key == name
    places = [place for places in words.places.values() for place in places]
    assert len(places) == len(set(places)), "a place lies in two zones"


def test_excluded_day_is_not_the_wished_one() -> None:
    assert shown(wish("any day but friday", "en").instant) == "Tue 02 Dec 11:00"


CORRECTED: dict[Language, dict[str, str]] = {
    "es": {
        "mañana a las 5, no perdón, a las 6": "Wed 03 Dec 18:00",
        "mañana a las 5, perdón, 6": "Wed 03 Dec 18:00",
        "el viernes a las 3, digo, el sábado": "Sat 06 Dec 15:00",
        "mañana a las 10, mejor a las 4": "Wed 03 Dec 16:00",
        "hoy a las 5 no espera mejor mañana": "Wed 03 Dec 17:00",
        "el jueves, ah no el viernes a las 12": "Fri 05 Dec 12:00",
        "el 15 a las 3, más bien el 16": "Tue 16 Dec 15:00",
        "a las 4, no, a las 5 y media": "Tue 02 Dec 17:30",
        "mañana en la tarde, mejor en la mañana": "Wed 03 Dec 10:00",
        "mañana en la tarde, cámbialo a las 11": "Wed 03 Dec 11:00",
        "el 31 de noviembre, perdón, el 30 de diciembre a las 4": "Tue 30 Dec 16:00",
        "en dos horas, mejor mañana a las 12": "Wed 03 Dec 12:00",
        "lo antes posible, no, mejor el jueves": "Thu 04 Dec 09:00",
        "mañana a las 5, pensándolo bien, en una hora": "Tue 02 Dec 12:00",
        "después de Navidad, mejor mañana": "Wed 03 Dec 09:00",
        "me queda mejor mañana a las 5": "Wed 03 Dec 17:00",
        "mejor el viernes que el sábado": "Fri 05 Dec 09:00",
    },
    "en": {
        "tomorrow at 5, no wait, at 6": "Wed 03 Dec 18:00",
        "tomorrow at 5, I mean 6": "Wed 03 Dec 18:00",
        "friday at 3, I mean saturday": "Sat 06 Dec 15:00",
        "tomorrow at 10, actually make it 4": "Wed 03 Dec 16:00",
        "today at 5... scratch that, tomorrow": "Wed 03 Dec 17:00",
        "the 15th at 3, or rather the 16th": "Tue 16 Dec 15:00",
        "tomorrow at 5, no, thursday": "Thu 04 Dec 17:00",
        "friday at 5, thursday instead": "Thu 04 Dec 17:00",
        "instead of tomorrow, thursday at 3": "Thu 04 Dec 15:00",
        "at 3 pm no wait 4 pm": "Tue 02 Dec 16:00",
        "nov 31, sorry, dec 30 at 4": "Tue 30 Dec 16:00",
        "asap, actually thursday": "Thu 04 Dec 09:00",
        "friday is better than saturday": "Fri 05 Dec 09:00",
    },
}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [(language, *case) for language in LANGUAGES for case in CORRECTED[language].items()],
)
def test_correction_replaces_what_it_names_and_leaves_the_rest(
    language: Language, text: str, expected: str
) -> None:
    assert shown(wish(text, language).instant) == expected


def test_date_that_does_not_exist_is_not_passed_over_for_an_hour() -> None:
    assert parse_wish("el 31 de noviembre, perdón, a las 4", "es", at("2025-12-02 11:00"), HOURS) is None


SPANS = [
    *(
        ("es", text)
        for text in ("dame 20", "denme unos 20 minutos", "20 mins", "en 20", "dame 20 y me llamas")
    ),
    *(("en", text) for text in ("give me 20", "gimme 20", "20 mins", "give me like 20 minutes", "in 20")),
]


@pytest.mark.parametrize(("language", "text"), SPANS)
def test_bare_number_of_a_span_is_minutes(language: Language, text: str) -> None:
    assert shown(wish(text, language).instant) == "Tue 02 Dec 11:20"


LONGER_SPANS = [
    ("es", "deme una hora", "12:00"),
    ("es", "dos horitas", "13:00"),
    ("es", "un par de horitas", "13:00"),
    ("es", "en una hora y cacho", "12:30"),
    ("es", "horita y media", "12:30"),
    ("es", "dame chance de media hora", "11:30"),
    ("en", "give me an hour", "12:00"),
    ("en", "in an hour or so", "12:00"),
    ("en", "give me a couple hours", "13:00"),
    ("en", "in an hour and change", "12:30"),
    ("en", "give me 30 more minutes", "11:30"),
]


@pytest.mark.parametrize(("language", "text", "expected"), LONGER_SPANS)
def test_span_needs_no_preposition(language: Language, text: str, expected: str) -> None:
    assert shown(wish(text, language).instant) == f"Tue 02 Dec {expected}"


BOUNDS = [
    ("es", "pasando Reyes", "Wed 07 Jan 09:00"),
    ("es", "después de Navidad a las 4", "Fri 26 Dec 16:00"),
    ("es", "antes de Navidad", "Tue 02 Dec 11:00"),
    ("es", "un día antes de Navidad", "Wed 24 Dec 09:00"),
    ("es", "el lunes después de Reyes", "Mon 12 Jan 09:00"),
    ("es", "después del viernes", "Sat 06 Dec 10:00"),
    ("es", "pasando el fin de semana", "Mon 08 Dec 09:00"),
    ("es", "después del 15", "Tue 16 Dec 09:00"),
    ("es", "no antes del viernes", "Fri 05 Dec 09:00"),
    ("en", "after christmas at 4", "Fri 26 Dec 16:00"),
    ("en", "before christmas", "Tue 02 Dec 11:00"),
    ("en", "the day before christmas at 3", "Wed 24 Dec 15:00"),
    ("en", "after friday", "Sat 06 Dec 10:00"),
    ("en", "after the weekend", "Mon 08 Dec 09:00"),
    ("en", "before the 15th", "Tue 02 Dec 11:00"),
    ("en", "not before friday", "Fri 05 Dec 09:00"),
    ("en", "after 5 on friday", "Fri 05 Dec 17:00"),
]


@pytest.mark.parametrize(("language", "text", "expected"), BOUNDS)
def test_day_may_be_a_bound(language: Language, text: str, expected: str) -> None:
    found = wish(text, language)
    assert (shown(found.instant), found.asked_open) == (expected, True)


RULED_OUT = [
    ("es", "esta semana no", "Mon 08 Dec 09:00"),
    ("es", "esta semana no, a las 5", "Mon 08 Dec 17:00"),
    ("es", "cualquier día menos hoy", "Wed 03 Dec 09:00"),
    ("es", "hoy no, a las 5", "Wed 03 Dec 17:00"),
    ("es", "la próxima semana menos el lunes", "Tue 09 Dec 09:00"),
    ("es", "cualquier día excepto martes y miércoles a las 4", "Thu 04 Dec 16:00"),
    ("es", "menos los lunes", "Tue 02 Dec 11:00"),
    ("es", "mañana no antes de las 10", "Wed 03 Dec 10:00"),
    ("es", "no antes del mediodía", "Tue 02 Dec 12:00"),
    ("es", "mañana pero no en la mañana", "Wed 03 Dec 12:00"),
    ("es", "hoy en la tarde no puedo, mañana sí", "Wed 03 Dec 09:00"),
    ("en", "not this week", "Mon 08 Dec 09:00"),
    ("en", "any day but today", "Wed 03 Dec 09:00"),
    ("en", "any day but tuesday or wednesday at 3", "Thu 04 Dec 15:00"),
    ("en", "next week but not monday", "Tue 09 Dec 09:00"),
    ("en", "not before noon", "Tue 02 Dec 12:00"),
    ("en", "please don't call me before 11 tomorrow", "Wed 03 Dec 11:00"),
    ("en", "any time but mornings", "Tue 02 Dec 12:00"),
    ("en", "not before 10", "Tue 02 Dec 11:15"),  # it is past ten
]


@pytest.mark.parametrize(("language", "text", "expected"), RULED_OUT)
def test_what_is_ruled_out_is_not_offered(language: Language, text: str, expected: str) -> None:
    found = wish(text, language)
    assert (shown(found.instant), found.asked_open) == (expected, True)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "el domingo no antes de las 12", "Mon 08 Dec 12:00"),
        ("en", "sunday, not before noon", "Mon 08 Dec 12:00"),
        ("es", "el domingo, menos los lunes", "Tue 09 Dec 09:00"),
    ],
)
def test_proposal_for_a_closed_moment_keeps_to_what_was_ruled_out(
    language: Language, text: str, expected: str
) -> None:
    found = wish(text, language)
    assert found.fit == "closed" and shown(found.proposed or 0) == expected


def test_ruling_a_day_out_alone_asks_for_nothing() -> None:
    for language, text in (
        ("es", "mañana no puedo"),
        ("en", "tomorrow is no good"),
        ("es", "hoy no me llegó"),
    ):
        assert parse_wish(text, language, at("2025-12-02 11:00"), HOURS) is None


SAME_HOUR = [
    ("es", "mañana a la misma hora", "Wed 03 Dec"),
    ("es", "de hoy en ocho a esta hora", "Tue 09 Dec"),
    ("en", "same time tomorrow", "Wed 03 Dec"),
    ("en", "this time tomorrow", "Wed 03 Dec"),
    ("en", "a week from today same time", "Tue 09 Dec"),
]


@pytest.mark.parametrize(("language", "text", "day"), SAME_HOUR)
def test_same_hour_is_that_of_now_or_of_what_is_moved(language: Language, text: str, day: str) -> None:
    assert shown(wish(text, language).instant) == f"{day} 11:00"
    moved = parse_wish(text, language, at("2025-12-02 11:00"), HOURS, same_hour_as=at("2025-12-02 16:30"))
    assert moved is not None and shown(moved.instant) == f"{day} 16:30"


def test_same_hour_without_a_day_is_no_time() -> None:
    assert parse_wish("I ordered two at the same time", "en", at("2025-12-02 11:00"), HOURS) is None


SAID_ZONES = [
    ("en", "tomorrow at 4pm pacific", "Wed 03 Dec 18:00"),
    ("en", "5pm El Paso time", "Tue 02 Dec 18:00"),
    ("en", "tomorrow 2pm arizona time", "Wed 03 Dec 15:00"),
    ("en", "tomorrow 2pm texas time", "Wed 03 Dec 14:00"),
    ("es", "mañana a las 5 hora de Tijuana", "Wed 03 Dec 19:00"),
    ("es", "mañana a las 4 hora de ciudad juárez", "Wed 03 Dec 17:00"),
    ("es", "mañana a las 4 hora de Sonora", "Wed 03 Dec 17:00"),
    ("es", "mañana a las 4 hora de Cancún", "Wed 03 Dec 15:00"),
    ("es", "mañana a las 4, hora de Baja California Sur", "Wed 03 Dec 17:00"),
    ("es", "estoy en Tijuana, a las 3 de aquí", "Tue 02 Dec 17:00"),
    ("es", "mañana a las 4 hora de Phoenix", "Wed 03 Dec 17:00"),
    ("es", "vivo en Los Ángeles, mañana a las 10", "Wed 03 Dec 12:00"),
    ("es", "mañana a las 3, ando en Cancún", "Wed 03 Dec 14:00"),
    ("en", "2pm my time, I'm in Los Angeles", "Tue 02 Dec 16:00"),
    ("en", "i'm in LA, 2pm", "Tue 02 Dec 16:00"),
    ("en", "i live in new york, call me tomorrow at noon", "Wed 03 Dec 11:00"),
    ("en", "tomorrow at 2, calling from Tijuana", "Wed 03 Dec 16:00"),
    ("en", "tomorrow 3pm Phoenix", "Wed 03 Dec 16:00"),
]
PLACES_OF_THE_SHOP: list[tuple[Language, str]] = [
    ("es", "mañana a las 5, la tienda de Tijuana"),
    ("es", "compré en la sucursal de Tijuana, mañana a las 5"),
    ("es", "mi pedido llega a Tijuana, mañana a las 5"),
    ("es", "estoy en la tienda, mañana a las 5"),
    ("en", "tomorrow at 5, the Phoenix store"),
    ("en", "i'm at the Phoenix store, tomorrow at 5"),
    ("en", "i bought it in Phoenix, call me tomorrow at 5"),
]


@pytest.mark.parametrize(("language", "text"), PLACES_OF_THE_SHOP)
def test_place_that_is_not_the_customers_tells_no_clock(language: Language, text: str) -> None:
    found = wish(text, language)
    assert (shown(found.instant), found.zone) == ("Wed 03 Dec 17:00", None)


@pytest.mark.parametrize(("language", "text", "expected"), SAID_ZONES)
def test_hour_in_a_zone_that_is_said_is_converted(language: Language, text: str, expected: str) -> None:
    assert shown(wish(text, language).instant) == expected


TIJUANA, JUAREZ, PHOENIX, TEXAS = map(
    ZoneInfo, ("America/Tijuana", "America/Ciudad_Juarez", "America/Phoenix", "America/Chicago")
)
ELSEWHERE = [
    # Mexico gave up daylight saving in 2022; its border keeps that of the United States; Arizona has none.
    (TIJUANA, "mañana a las 3", "2026-03-04 11:00", "Thu 05 Mar 17:00"),
    (TIJUANA, "mañana a las 3", "2026-03-10 11:00", "Wed 11 Mar 16:00"),
    (JUAREZ, "mañana a las 3", "2026-03-04 11:00", "Thu 05 Mar 16:00"),
    (JUAREZ, "mañana a las 3", "2026-03-10 11:00", "Wed 11 Mar 15:00"),
    (TEXAS, "mañana a las 3", "2026-03-10 11:00", "Wed 11 Mar 14:00"),
    (PHOENIX, "mañana a las 3", "2026-03-04 11:00", "Thu 05 Mar 16:00"),
    (PHOENIX, "mañana a las 3", "2026-03-10 11:00", "Wed 11 Mar 16:00"),
    # Across the change itself: said before, meant after it.
    (TIJUANA, "el lunes a las 3", "2026-03-06 11:00", "Mon 09 Mar 16:00"),
]


@pytest.mark.parametrize(("zone", "text", "now", "expected"), ELSEWHERE)
def test_hours_are_those_of_the_customers_clock(zone: ZoneInfo, text: str, now: str, expected: str) -> None:
    found = parse_wish(text, "es", at(now), HOURS, zone)
    assert found is not None and (shown(found.instant), found.depends_on_zone) == (expected, True)


def test_days_are_those_of_the_customers_calendar() -> None:
    found = parse_wish("mañana a las 10", "es", at("2025-12-03 00:30"), HOURS, TIJUANA)
    assert found is not None and shown(found.instant) == "Wed 03 Dec 12:00"


def test_said_zone_goes_before_the_one_that_is_known() -> None:
    found = parse_wish("mañana a las 3 hora del centro", "es", at("2025-12-02 11:00"), HOURS, TIJUANA)
    assert found is not None and shown(found.instant) == "Wed 03 Dec 15:00"


def test_nobody_is_contacted_in_their_early_morning_unless_they_ask_for_it() -> None:
    found = parse_wish("el viernes", "es", at("2025-12-02 11:00"), HOURS, TIJUANA)
    asked = parse_wish("el viernes a las 7 am", "es", at("2025-12-02 11:00"), HOURS, TIJUANA)
    assert found and asked
    assert shown(found.instant) == "Fri 05 Dec 10:00"  # 8:00 in Tijuana
    assert (shown(asked.instant), asked.asked_open) == ("Fri 05 Dec 09:00", True)


def test_delay_does_not_depend_on_the_zone() -> None:
    found = parse_wish("en dos horas", "es", at("2025-12-02 11:00"), HOURS, TIJUANA)
    assert found is not None and (shown(found.instant), found.depends_on_zone) == ("Tue 02 Dec 13:00", False)


def test_more_than_sixty_days_ahead_is_too_far() -> None:
    assert wish("in 60 days", "en").proposed is not None
    assert (wish("in 61 days", "en").fit, wish("in 61 days", "en").proposed) == ("too_far", None)


def test_company_that_never_opens_takes_no_wish() -> None:
    for text in ("asap", "tomorrow at 5", "friday", "this afternoon", "in two hours"):
        assert parse_wish(text, "en", at("2025-12-02 11:00"), NEVER_OPEN) is None


def test_only_the_beginning_of_a_huge_text_is_read_and_fast() -> None:
    parse_wish("mañana", "es", at("2025-12-02 11:00"), HOURS)  # the vocabulary is loaded
    started = process_time()
    assert shown(wish("mañana a las 5 " + "x" * 100_000, "es").instant) == "Wed 03 Dec 17:00"
    assert parse_wish("1 " * 50_000, "es", at("2025-12-02 11:00"), HOURS) is None
    assert parse_wish("a" * 100_000, "en", at("2025-12-02 11:00"), HOURS) is None
    assert process_time() - started < 1


def test_number_at_the_edge_of_what_is_read_is_not_cut_in_two() -> None:
    text = "mañana " + "x" * 185 + " a las 10 pm"
    assert text[:200].endswith("a las 1")
    assert shown(wish(text, "es").instant) == "Wed 03 Dec 09:00"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_pattern_of_the_locale_files_is_valid(language: Language) -> None:
    words = vocabulary(language)
    parts = [phrase for part in words.day_parts for phrase in part.phrases]
    zones = [phrase for phrases in words.zones.values() for phrase in phrases]
    idioms = [phrase for phrase, _ in words.idioms]
    bounds = words.day_bounds
    days = [*words.named_days, *words.month_days, bounds.eve, bounds.before, bounds.after, bounds.not_before]
    against = [*(phrase for phrase, _ in words.negations), *words.all_but, *words.unavailable]
    days += [*against, *words.corrections, *words.same_hour, *words.at_a_place]
    for phrase in [*days, *words.ignored, *words.soonest, *words.explicit_dates, *parts, *zones, *idioms]:
        assert words.pattern(phrase).search("") is None, f"{phrase!r} is found in nothing"


FRAGMENTS = """
    mañana hoy ayer lunes viernes sábado domingo el la las a de en por pasado próxima semana tarde noche 5 12
    31
    24:00 :30 5:30 15/12 99/99 am pm p.m. y media cuarto para antes después horas minutos dos mil no 0 -1 1e9
    tomorrow today next monday at in half past quarter to before after between and noon midnight week month
    dec 30 feb 2025-13-40 00/00 @ : | , . ñ 🙏 th
    perdón mejor digo menos esta misma hora navidad Reyes pasando Tijuana estoy wait actually but not same
    time christmas I'm Phoenix weekend give me dame
"""
TEXTS = st.text(st.characters(), max_size=80) | st.lists(st.sampled_from(FRAGMENTS.split()), max_size=10).map(
    " ".join
)
YEAR_2024, YEAR_2030 = 1_704_067_200, 1_893_456_000
INSTANTS = st.floats(YEAR_2024, YEAR_2030)


ZONES = st.sampled_from([None, TIJUANA, JUAREZ, PHOENIX, TEXAS, ZoneInfo("America/Cancun")])


@given(TEXTS, st.sampled_from(LANGUAGES), INSTANTS, ZONES)
@example("\ud800 mañana", "es", YEAR_2024, None)
@settings(max_examples=400, deadline=None)
def test_any_text_gives_no_wish_or_one_that_can_be_kept(
    text: str, language: Language, now: float, zone: ZoneInfo | None
) -> None:
    found = parse_wish(text, language, now, HOURS, zone)
    if found is not None and found.proposed is None:
        assert found.instant > now + MAX_AHEAD_SECONDS
    elif found is not None and found.proposed is not None:
        assert HOURS.is_open(found.proposed)
        assert found.proposed >= now
        assert found.asked_open == (found.proposed == found.instant)


@given(
    st.sampled_from([("es", text) for text in SPANISH] + [("en", text) for text in ENGLISH]), INSTANTS, ZONES
)
@settings(max_examples=200, deadline=None)
def test_wish_that_is_understood_on_one_day_is_never_an_error_on_another(
    case: tuple[Language, str], now: float, zone: ZoneInfo | None
) -> None:
    found = parse_wish(case[1], case[0], now, HOURS, zone)
    assert found is None or found.proposed is None or HOURS.is_open(found.proposed)


@given(st.sampled_from([*SPANISH, *ENGLISH]), st.sampled_from(LANGUAGES), INSTANTS, ZONES)
@settings(max_examples=200, deadline=None)
def test_moment_that_is_read_back_to_the_customer_is_the_same_moment(
    text: str, language: Language, now: float, zone: ZoneInfo | None
) -> None:
    found = parse_wish(text, language, now, HOURS, zone)
    if found is not None and found.proposed is not None and found.proposed > now + 60:
        told = say_moment_to(found.proposed, language, HOURS, zone)
        again = parse_wish(told, language, now, HOURS, zone)
        assert again is not None and abs(again.instant - found.proposed) < 60, told
