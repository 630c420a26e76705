"""Order numbers of the company's shop, as customers type them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from relevo.nlu.text import MAX_CHARACTERS

_NAME = r"(?:order|pedido|orden|compra|ticket)"
_FILLER = (
    rf"(?:{_NAME}|number|no|num|nro|n[uú]mero|it|s|its|is|was|es|era|the|el|my|mi|de|of"
    r"|s[ií]|yes|yep|ok|okay|sure|claro|creo|que|i|think)\b[\W_]*"
)
_MONEY = r"\s*(?:pesos|mx|mxn|usd|d[oó]l|dollar|buck)"
_OTHER_NUMBER = re.compile(
    # After its name, or alone but for small words: "order no. 84120", «sí, es el 51904».
    rf"(?:\b{_NAME}\b[\W_]*(?:{_FILLER})*|^[\W_]*(?:{_FILLER})*(?=\S+\W*$))"
    # None of ours mistyped, no part of a phone number, no «pedido de 4500 pesos».
    rf"(?<![\w@.+$-])((?!CJ)[A-Z]{{0,4}}-?\d{{4,9}})(?![\w@-]|[\s.-]*\d|{_MONEY})",
    re.IGNORECASE,
)
_ORDER_NUMBER = re.compile(r"\bCJ[\s-]*(\d{6})\b|(?<![\w+-])(\d{6})(?![\w-])", re.IGNORECASE)


def order_told(text: str) -> str | None:
    """The order number that a customer gives: the last one of ours, as who corrects themselves names the
    right one last; else what they take for one, which people can make sense of.

    Example:
        >>> [order_told(text) for text in ("CJ-734499, no, CJ-734949", "pedido no. 84120", "pagué 4500")]
        ['CJ-734949', '84120', None]
    """
    ours = [number for number, _, _ in order_numbers(text)]
    if ours:
        return ours[-1]
    other = _OTHER_NUMBER.search(text[:MAX_CHARACTERS])
    return other[1] if other else None


def order_numbers(text: str) -> Iterator[tuple[str, int, int]]:
    """All order numbers of a text in their exact form, each with where it starts and ends in the text."""
    for match in _ORDER_NUMBER.finditer(text):
        yield f"CJ-{match[1] or match[2]}", *match.span()
