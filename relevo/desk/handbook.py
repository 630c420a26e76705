"""The protocol's document at the desk: written once for each protocol, language and day, then kept."""

from __future__ import annotations

from datetime import date

from markupsafe import Markup

from relevo.protocol.render.document import write_document
from relevo.protocol.render.html import article
from relevo.protocol.schema import Language, Protocol


class Handbook:
    """The last written document of each language; another protocol or another day replaces it."""

    def __init__(self) -> None:
        self._kept: dict[Language, tuple[tuple[str, date], Markup]] = {}

    def article(self, protocol: Protocol, language: Language, today: date) -> Markup:
        """The document as HTML without a frame. Takes some tenths of a second unless it is kept."""
        wanted = (protocol.hash, today)
        kept = self._kept.get(language)
        if kept and kept[0] == wanted:
            return kept[1]
        written = Markup(article(write_document(protocol, language, today)))  # noqa: S704 - escaped already
        self._kept[language] = (wanted, written)
        return written
