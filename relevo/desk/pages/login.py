"""Signing in and out."""

from __future__ import annotations

from typing import Any

from sanic import response

from relevo.desk.gate import LOGIN_COOKIE, set_cookie
from relevo.desk.rendering import show
from relevo.desk.sessions import SESSION_COOKIE, SESSION_SECONDS, new_token
from relevo.desk.visit import safe_address

FORM_SECONDS = 3600


async def show_login(request: Any) -> Any:
    """The form; whoever is signed in already goes on to the cases."""
    to = safe_address(request.args.get("to", "/"))
    if request.ctx.visit.user:
        return response.redirect(to, status=303)
    return _form(request, to=to, name="", problem="")


async def sign_in(request: Any) -> Any:
    """Check name and password and begin a session."""
    desk, now = request.app.ctx.desk, request.app.ctx.desk.now()
    name, password = request.form.get("name", ""), request.form.get("password", "")
    to = safe_address(request.form.get("to", "/"))
    # Behind a reverse proxy `RELEVO_PROXIES` says how many to trust; else everyone has its address.
    address = request.remote_addr or request.ip
    t, duration = request.ctx.visit.locale.text, request.ctx.visit.locale.duration
    wait_seconds = await desk.throttle.admit(name, address, now)
    if wait_seconds:
        problem = t("login.wait", duration=duration(wait_seconds))
        answer = _form(request, to=to, name=name, problem=problem, status=429)
        answer.headers["retry-after"] = str(wait_seconds)
        return answer
    user = await desk.users.check(name, password)
    if user is None:
        return _form(request, to=to, name=name, problem=t("login.wrong"), status=401)
    await desk.throttle.forgive(name, address, now)
    await desk.sessions.close(request.ctx.visit.token)
    answer = response.redirect(to, status=303)
    set_cookie(request, answer, SESSION_COOKIE, await desk.sessions.open(user.name, now), SESSION_SECONDS)
    set_cookie(request, answer, LOGIN_COOKIE, "", 0)
    return answer


async def sign_out(request: Any) -> Any:
    """End the session."""
    await request.app.ctx.desk.sessions.close(request.ctx.visit.token)
    answer = response.redirect("/login", status=303)
    set_cookie(request, answer, SESSION_COOKIE, "", 0)
    return answer


def _form(request: Any, *, to: str, name: str, problem: str, status: int = 200) -> Any:
    token = request.cookies.get(LOGIN_COOKIE) or new_token()
    answer = show(request, "login.html", status=status, token=token, to=to, name=name[:60], problem=problem)
    set_cookie(request, answer, LOGIN_COOKIE, token, FORM_SECONDS)
    return answer
