"""Folios and order numbers, as customers type them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.cases.folio import ALPHABET, find_folio, new_folio
from relevo.nlu.order_number import order_numbers, order_told

CODES = st.text(ALPHABET, min_size=8, max_size=8)
SEPARATORS = st.sampled_from(["-", " ", "", " - ", "--"])
AROUND = st.sampled_from(["", " ", "\n", ", ", ". ", "¿", "(", '"', "#", "🙏"])


def test_new_folio_is_easy_to_read_aloud() -> None:
    folios = [new_folio() for _ in range(300)]
    assert all(re.fullmatch(r"RV-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", folio) for folio in folios)


def test_new_folios_differ() -> None:
    assert len({new_folio() for _ in range(2_000)}) == 2_000


def test_every_character_of_the_alphabet_is_used() -> None:
    assert set("".join(new_folio()[3:] for _ in range(500))) == {*ALPHABET, "-"}


@given(CODES, SEPARATORS, SEPARATORS, AROUND, AROUND, st.sampled_from([str.upper, str.lower, str.title]))
def test_folio_is_found_however_it_is_typed(
    code: str, first: str, second: str, before: str, after: str, case: Callable[[str], str]
) -> None:
    typed = case(f"RV{first}{code[:4]}{second}{code[4:]}")
    assert find_folio(f"{before}{typed}{after}") == f"RV-{code[:4]}-{code[4:]}"


def test_folio_is_found_in_a_sentence() -> None:
    assert find_folio("hola, mi folio es rv 7k3m-9qxt, ¿cómo va?") == "RV-7K3M-9QXT"


def test_letters_that_are_mistaken_for_digits_are_set_right() -> None:
    assert find_folio("RV-OIL0-U1ab") == "RV-0110-V1AB"


def test_first_of_several_folios_counts() -> None:
    assert find_folio("RV-1111-1111 o RV-2222-2222") == "RV-1111-1111"


@pytest.mark.parametrize(
    "text",
    [
        *("", "RV", "RV-7K3M", "RV-7K3M-9QX", "RV-7K3M-9QXTZ", "XRV-7K3M-9QXT", "7K3M-9QXT", "CJ-483920"),
        *("RV-7K3Ñ-9QXT", "RV_7K3M_9QXT", "rv 7k3 m9qxt", "servicio 12345678", "curva 12345678"),
    ],
)
def test_what_is_no_whole_folio_is_not_taken_for_one(text: str) -> None:
    assert find_folio(text) is None


@given(st.text())
def test_any_text_holds_no_folio_or_one_in_its_exact_form(text: str) -> None:
    found = find_folio(text)
    assert found is None or find_folio(found) == found


@pytest.mark.parametrize(
    "text",
    [
        *("CJ-483920", "cj483920", "Cj 483920", "cj - 483920", "mi pedido es el 483920.", "#483920"),
        *("pedido:483920,ya pasaron 15 dias", "(CJ-483920)", "CJ-483920 y CJ-111111"),
    ],
)
def test_order_number_is_found_however_it_is_typed(text: str) -> None:
    assert next(order_numbers(text))[0] == "CJ-483920"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "CJ",
        "CJ-48392",
        "CJ-4839201",
        "48392",
        "5512345678",
        "+525512",
        "RV-123456",
        "123456-78",
        "a123456",
    ],
)
def test_what_is_no_order_number_is_not_taken_for_one(text: str) -> None:
    assert not [*order_numbers(text)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("CJ-734499, perdón, CJ-734949", "CJ-734949"),
        ("84120, no, es CJ-483920", "CJ-483920"),
        ("84120", "84120"),
        ("#4471", "4471"),
        ("si 49981", "49981"),
        ("The order is number 60931.", "60931"),
        ("mi pedido: ORD-7731", "ORD-7731"),
        ("la entrega del pedido 57743 se reprogramó", "57743"),
    ],
)
def test_number_that_a_customer_gives_is_read_whatever_its_form(text: str, told: str) -> None:
    assert order_told(text) == told


@pytest.mark.parametrize(
    "text",
    [
        *("no", "pagué 4500", "un pedido de 4500 pesos", "orden de $4500", "me cobraron 4500 del pedido"),
        *("5512345678", "pedido 5512 34567", "whatsapp 3315550177", "RV-7K3M-9QXT", "CJ-48392", "4,500"),
        *("el pedido que hice en 2024", "compré 3 sillas en la orden 12", "order 12345-6"),
    ],
)
def test_amounts_phones_years_and_our_own_mistyped_are_no_number_of_an_order(text: str) -> None:
    assert order_told(text) is None


@given(st.text())
def test_any_text_is_looked_through_for_a_number(text: str) -> None:
    told = order_told(text)
    assert told is None or order_told(told) == told
