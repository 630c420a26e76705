"""Order numbers of the company's shop, as customers type them."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ORDER_NUMBER = re.compile(r"\bCJ[\s-]*(\d{6})\b|(?<![\w+-])(\d{6})(?![\w-])", re.IGNORECASE)


def find_order_number(text: str) -> str | None:
    """The first order number in a text in its exact form; None if there is none.

    Example:
        >>> find_order_number("mi pedido es el cj 483920")
        'CJ-483920'
    """
    return next((number for number, _, _ in order_numbers(text)), None)


def corrected_order_number(text: str) -> str | None:
    """The last order number in a text: who corrects themselves names the right one last.

    Example:
        >>> corrected_order_number("CJ-734499, perdón, CJ-734949")
        'CJ-734949'
    """
    return next((number for number, _, _ in reversed([*order_numbers(text)])), None)


def order_numbers(text: str) -> Iterator[tuple[str, int, int]]:
    """All order numbers of a text in their exact form, each with where it starts and ends in the text."""
    for match in _ORDER_NUMBER.finditer(text):
        yield f"CJ-{match[1] or match[2]}", *match.span()
