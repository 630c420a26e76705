"""Amounts of money, as customers in Mexico and the United States type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.nlu.amounts import find_amounts
from relevo.nlu.spans import PlainText


def found(text: str) -> list[tuple[str, str]]:
    """Each amount as typed, with its value."""
    return [(text[span.start : span.end], span.value) for span in find_amounts(PlainText.of(text))]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        *(("$1,299", "1299.00"), ("$1,299.50", "1299.50"), ("$ 99", "99.00"), ("500$", "500.00")),
        *(("1299 pesos", "1299.00 MXN"), ("MXN 500", "500.00 MXN"), ("mxn$1,000", "1000.00 MXN")),
        *(("1,500 varos", "1500.00 MXN"), ("$500.00 M.N.", "500.00 MXN"), ("MX$20", "20.00 MXN")),
        *(("45 dólares", "45.00 USD"), ("usd 20", "20.00 USD"), ("US$45.5", "45.50 USD")),
        *(("20 bucks", "20.00 USD"), ("212.40 dlls", "212.40 USD"), ("$89.50 USD", "89.50 USD")),
        *(("2 mil pesos", "2000.00 MXN"), ("2 mil 500 pesos", "2500.00 MXN"), ("$5k", "5000.00")),
        *(("$1.299,50", "1299.50"), ("$1.299", "1299.00"), ("12,5 pesos", "12.50 MXN"), ("€20", "20.00 EUR")),
    ],
)
def test_amount_has_its_number_and_the_currency_that_was_said(typed: str, value: str) -> None:
    assert found(typed) == [(typed, value)]
    assert found(f"me cobraron {typed}, ¿por qué?") == [(typed, value)]


def test_all_amounts_of_a_message_are_found() -> None:
    assert found("price tag said $21,999 and my statement says 24,999 pesos") == [
        ("$21,999", "21999.00"),
        ("24,999 pesos", "24999.00 MXN"),
    ]


@pytest.mark.parametrize(
    "text", ["", "$$$", "50%", "5 kg", "3 meses", "2 sillas", "500 mexicanos", "CJ-483920", "¿cuánto pesa?"]
)
def test_numbers_of_other_things_are_no_amounts(text: str) -> None:
    assert found(text) == []


@given(st.integers(0, 999_999_999), st.sampled_from(["{:,} pesos", "{} pesos", "MXN {:,}", "$ {:,} mxn"]))
def test_any_number_of_pesos_is_read(number: int, form: str) -> None:
    typed = form.format(number)
    assert found(typed) == [(typed, f"{number}.00 MXN")]
