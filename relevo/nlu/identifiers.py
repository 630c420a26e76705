"""What is known by its form, in every language alike: order numbers, folios, e-mail addresses, phones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from relevo.cases.folio import folios
from relevo.follow_ups.contact import phones
from relevo.nlu.order_number import order_numbers
from relevo.nlu.spans import Span

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_DIGIT = re.compile(r"\d")
FEWEST_PHONE_DIGITS = 7


def find_identifiers(text: str, regions: Sequence[str]) -> Iterator[Span]:
    """All of them; national phone numbers are read as one of `regions`, the first one preferred.

    Example:
        >>> [span.value for span in find_identifiers("pedido cj 483920, cel 55 1234 5678", ["MX", "US"])]
        ['CJ-483920', '+525512345678']
    """
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield Span("email", match[0], *match.span())
    digits = len(_DIGIT.findall(text))
    for value, start, end in folios(text):
        yield Span("folio", value, start, end)
    for value, start, end in order_numbers(text) if digits else ():
        yield Span("order_number", value, start, end)
    for value, start, end in phones(text, regions) if digits >= FEWEST_PHONE_DIGITS else ():
        yield Span("phone", value, start, end)
