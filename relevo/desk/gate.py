"""The gate: every request passes it before its handler, every response on its way out.

It finds the visitor, lets only people who are signed in past the public pages, refuses forms without their
token, and puts the security headers on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from sanic import response
from sanic.exceptions import Forbidden, PayloadTooLarge, Unauthorized

from relevo.desk.sessions import SESSION_COOKIE, is_same_token
from relevo.desk.unread import count_unread
from relevo.desk.users import User
from relevo.desk.visit import Visit, language_of

LOGIN_COOKIE = "relevo_login"
"""Holds the token of the login form: before the login there is no session that could keep it."""
PUBLIC = ("/login", "/language/", "/health", "/static/")
MAX_REQUEST_BYTES = 64 * 1024
"""An answer of 4,000 characters takes up to 48,000 bytes in a form."""
FOR_SCRIPTS = ("/events/", "/fragments/")

HEADERS = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


async def admit(request: Any) -> Any:
    """Let the request in, or answer it here with the way to the login.

    Raises:
        Forbidden: a form came without its token.
        PayloadTooLarge: the form is larger than any of ours.
        Unauthorized: a page's script asked after the session had ended.
    """
    # Sanic comes by here also with a body that it refused to read, and so without its form.
    if int(request.headers.get("content-length") or 0) > MAX_REQUEST_BYTES:
        raise PayloadTooLarge("the request is too large")
    visit = request.ctx.visit = await identify(request)
    is_login = request.path == "/login"
    if request.method == "POST" and (visit.user or is_login):
        expected = request.cookies.get(LOGIN_COOKIE, "") if is_login else visit.csrf
        if not is_same_token(request.form.get("csrf", ""), expected):
            raise Forbidden("the form's token is missing or not that of the session")
    if visit.user:
        await _note_presence(request, visit.user)
        request.ctx.visit = replace(visit, unread=await count_unread(request.app.ctx.desk, visit.user))
    if visit.user or request.path.startswith(PUBLIC):
        return None
    if request.path.startswith(FOR_SCRIPTS):
        raise Unauthorized("the session has ended")
    address = visit.address if request.method == "GET" else "/"
    return response.redirect("/login" if address == "/" else f"/login?to={quote(address)}", status=303)


async def identify(request: Any) -> Visit:
    """Who is asking, and in which language."""
    visit = stranger(request)
    token = request.cookies.get(SESSION_COOKIE, "")
    if not token or request.path.startswith(("/static/", "/health")):
        return visit
    desk = request.app.ctx.desk
    session = await desk.sessions.get(token)
    user = await desk.users.get(session.user) if session else None
    if not user:
        return visit
    return Visit(visit.locale, visit.address, session.csrf, user, token)


def stranger(request: Any) -> Visit:
    """The visit of someone who is not signed in."""
    desk = request.app.ctx.desk
    locale = desk.locales[language_of(request, desk.protocol.company.default_language)]
    address = request.path + (f"?{request.query_string}" if request.query_string else "")
    return Visit(locale, address)


async def is_still_admitted(request: Any) -> bool:
    """Whether the session of a request that takes long, such as an event stream, still goes on.

    As long as it does, its user is at the desk.
    """
    user = (await identify(request)).user
    if user:
        await _note_presence(request, user)
    return user is not None


async def _note_presence(request: Any, user: User) -> None:
    """Their desk is open: what they have in hand stays with them."""
    desk = request.app.ctx.desk
    await desk.queue.presence.sign(user.display_name, desk.now(), user.person)


async def protect(request: Any, answer: Any) -> None:
    """Put the security headers on a response, unless it has stricter ones of its own."""
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)


def set_cookie(request: Any, answer: Any, name: str, value: str, seconds: int) -> None:
    """Set a cookie that no script can read and no other site can send; 0 seconds removes it."""
    answer.cookies[name] = value
    cookie = answer.cookies[name]
    cookie["httponly"] = True
    cookie["samesite"] = "Strict"
    cookie["path"] = "/"
    cookie["max-age"] = seconds
    if request.app.ctx.desk.settings.secure_cookies:
        cookie["secure"] = True
