"""What a message means after what was said before it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.dialogue.context import (
    FOLLOW_UPS_IN_A_ROW,
    Before,
    Knowledge,
    Message,
    Reading,
    Span,
    bare_kind,
    last_request,
    read,
    second_request,
)
from relevo.dialogue.elliptical import addition
from relevo.dialogue.heard import Heard

KNOWLEDGE = Knowledge(
    handed_over=frozenset({"self_harm"}),
    asks_for={"cancel_order": ["order_number"], "payment_issue": ["date", "amount"]},
)
HOURS = Before(topic="opening_hours")
ANSWERED = frozenset({"opening_hours", "cancel_order"})
SMALL_TALK = frozenset({"greet", "thank", "affirm", "out_of_scope"})


def reading(
    text: str, topic: str = "nlu_fallback", confidence: float = 0.3, before: Before = HOURS, *spans: Span
) -> Reading | None:
    return read(Message(text, topic, confidence, spans), before, KNOWLEDGE)


def marked(text: str) -> tuple[str, list[Span]]:
    """A text without its marks, and the entities that were marked as in «[CJ-483920](order_number)»."""
    spans: list[Span] = []
    while "](" in text:
        start, middle, end = text.index("["), text.index("]("), text.index(")", text.index("]("))
        spans.append(Span(text[middle + 2 : end], start, middle - 1))
        text = text[:start] + text[start + 1 : middle] + text[end + 1 :]
    return text, spans


def heard(topic: str, **values: object) -> Heard:
    return Heard(**{"topic": topic, "confidence": 0.9, "tone": "calm", "in_form": False, **values})  # type: ignore[arg-type]


# --- sentences without their beginning ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("and in Monterrey?", "circumstance"),
        ("¿y en Monterrey?", "circumstance"),
        ("what about Sundays?", "circumstance"),
        ("on Sundays?", "circumstance"),
        ("los domingos también?", "circumstance"),
        ("y para la otra tienda?", "circumstance"),
        ("and if I pay with PayPal?", "condition"),
        ("what if I lost the ticket", "condition"),
        ("¿y qué pasa si ya lo abrí?", "condition"),
        ("¿y si quiero cancelar?", "thing"),
        ("and when will it arrive?", "thing"),
        ("¿y a qué hora abren?", "thing"),
        ("and my refund?", "thing"),
        ("¿y mi reembolso?", "thing"),
        ("and", None),
        ("¿y?", None),
        ("y por qué?", None),
        ("what?", None),
        ("in Monterrey", None),
        ("¿a qué hora abren?", None),
        ("where is my order?", None),
        ("and my sister in law says that she ordered hers the same day and got it", None),
        ("", None),
    ],
)
def test_addition_is_known_by_its_form(text: str, kind: str | None) -> None:
    assert addition(text) == kind


# --- follow-ups --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "topic", "confidence"),
    [
        ("and in Monterrey?", "nlu_fallback", 0.6),
        ("¿y en Monterrey?", "store_location", 0.87),
        ("what about Sundays?", "opening_hours", 0.9),
        ("y los sábados?", "out_of_scope", 0.5),
        ("and if I pay with PayPal?", "check_payment_methods", 0.999),
        ("¿y la otra?", "deny", 0.4),
    ],
)
def test_follow_up_asks_for_the_last_topic_again(text: str, topic: str, confidence: float) -> None:
    assert reading(text, topic, confidence) == Reading("opening_hours", "follow_up")


@pytest.mark.parametrize(
    ("text", "topic", "confidence"),
    [
        ("and my refund?", "track_refund", 0.9),
        ("¿y dónde están en Puebla?", "store_location", 0.99),
        ("y gracias", "thank", 0.95),
        ("and if I just kill myself?", "self_harm", 0.3),
        ("where is my order?", "nlu_fallback", 0.6),
    ],
)
def test_message_that_is_clear_by_itself_is_left_as_it_is(text: str, topic: str, confidence: float) -> None:
    assert reading(text, topic, confidence) is None


def test_follow_up_of_nothing_is_nothing() -> None:
    assert reading("and in Monterrey?", before=Before()) is None


def test_same_answer_is_not_given_for_ever() -> None:
    for follow_ups in range(FOLLOW_UPS_IN_A_ROW):
        assert reading("¿y en Puebla?", before=Before("opening_hours", follow_ups=follow_ups))
    assert reading("¿y en Puebla?", before=Before("opening_hours", follow_ups=FOLLOW_UPS_IN_A_ROW)) is None


# --- offers ------------------------------------------------------------------------------------------------


def test_yes_accepts_what_was_offered() -> None:
    offered = Before("cancel_order", offered="get_refund")
    assert reading("sí, por favor", "affirm", 0.4, offered) == Reading("get_refund", "accepted")
    assert reading("no", "deny", 0.9, offered) is None
    assert reading("¿a qué hora abren?", "opening_hours", 0.9, offered) is None
    assert reading("sí", "affirm", 0.9, Before("cancel_order")) is None


@pytest.mark.parametrize(
    "answer", ["[55 1234 5678](phone)", "[mañana a las 5](date)", "a [a@b.mx](email) porfa"]
)
def test_answer_to_an_offered_follow_up_accepts_it(answer: str) -> None:
    text, spans = marked(answer)
    offered = Before(offered="schedule_follow_up")
    assert reading(text, "nlu_fallback", 0.4, offered, *spans) == Reading("schedule_follow_up", "accepted")


# --- bare answers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[CJ-483920](order_number)", "order_number"),
        ("mi pedido es el [CJ-483920](order_number), gracias", "order_number"),
        ("Sure, it's [CJ-483920](order_number)", "order_number"),
        ("[RV-7K3M-9QXT](folio) [ana@b.mx](email)", "folio"),
        ("my e-mail is [ana@b.mx](email)", "email"),
        ("[55 1234 5678](phone) 📱", "phone"),
        ("where is [CJ-483920](order_number)?", None),
        ("cancela el [CJ-483920](order_number)", None),
        ("[CJ-483920](order_number) llegó roto", None),
        ("un [sofá](product)", None),
        ("hola", None),
        ("", None),
    ],
)
def test_answer_is_bare_if_hardly_a_word_stands_around_it(text: str, kind: str | None) -> None:
    assert bare_kind(*marked(text)) == kind


@pytest.mark.parametrize(
    ("answer", "before", "topic"),
    [
        ("[CJ-483920](order_number)", Before("cancel_order"), "bare_answer"),
        ("[CJ-483920](order_number)", Before(), "bare_answer"),
        ("[RV-7K3M-9QXT](folio)", Before("cancel_order"), "check_case"),
        ("[55 1234 5678](phone)", Before("cancel_order"), "bare_answer"),
        ("[$1,299](amount)", Before("payment_issue"), "bare_answer"),
        ("[$1,299](amount)", Before("cancel_order"), None),
    ],
)
def test_bare_answer_is_no_misunderstanding(answer: str, before: Before, topic: str | None) -> None:
    text, spans = marked(answer)
    found = reading(text, "nlu_fallback", 0.7, before, *spans)
    assert (found.topic if found else None) == topic


def test_day_that_is_understood_as_a_wish_for_contact_is_one() -> None:
    text, spans = marked("[mañana a las 5](date)")
    assert reading(text, "schedule_follow_up", 0.9, Before(), *spans) is None


@pytest.mark.parametrize("contact", ["[55 1234 5678](phone)", "[ana@b.mx](email)"])
def test_contact_alone_is_no_wish_to_be_called_whatever_it_sounds_like(contact: str) -> None:
    text, spans = marked(contact)
    assert reading(text, "schedule_follow_up", 0.9, Before(), *spans) == Reading("bare_answer", "bare_answer")
    assert reading(text, "nlu_fallback", 0.9, Before(), *spans) == Reading("bare_answer", "bare_answer")


def test_day_with_a_question_mark_is_a_follow_up() -> None:
    text, spans = marked("¿[el domingo](date)?")
    assert reading(text, "nlu_fallback", 0.4, HOURS, *spans) == Reading("opening_hours", "follow_up")


@given(st.text(), st.integers(0, 5), st.integers(0, 5))
def test_any_message_can_be_read(text: str, start: int, end: int) -> None:
    reading(text, "nlu_fallback", 0.3, HOURS, Span("order_number", start, start + end))


# --- what was said before ----------------------------------------------------------------------------------


def test_last_request_is_remembered_over_small_talk_and_bare_answers() -> None:
    said = [heard("cancel_order"), heard("thank"), heard("bare_answer", reading="bare_answer")]
    assert last_request(said, ANSWERED, SMALL_TALK) == ("cancel_order", 0)


def test_follow_ups_in_a_row_are_counted() -> None:
    again = heard("opening_hours", reading="follow_up")
    assert last_request([heard("opening_hours"), again], ANSWERED, SMALL_TALK) == ("opening_hours", 1)
    assert last_request([heard("opening_hours"), again, again], ANSWERED, SMALL_TALK) == ("opening_hours", 2)
    assert last_request([again, heard("opening_hours")], ANSWERED, SMALL_TALK) == ("opening_hours", 0)


@pytest.mark.parametrize("topic", ["nlu_fallback", "out_of_scope", "complaint"])
def test_nothing_is_gone_on_from_over_something_else(topic: str) -> None:
    assert last_request([heard("opening_hours"), heard(topic)], ANSWERED, SMALL_TALK) == (None, 0)


def test_nothing_is_gone_on_from_after_a_form_or_at_the_beginning() -> None:
    assert last_request([heard("opening_hours", in_form=True)], ANSWERED, SMALL_TALK) == (None, 0)
    assert last_request([], ANSWERED, SMALL_TALK) == (None, 0)


def test_second_request_waits_while_a_form_is_filled() -> None:
    asked = heard("complaint", also_asked="track_refund")
    assert second_request([asked]) == "track_refund"
    assert second_request([asked, heard("nlu_fallback", in_form=True)]) == "track_refund"
    assert second_request([asked, heard("opening_hours")]) is None
    assert second_request([]) is None
