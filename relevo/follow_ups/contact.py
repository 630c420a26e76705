"""How to reach a customer: the phone number or e-mail address in what they wrote."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import phonenumbers
from email_validator import EmailNotValidError, validate_email

MAX_CHARACTERS = 1_000
SHOWN_DIGITS = 4
DEFAULT_REGIONS = ("MX", "US")

_ADDRESS = re.compile(r"[^\s<>,;:()\[\]\"'¿?¡!]+")
_CUT_OFF = re.compile(r"[\d\s().+-]*$|\S*$")
# Until 2019 a Mexican mobile number was dialled as 044…, 045… or +52 1…; WhatsApp still writes it so.
_OLD_MOBILE_PREFIX = re.compile(
    r"(?<!\d)(?:(?:\+|00)?52[\s-]{0,2}1|04[45])[\s-]{0,2}(?=(?:\d[\s.()-]{0,2}){10}(?!\d))"
)


@dataclass(frozen=True)
class Contact:
    """A valid phone number (E.164) or e-mail address. It is left out of `repr`, so it reaches no log."""

    kind: Literal["phone", "email"]
    value: str = field(repr=False)

    def matches(self, other_text: str) -> bool:
        """Whether a later entry of the customer names the same contact, in constant time.

        Phones are compared by their national digits, e-mail addresses without regard to case.
        """
        other = parse_contact(other_text, self._regions())
        if other is None or other.kind != self.kind:
            return False
        return hmac.compare_digest(self._comparable(), other._comparable())

    @classmethod
    def of(cls, value: str) -> Contact:
        """The contact that was stored as `value`."""
        return parse_contact(value) or cls("email" if "@" in value else "phone", value)

    def mask(self) -> str:
        """The contact with only its end shown: `…5678`, `a…@example.com`."""
        if self.kind == "phone":
            return f"…{self.value[-SHOWN_DIGITS:]}"
        local_part, _, domain = self.value.rpartition("@")
        return f"{local_part[:1]}…@{domain}"

    def _regions(self) -> tuple[str, ...]:
        """The regions in which an entry without country code is tried, the contact's own one first."""
        if self.kind == "email":
            return DEFAULT_REGIONS
        own = phonenumbers.region_code_for_number(_number(self.value))
        return (own, *DEFAULT_REGIONS) if own else DEFAULT_REGIONS

    def _comparable(self) -> bytes:
        if self.kind == "email":
            return self.value.casefold().encode()
        return str(_number(self.value).national_number).encode()


def parse_contact(text: str, default_regions: tuple[str, ...] = DEFAULT_REGIONS) -> Contact | None:
    """The first valid phone number or e-mail address in a text; None if there is none. Never raises.

    A number without country code is tried in each region in turn. Only the first 1,000 characters are read.

    Example:
        >>> parse_contact("mi cel es 55 1234 5678").mask()
        '…5678'
    """
    if len(text) > MAX_CHARACTERS:  # a number cut in two could be another valid number
        text = _CUT_OFF.sub("", text[:MAX_CHARACTERS], count=1)
    email, email_start = _find_email(text)
    before = text if email is None else text[:email_start]
    return _find_phone(before, default_regions) or email


def _number(value: str) -> phonenumbers.PhoneNumber:
    """A stored number; an empty one, which matches none, if it is not in E.164."""
    try:
        return phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return phonenumbers.PhoneNumber()


def _find_email(text: str) -> tuple[Contact | None, int]:
    """The first valid address and where it begins."""
    for match in _ADDRESS.finditer(text):
        if "@" not in match[0]:
            continue
        try:
            address = validate_email(match[0].strip("."), check_deliverability=False)
        except EmailNotValidError:
            continue
        return Contact("email", address.normalized), match.start()
    return None, len(text)


def _find_phone(text: str, regions: tuple[str, ...]) -> Contact | None:
    for region in regions:
        for number, _, _ in phones(text, [region]):
            return Contact("phone", number)
    return None


def phones(text: str, regions: Sequence[str] = DEFAULT_REGIONS) -> Iterator[tuple[str, int, int]]:
    """All valid phone numbers of a text in E.164, each with where it starts and ends in the text.

    A number without country code is read as one of the first of the `regions` where it is valid.
    """
    old_prefixes = {match.end(): match.start() for match in _OLD_MOBILE_PREFIX.finditer(text)}
    # The new prefix ends where the old one did, so that offsets stay.
    text = _OLD_MOBILE_PREFIX.sub(lambda match: "+52".rjust(len(match[0])), text)
    taken: list[tuple[int, int]] = []
    for region in regions:
        for match in phonenumbers.PhoneNumberMatcher(text, region):
            start, end = match.start, match.end
            if all(end <= other_start or other_end <= start for other_start, other_end in taken):
                taken.append((start, end))
                number = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
                yield number, old_prefixes.get(start + len("+52"), start), end
