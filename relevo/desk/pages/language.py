"""The switch of the desk's language."""

from __future__ import annotations

from typing import Any

from sanic import response
from sanic.exceptions import NotFound

from relevo.desk.gate import set_cookie
from relevo.desk.visit import LANGUAGE_COOKIE, safe_address
from relevo.protocol.schema import LANGUAGES

YEAR_SECONDS = 365 * 86_400


async def choose_language(request: Any, language: str) -> Any:
    """Remember the language and go back to the page.

    Raises:
        NotFound: the desk doesn't speak it.
    """
    if language not in LANGUAGES:
        raise NotFound("no such language")
    answer = response.redirect(safe_address(request.args.get("to", "/")), status=303)
    set_cookie(request, answer, LANGUAGE_COOKIE, language, YEAR_SECONDS)
    return answer
