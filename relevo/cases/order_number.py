"""Order numbers of the company's shop, as customers type them."""

from __future__ import annotations

import re

_ORDER_NUMBER = re.compile(r"\bCJ[\s-]*(\d{6})\b|(?<![\w+-])(\d{6})(?![\w-])", re.IGNORECASE)


def find_order_number(text: str) -> str | None:
    """The first order number in a text in its exact form; None if there is none.

    Example:
        >>> find_order_number("mi pedido es el cj 483920")
        'CJ-483920'
    """
    match = _ORDER_NUMBER.search(text)
    return f"CJ-{match.group(1) or match.group(2)}" if match else None
