"""What e-mails hold besides what is said in a conversation: signatures, and letters that we begin."""

from __future__ import annotations

from pydantic import validator

from relevo.protocol.parts.base import LANGUAGES, Part, PlacedError, Text, placeholders


class Letter(Part):
    """A letter that is written without being asked for."""

    subject: Text
    text: Text


_FILLED: dict[str, frozenset[str]] = {
    "person_signature": frozenset({"agent"}),
    "acknowledgement": frozenset({"folio", "noted", "area", "answered_by"}),
    "follow_up": frozenset({"folio", "topic", "area", "answered_by"}),
}
"""By letter: the placeholders that are filled; a text need not use them all."""


class Letters(Part):
    """All that is written by e-mail on a company's behalf, in the register of e-mail."""

    greeting: Text
    """Begins the assistant's first answer; people begin with the channel's own greeting."""
    signature: Text
    """The assistant's."""
    person_signature: Text
    """That of a person who answers from the desk."""
    options: Text
    """Stands before answers to choose from."""
    acknowledgement: Letter
    """Confirms a complaint to whoever gave an e-mail address for the answer."""
    follow_up: Letter
    """Keeps a promised contact by e-mail; a person goes on."""

    @validator("greeting", "signature", "person_signature", "options")
    def _text_is_filled(cls, text: Text, field: object) -> Text:
        _check_filled(text, getattr(field, "name", ""))
        return text

    @validator("acknowledgement", "follow_up")
    def _letter_is_filled(cls, letter: Letter, field: object) -> Letter:
        for part in ("subject", "text"):
            _check_filled(getattr(letter, part), getattr(field, "name", ""), part)
        return letter


def _check_filled(text: Text, name: str, *place: str) -> None:
    """Raises PlacedError where a text holds a brace that nothing fills."""
    known = _FILLED.get(name, frozenset())
    for language in LANGUAGES:
        try:
            unknown = placeholders([text.in_language(language)]) - known
        except ValueError as error:
            raise PlacedError(str(error), *place, language) from error
        if unknown:
            listed = ", ".join(f"{{{each}}}" for each in sorted(known))
            advice = f"what is filled in here: {listed}" if known else "nothing is filled in here"
            raise PlacedError(f"there is no {{{min(unknown)}}} here; {advice}", *place, language)
