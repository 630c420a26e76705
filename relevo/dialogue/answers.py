"""Whether a message answers the question that a form asked, whatever topic it sounds like by itself.

«You can reach me at tom@example.com» is an answer where an order number or a contact is wanted, and so is
«perdí el ticket». Looks at the words and at what was found in them; knows nothing of Rasa.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from relevo.dialogue.vocabulary import place_of, vocabulary
from relevo.follow_ups.method import parse_method
from relevo.nlu.order_number import order_told
from relevo.nlu.text import words

CONTACT = frozenset({"email", "phone"})
WANTED: Mapping[str, frozenset[str]] = {
    "complaint_order": CONTACT | {"order_number"},
    "complaint_contact": CONTACT | {"order_number"},
    "case_folio": CONTACT | {"folio"},
    "case_contact": CONTACT | {"folio"},
    "follow_up_time": CONTACT | {"date"},
    "follow_up_method": CONTACT | {"date"},
    "follow_up_contact": CONTACT | {"date"},
    "privacy_name": CONTACT,
    "privacy_contact": CONTACT,
}
"""By question: the kinds of entities that answer it, or another question of the same form."""
ASKS_FOR_METHOD = frozenset({"follow_up_time", "follow_up_method", "follow_up_contact"})
MAY_BE_MISSING = frozenset({"complaint_order", "case_folio"})
"""Questions for something that a customer may not have."""

SHORT_WORDS = 12
FIRST_WORDS = 4
"""In a longer message, one of these begins what the customer says about having none."""


def is_answer(question: str, text: str, kinds: Collection[str]) -> bool:
    """Whether a text answers a form's question.

    Args:
        question: the name of the slot that the form asks for.
        kinds: the kinds of entities that the text holds.
    """
    return (
        bool(WANTED.get(question, frozenset()) & set(kinds))
        or (question in ASKS_FOR_METHOD and not is_question(text) and parse_method(text) is not None)
        or (question in MAY_BE_MISSING and is_missing(text))
        or (question == "complaint_order" and order_told(text) is not None)
        or (question in WANTED and is_searching(text))
    )


def is_missing(text: str) -> bool:
    """Whether the customer says that there is none of what was asked for.

    Example:
        >>> [is_missing(text) for text in ("it was a gift", "no lo tengo aquí", "CJ-483920")]
        [True, True, False]
    """
    said = words(text)
    place = place_of(vocabulary().missing, said)
    return place is not None and (place < FIRST_WORDS or len(said) <= SHORT_WORDS)


def is_searching(text: str) -> bool:
    """Whether the customer asks for a moment: «ahorita lo busco», "hold on"."""
    said = words(text)
    return len(said) <= SHORT_WORDS and place_of(vocabulary().searching, said) is not None


def is_unanswered(text: str) -> bool:
    """Whether the customer says that they were not answered: «eso no responde mi pregunta»."""
    return place_of(vocabulary().unanswered, words(text)) is not None


def is_question(text: str) -> bool:
    """Whether a text is asked rather than told: by its end, or by its first word."""
    said = words(text)
    return text.rstrip().endswith("?") or bool(said and said[0] in vocabulary().questions)
