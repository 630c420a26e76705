"""A visit: who asks for a page, in which language. Handlers find it as `request.ctx.visit`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from relevo.desk.locale import Locale, preferred_language
from relevo.desk.users import User
from relevo.protocol.schema import LANGUAGES, Language

LANGUAGE_COOKIE = "relevo_language"


@dataclass(frozen=True)
class Visit:
    """What every page needs to know of its visitor. `csrf` is the token that its forms carry."""

    locale: Locale
    address: str
    """Path and query of the page, for the links that lead back to it."""
    csrf: str = ""
    user: User | None = None
    token: str = ""
    """The session's token, empty if there is none."""
    unread: int = 0
    """Notifications that the visitor has not seen to; counted for pages."""


def language_of(request: Any, default: Language) -> Language:
    """The language that was chosen at the desk, else the one that the browser asks for."""
    chosen: str = request.cookies.get(LANGUAGE_COOKIE, "")
    for language in LANGUAGES:
        if language == chosen:
            return language
    return preferred_language(request.headers.get("accept-language", ""), default)


def safe_address(address: str) -> str:
    """An address to go to after an action, if it is one of this site; else the first page.

    Example:
        >>> safe_address("//elsewhere.example/")
        '/'
    """
    is_local = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if is_local else "/"
