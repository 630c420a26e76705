"""Who writes: conversations that don't tell a number, and what a number tells of its owner."""

from __future__ import annotations

import re

import phonenumbers
from babel.languages import get_official_languages

from relevo.protocol.schema import LANGUAGES, Language
from relevo.store.customers import conversation_id

PREFIX = "wa-"
_OLD_MEXICAN_MOBILE = re.compile(r"521([0-9]{10})")
_NUMBER = re.compile(r"[0-9]{7,15}")


def normalised(sender: str) -> str:
    """A sender's id for identity: Mexican mobile numbers come with and without the old 1 after the 52."""
    mobile = _OLD_MEXICAN_MOBILE.fullmatch(sender)
    return f"52{mobile[1]}" if mobile else sender


def conversation_of(key: str, line: str, sender: str) -> str:
    """The conversation of a customer with one of our numbers."""
    return conversation_id(PREFIX, key, f"{line}:{normalised(sender)}")


def phone_of(sender: str) -> str:
    """The phone number (E.164) of a sender; empty if the id is none, as for users with a name."""
    if not _NUMBER.fullmatch(sender):
        return ""
    number = _parse(normalised(sender))
    if number is None or not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def language_of(sender: str) -> Language | None:
    """The language that is spoken where a sender's number is from; None if that isn't known."""
    number = _parse(sender) if _NUMBER.fullmatch(sender) else None
    region = phonenumbers.region_code_for_number(number) if number else None
    spoken = get_official_languages(region, de_facto=True) if region else ()
    return next((language for code in spoken for language in LANGUAGES if language == code), None)


def _parse(digits: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(f"+{normalised(digits)}")
    except phonenumbers.NumberParseException:
        return None
