"""Amounts of money in a message, in digits: "$1,299", "45 dólares", "MXN 500", "2 mil pesos", "20 bucks"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from relevo.nlu.spans import PlainText, Span

AMOUNT = "amount"

_CURRENCIES = {
    "MXN": r"pes(?:it)?os?(?: mexicanos?)?|mexican pesos?|mx[np]|mx|m\.n\.|[vb]aros?",
    "USD": r"usd|(?:us|american) dollars?|dol+ars?|dolares(?: americanos)?|dolar|dl+[rs]?s?|bucks?",
    "EUR": r"euros?|eur|€",
}
_SIGNS = {"MXN": r"mx ?\$|mx[np] ?\$?", "USD": r"u\.?s\.? ?\$|usd ?\$?", "EUR": r"€|eur ?€?"}
# Mexico and the United States write 1,299.50; 1.299,50 comes from elsewhere. Cents have one or two digits.
_NUMBER = r"\d{1,3}(?:,\d{3}){1,3}(?:\.\d{1,2})?|\d{1,3}(?:\.\d{3}){1,3}(?:,\d{1,2})?|\d{1,9}(?:[.,]\d{1,2})?"
_TIMES = r"(?P<thousands> ?(?:mil|thousand|grand|k)\b(?: (?P<rest>\d{3})(?!\d|[.,]\d))?)?"
_AMOUNT = re.compile(
    rf"(?<![a-z0-9])(?<!\d[.,])(?:(?P<sign>{'|'.join(_SIGNS.values())}|\$) ?)?"
    rf"(?P<number>{_NUMBER})(?!\d|[.,]\d){_TIMES}"
    rf"(?:(?P<dollar> ?\$(?! ?\d))|\.? ?(?P<currency>{'|'.join(_CURRENCIES.values())})(?![a-z0-9]))?",
    re.ASCII,
)
_NAMES = {currency: re.compile(f"{_SIGNS[currency]}|{_CURRENCIES[currency]}") for currency in _CURRENCIES}
_CENTS = re.compile(r"[.,](\d{1,2})$")
THOUSAND = 1_000


def find_amounts(plain: PlainText) -> Iterator[Span]:
    """Numbers with a sign or name of money; the currency is in the value where it was said.

    Example:
        >>> [span.value for span in find_amounts(PlainText.of("pagué $1,299 y me cobraron 45 dólares"))]
        ['1299.00', '45.00 USD']
    """
    for match in _AMOUNT.finditer(plain.text):
        if match["sign"] or match["dollar"] or match["currency"]:
            yield Span(AMOUNT, _value(match), *plain.typed_as(*match.span()))


def _value(match: re.Match[str]) -> str:
    cents = _CENTS.search(match["number"])
    whole = re.sub(r"\D", "", match["number"][: cents.start()] if cents else match["number"])
    amount = Decimal(f"{whole}.{cents[1] if cents else 0}")
    if match["thousands"]:
        amount = amount * THOUSAND + int(match["rest"] or 0)
    currency = _currency(match["currency"]) or _currency(match["sign"])
    return f"{amount:.2f} {currency}" if currency else f"{amount:.2f}"


def _currency(name: str | None) -> str | None:
    """The currency's code; None for the plain sign, which both countries use."""
    return next((code for code, names in _NAMES.items() if name and names.fullmatch(name)), None)
