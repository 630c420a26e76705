"""Phone numbers and e-mail addresses in customers' messages."""

from __future__ import annotations

from time import process_time

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relevo.follow_ups.contact import Contact, parse_contact


def contact(text: str) -> Contact:
    found = parse_contact(text)
    assert found is not None, f"no contact in {text!r}"
    return found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("mi cel es 55 1234 5678", "+525512345678"),
        ("mi numero:5512345678.", "+525512345678"),
        ("(55) 1234-5678", "+525512345678"),
        ("55.1234.5678", "+525512345678"),
        ("+52 55 1234 5678", "+525512345678"),
        ("0052 55 1234 5678", "+525512345678"),
        ("044 55 1234 5678", "+525512345678"),
        ("+52 1 55 1234 5678", "+525512345678"),
        ("5215512345678", "+525512345678"),
        ("81 1234 5678, mañana a las 5", "+528112345678"),
        ("210 555 0199", "+12105550199"),
        ("+1 (210) 555-0199", "+12105550199"),
        ("call me at 1-213-373-4253 please", "+12133734253"),
        ("+34 612 345 678", "+34612345678"),
        ("pedido CJ-483920, cel 5512345678", "+525512345678"),
    ],
)
def test_phone_number_is_found_in_what_customers_write(text: str, value: str) -> None:
    assert contact(text) == Contact("phone", value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("write me at ana@example.com", "ana@example.com"),
        ("ana@example.com.", "ana@example.com"),
        ("correo:ana@example.com,gracias", "ana@example.com"),
        ("Ana <ana.lopez+tienda@correo.example.mx>", "ana.lopez+tienda@correo.example.mx"),
        ("ana5512345678@example.com", "ana5512345678@example.com"),
        ("¿ñandú@example.mx?", "ñandú@example.mx"),
    ],
)
def test_email_address_is_found_in_what_customers_write(text: str, value: str) -> None:
    assert contact(text) == Contact("email", value)


@pytest.mark.parametrize(
    "text",
    ["", "hola", "5", "🙏", "CJ-483920", "RV-7K3M-9QXT", "15/12/2025 10:30", "1234567890", "a las 3pm",
     "\x00\x00", "@ana", "a@b", "a@localhost", "ana@", "@example.com", "4111 1111 1111 1111", "$1,500.00"],
)  # fmt: skip
def test_what_is_no_contact_is_not_taken_for_one(text: str) -> None:
    assert parse_contact(text) is None


def test_first_of_two_contacts_is_taken() -> None:
    assert contact("ana@example.com o 5512345678").kind == "email"
    assert contact("5512345678 o ana@example.com").kind == "phone"


def test_number_without_country_code_is_tried_in_the_given_regions_in_order() -> None:
    assert parse_contact("551 234 5678", ("US", "MX")) == Contact("phone", "+15512345678")
    assert parse_contact("551 234 5678", ("MX", "US")) == Contact("phone", "+525512345678")


@pytest.mark.parametrize(
    ("stored", "entry"),
    [
        ("+525512345678", "55 1234 5678"),
        ("+525512345678", "mi cel es +52 55-1234-5678"),
        ("+525512345678", "5215512345678"),
        ("+15512345678", "551 234 5678"),
        ("+12105550199", "1 210 555 0199"),
        ("ana@example.com", "ANA@Example.com"),
        ("Ana@example.com", "es ana@example.com"),
    ],
)
def test_customer_may_write_the_same_contact_in_another_way(stored: str, entry: str) -> None:
    assert Contact.of(stored).matches(entry)


@pytest.mark.parametrize(
    ("stored", "entry"),
    [
        ("+525512345678", "55 1234 5679"),
        ("+525512345678", "12345678"),
        ("+525512345678", "ana@example.com"),
        ("+525512345678", ""),
        ("ana@example.com", "ana@example.com.mx"),
        ("ana@example.com", "5512345678"),
        ("", "5512345678"),
        ("", ""),
        ("x", "x"),
    ],
)
def test_another_contact_does_not_match(stored: str, entry: str) -> None:
    assert not Contact.of(stored).matches(entry)


def test_mask_shows_only_the_end() -> None:
    assert contact("55 1234 5678").mask() == "…5678"
    assert contact("ana@example.com").mask() == "a…@example.com"
    assert Contact.of("").mask() == "…"


def test_contact_is_not_shown_by_repr() -> None:
    assert "5678" not in repr(contact("55 1234 5678"))


def test_huge_text_is_fast_and_a_number_at_its_edge_is_not_cut_in_two() -> None:
    started = process_time()
    cut_off = "x" * 985 + " +49 30 12345678"
    assert parse_contact(cut_off[986:1_000]) is not None
    assert parse_contact(cut_off) is None
    assert contact("5512345678 " + "x" * 100_000).value == "+525512345678"
    for text in ("a@" * 50_000, "5 " * 50_000, "(" * 100_000, "+52 1 " * 20_000):
        parse_contact(text)
    assert process_time() - started < 2


FRAGMENTS = st.sampled_from(
    ["5512345678", "+", "52", "1", "044", "@", "example.com", "ana", ".", " ", "-", "(", ")"]
)
TEXTS = st.text(st.characters(), max_size=60) | st.lists(FRAGMENTS, max_size=12).map("".join)


@given(TEXTS)
@example("\ud800@example.com")
@example("ana@\ud800.com")
@settings(max_examples=300, deadline=None)
def test_any_text_gives_no_contact_or_a_valid_one_that_matches_itself(text: str) -> None:
    found = parse_contact(text)
    if found is None:
        return
    assert found.matches(found.value)
    assert Contact.of(found.value) == found
    if found.kind == "phone":
        assert phonenumbers.is_valid_number(phonenumbers.parse(found.value))
    else:
        assert found.value.count("@") >= 1
