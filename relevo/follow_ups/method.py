"""In which way a customer wants to be contacted, as they say it: "por wats porfa", "give me a call"."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

from relevo.follow_ups.contact import Contact
from relevo.follow_ups.follow_up import Method
from relevo.nlu.text import words

_WORDS_FILE = Path(__file__).with_name("locales") / "methods.yml"


def parse_method(text: str) -> Method | None:
    """The way of contact that a text names first in the order WhatsApp, e-mail, call; None if none.

    WhatsApp and e-mail go before the call, since "mándame un whats a mi teléfono" names both.
    """
    said = f" {' '.join(words(text))} "
    for method, phrases in _phrases().items():
        if any(f" {phrase} " in said for phrase in phrases):
            return method
    return None


def method_for(contact: Contact) -> Method:
    """The way of contact that a customer means who gives only an address."""
    return "email" if contact.kind == "email" else "call"


def kind_of_contact(method: Method) -> Literal["phone", "email"]:
    """What is needed to contact a customer that way."""
    return "email" if method == "email" else "phone"


@lru_cache(maxsize=1)
def _phrases() -> dict[Method, list[str]]:
    known: dict[Method, list[str]] = yaml.safe_load(_WORDS_FILE.read_text(encoding="utf-8"))
    return known
