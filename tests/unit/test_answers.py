"""What answers the question of a form, what tells a story, and what is asked for by its name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.dialogue.answers import WANTED, is_answer, is_missing, is_question, is_searching, is_unanswered
from relevo.dialogue.elliptical import only_names
from relevo.dialogue.outright import asked_outright
from relevo.dialogue.telling import tells_story


@pytest.mark.parametrize(
    "text",
    [
        "I dont have the order number with me",
        "no order number, i didn't buy anything",
        "it was a gift",
        "I lost my receipt, sorry",
        "none",
        "no tengo el número a la mano",
        "no lo tengo aquí",
        "se me perdió",
        "perdí el ticket",
        "ninguno",
        "todavía no compro",
        "me lo regalaron en navidad",
    ],
)
def test_customer_may_have_none(text: str) -> None:
    assert is_missing(text)
    assert is_answer("complaint_order", text, ())
    assert not is_answer("complaint_contact", text, ())


@pytest.mark.parametrize(
    "text",
    [
        "CJ-483920",
        "he also left the box out in the rain",
        "además dejó la caja en la lluvia",
        "the driver laughed at us and told my neighbour in the street that we do not have the money for it",
    ],
)
def test_story_is_no_word_that_there_is_none(text: str) -> None:
    assert not is_missing(text)


@pytest.mark.parametrize(
    "text",
    ["let me look for it", "hold on", "no tengo el folio aquí, ahorita lo busco", "un segundo por favor"],
)
def test_customer_may_need_a_moment(text: str) -> None:
    assert is_searching(text)
    assert all(is_answer(question, text, ()) for question in WANTED)


@pytest.mark.parametrize("text", ["I looked everywhere", "busco una lámpara", "CJ-483920"])
def test_nobody_waits_for_who_does_not_ask(text: str) -> None:
    assert not is_searching(text)


@pytest.mark.parametrize(
    ("question", "text", "kinds", "fits"),
    [
        ("complaint_order", "you can reach me at tom@example.com", {"email"}, True),
        ("case_folio", "its 832 555 0190", {"phone"}, True),
        ("case_folio", "CJ-483920", {"order_number"}, False),
        ("follow_up_contact", "phone call", (), True),
        ("follow_up_method", "por whats está bien", (), True),
        ("follow_up_contact", "what's your phone number?", (), False),
        ("follow_up_method", "mañana a las 5", {"date"}, True),
        ("complaint_description", "CJ-483920", {"order_number"}, False),
        ("complaint_order", "phone call", (), False),
        ("complaint_order", "order #27714", (), True),
    ],
)
def test_what_fits_the_question_is_an_answer(question: str, text: str, kinds: set[str], fits: bool) -> None:
    assert is_answer(question, text, kinds) is fits


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("hey i wanna leave a formal complaint about someone in ur san pedro store", False),
        (
            "buenas tardes, quisiera levantar una queja formal sobre un vendedor de su tienda de monterrey",
            False,
        ),
        ("what time do you close? also I want to file a complaint", False),
        ("I want to complain: the wardrobe came with the wrong doors and two screws were missing", True),
        ("¿a qué hora cierran? y quiero poner una queja por el sillón, llegó con el asiento roto", True),
        ("", False),
    ],
)
def test_announcement_is_no_story(text: str, is_told: bool) -> None:
    assert tells_story(text) is is_told


@pytest.mark.parametrize(
    ("text", "kinds", "topic"),
    [
        ("open today? also I want to file a complaint", (), "complaint"),
        ("¿abren hoy? y además quiero poner una queja", (), "complaint"),
        ("no quiero poner una queja, solo pregunto si abren hoy", (), None),
        ("I don't want to file a complaint yet", (), None),
        ("que me llamen mañana", {"date"}, "schedule_follow_up"),
        ("que me llamen", (), None),
        ("they didn't call me yesterday", {"date"}, None),
        ("where is my order", (), None),
    ],
)
def test_complaint_or_contact_is_asked_for_by_its_name(text: str, kinds: set[str], topic: str | None) -> None:
    assert asked_outright(text, kinds) == topic


@pytest.mark.parametrize(
    "text",
    [
        "that doesn't answer my question",
        "you're not understanding me",
        "eso no responde mi pregunta",
        "ya te pregunté eso",
        "no me estás entendiendo",
        "that still isn't an answer",
        "you keep telling me the same thing",
        "me repites lo mismo, mi pregunta sigue sin respuesta",
        "no es lo que te estoy preguntando",
    ],
)
def test_customer_says_that_the_answer_was_none(text: str) -> None:
    assert is_unanswered(text)


@pytest.mark.parametrize(
    "text",
    [
        "can you answer my question about refunds?",
        "nadie me contesta el teléfono",
        "is there an answer to my complaint?",
        "ya me dijiste que no, gracias",
        "same delivery window as last time?",
    ],
)
def test_question_about_answers_is_no_reproach(text: str) -> None:
    assert not is_unanswered(text)


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("and the fireplace screen?", True),
        ("¿y la chimenea eléctrica?", True),
        ("what about the gas grill?", True),
        ("¿y el detector de humo?", True),
        ("and the smoke detector?", True),
        ("¿y el humo negro?", False),
        ("and the smell of gas?", False),
        ("¿y la quemadura en mi mano?", False),
        ("and the heater is smoking?", False),
        ("¿y si la chimenea echa chispas?", False),
        ("y me dio toques la chimenea", False),
        ("the fireplace screen", False),
        ("y", False),
        ("", False),
    ],
)
def test_thing_that_is_only_named_is_no_incident(text: str, is_named: bool) -> None:
    assert only_names(text) is is_named


def test_question_is_known_by_its_end_or_by_its_first_word() -> None:
    assert is_question("abren hoy?")
    assert is_question("cuándo abren")
    assert not is_question("llegó roto")


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    is_answer("complaint_order", text, ())
    only_names(text)
    tells_story(text)
    asked_outright(text, ("date",))
    is_unanswered(text)
