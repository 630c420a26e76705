"""Answers to a form's other questions than the one it asks: a phone number instead of an order number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rasa_sdk import Tracker

from relevo.cases.folio import find_folio
from relevo.follow_ups.contact import parse_contact
from relevo.follow_ups.method import kind_of_contact, method_for, parse_method
from relevo.nlu.order_number import order_told

NO_CONTACT = ""
"""What stands for the contact of whoever is written to in the conversation itself."""
Found = dict[str, Any]
"""By slot, what a text holds for it; None where it holds nothing."""


def told_early(tracker: Tracker, asked: str, text: str) -> Found:
    """What a text holds for those questions of the open form that have no answer yet; `asked` is left out."""
    read = _READERS.get(str((tracker.active_loop or {}).get("name")))
    found = read(text) if read else {}
    return {
        slot: value
        for slot, value in found.items()
        if value is not None and slot != asked and not tracker.get_slot(slot)
    }


def _for_complaint(text: str) -> Found:
    return {"complaint_order": order_told(text), "complaint_contact": _contact(text)}


def _for_case(text: str) -> Found:
    return {"case_folio": find_folio(text), "case_contact": _contact(text)}


def _for_follow_up(text: str) -> Found:
    """The way of contact, and an address if it is of the kind that this way needs; none in the chat."""
    contact, method = parse_contact(text), parse_method(text)
    if method == "chat":
        return {"follow_up_method": method, "follow_up_contact": NO_CONTACT}
    if method is None and contact is not None:
        method = method_for(contact)
    fits = contact is not None and method is not None and contact.kind == kind_of_contact(method)
    return {"follow_up_method": method, "follow_up_contact": contact.value if contact and fits else None}


def _contact(text: str) -> str | None:
    contact = parse_contact(text)
    return contact.value if contact else None


_READERS: Mapping[str, Callable[[str], Found]] = {
    "complaint_form": _for_complaint,
    "case_form": _for_case,
    "follow_up_form": _for_follow_up,
}
