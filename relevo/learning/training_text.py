"""A customer's message as a line of training data: one line, and nothing in it that leads to a person.

What has a form (e-mail addresses, phone and card numbers, order numbers, folios, tax numbers) is exchanged
for something invented of the same form, always the same one. Names and addresses in free words are not found:
who reads the suggestion must see to them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from itertools import cycle
from operator import itemgetter

from relevo.cases.folio import PREFIX, folios
from relevo.follow_ups.contact import phones
from relevo.nlu.order_number import order_numbers

MAX_CHARACTERS = 1_000
"""As many as are looked at when a message is understood."""

EMAIL = "ana.ruiz@example.com"
FOLIO_CODE = "4K7M9QXT"
ORDER_DIGITS = "482915"
MEXICAN_PHONE = "5555550142"
US_PHONE = "2135550142"
TAX_NUMBER = "XAXX010101000"
"""The one that invoices to the general public bear."""
PERSONAL_CODE = "XEXX010101MNEXXXA8"

_EMAIL = re.compile(r"[^\s<>,;:()\[\]\"'¿?¡!@]{1,64}@[^\s<>,;:()\[\]\"'¿?¡!@]{1,253}")
_LONG_NUMBER = re.compile(r"\d{7,}|\d(?:[^\w,;:/¿?¡!]{0,3}\d){8,}")
"""Phones however they are dialled, cards, bank accounts, tickets: digits with little between them."""
_PERSONAL_CODE = re.compile(r"\b[A-Z]{4}\d{6}[A-Z]{6}[A-Z\d]\d\b", re.IGNORECASE)
_TAX_NUMBER = re.compile(r"\b[A-ZÑ&]{3,4}[ -]?\d{6}[ -]?[A-Z\d]{3}\b", re.IGNORECASE)
_DIALLED_BEFORE = ("", "1", "001", "52", "521", "0052", "00521", "044", "045", "01")
_NATIONAL_DIGITS = 10
_INVISIBLE = ("Cc", "Cf", "Cs")
_JOINER = "\u200d"
"""Holds the parts of an emoji together."""
_NO_CHARACTERS = "\ufffe\uffff"


def training_text(text: str) -> str:
    """The text as one line, without personal data that has a form; empty if there is nothing to read.

    Example:
        >>> training_text("mi pedido cj 123456\\nno llega")
        'mi pedido cj 482915 no llega'
    """
    plain = _EMAIL.sub(EMAIL, _one_line(text))
    plain = _exchanged(plain, folios(plain), lambda raw, _: _filled(raw, PREFIX + FOLIO_CODE, str.isalnum))
    plain = _exchanged(plain, phones(plain), _invented_phone)
    plain = _LONG_NUMBER.sub(lambda found: _invented_number(found[0]), plain)
    plain = _exchanged(plain, order_numbers(plain), lambda raw, _: _filled(raw, ORDER_DIGITS, str.isdigit))
    plain = _TAX_NUMBER.sub(TAX_NUMBER, _PERSONAL_CODE.sub(PERSONAL_CODE, plain))
    return plain[:MAX_CHARACTERS].strip()


def _one_line(text: str) -> str:
    seen = (
        character
        for character in " ".join(text.split())
        if character == _JOINER
        or (unicodedata.category(character) not in _INVISIBLE and character not in _NO_CHARACTERS)
    )
    # What begins with a slash is a button to the bot, never typed words.
    return " ".join("".join(seen).split()).lstrip("/ ")


def _exchanged(text: str, found: Iterable[tuple[str, int, int]], invented: Callable[[str, str], str]) -> str:
    """The text with each found piece, given as value, start and end, exchanged for an invented one."""
    for value, start, end in sorted(found, key=itemgetter(1), reverse=True):
        text = text[:start] + invented(text[start:end], value) + text[end:]
    return text


def _invented_phone(raw: str, value: str) -> str:
    return _invented_number(raw, US_PHONE if value.startswith("+1") else MEXICAN_PHONE)


def _invented_number(raw: str, national: str = MEXICAN_PHONE) -> str:
    """Other digits in the same places; what is dialled before the ten digits of a phone stays."""
    digits = "".join(filter(str.isdigit, raw))
    before, rest = digits[:-_NATIONAL_DIGITS], digits[-_NATIONAL_DIGITS:]
    if before not in _DIALLED_BEFORE:
        return _filled(raw, MEXICAN_PHONE, str.isdigit)
    if rest in (MEXICAN_PHONE, US_PHONE):
        return raw
    return _filled(raw, before + national, str.isdigit)


def _filled(form: str, invented: str, is_exchanged: Callable[[str], bool]) -> str:
    """The form with its digits or letters exchanged for invented ones, over and over; the rest stays."""
    others = cycle(invented)
    return "".join(next(others) if is_exchanged(character) else character for character in form)
