"""Signing in and out, and what the gate lets through."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import redis.asyncio as redis
from desk_site import PASSWORD, Site, open_case, serve_desk

from relevo.desk.gate import HEADERS
from relevo.desk.sessions import SESSION_COOKIE


@pytest.fixture
async def site(redis_client: redis.Redis) -> AsyncIterator[Site]:
    async with serve_desk(redis_client, password=PASSWORD) as site:
        yield site


async def test_the_first_supervisor_signs_in_and_sees_the_cases(site: Site) -> None:
    browser = site.browser()
    answer = await browser.sign_in("supervisor", PASSWORD)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    assert "Supervisor" in await browser.page("/")


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Site) -> None:
    answer = await site.browser().sign_in("supervisor", PASSWORD)
    cookies = [value for name, value in answer.headers.multi_items() if name == "set-cookie"]
    session = next(cookie for cookie in cookies if cookie.startswith(SESSION_COOKIE))
    for attribute in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"):
        assert attribute in session
    assert "Secure" not in session


async def test_behind_https_cookies_are_secure(site: Site) -> None:
    object.__setattr__(site.desk, "settings", replace(site.desk.settings, secure_cookies=True))
    assert "Secure" in (await site.browser().get("/login")).headers["set-cookie"]


async def test_a_wrong_password_is_refused_without_saying_what_was_wrong(site: Site) -> None:
    browser = site.browser()
    wrong = await browser.sign_in("supervisor", "not it")
    unknown = await browser.sign_in("nobody", "not it")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("supervisor", "nobody") == unknown.text
    assert (await browser.get("/")).status_code == 303


async def test_after_five_wrong_passwords_everyone_waits(site: Site) -> None:
    browser = site.browser()
    for _ in range(5):
        assert (await browser.sign_in("supervisor", "guess")).status_code == 401
    refused = await browser.sign_in("supervisor", PASSWORD)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "2"
    assert "Espera 2 s" in refused.text
    site.clock.now += 2
    assert (await browser.sign_in("supervisor", PASSWORD)).status_code == 303


async def test_each_login_has_a_new_token_and_the_old_one_is_over(site: Site) -> None:
    browser = site.browser()
    await browser.sign_in("supervisor", PASSWORD)
    first = browser.http.cookies[SESSION_COOKIE]
    token = await browser.token()
    await browser.post("/logout", csrf=token)
    await browser.sign_in("supervisor", PASSWORD)
    assert browser.http.cookies[SESSION_COOKIE] != first
    thief = site.browser()
    thief.http.cookies.set(SESSION_COOKIE, first)
    assert (await thief.get("/")).status_code == 303


async def test_signing_out_ends_the_session(site: Site) -> None:
    browser = await site.signed_in()
    token = browser.http.cookies[SESSION_COOKIE]
    answer = await browser.post("/logout")
    assert answer.headers["location"] == "/login"
    assert await site.desk.sessions.get(token) is None
    assert (await browser.get("/")).headers["location"] == "/login"


async def test_a_removed_user_is_out_at_once(site: Site, redis_client: redis.Redis) -> None:
    browser = await site.signed_in()
    await redis_client.hdel("relevo:users", "ana")
    assert (await browser.get("/")).status_code == 303


@pytest.mark.parametrize("path", ["/", "/follow-ups", "/cases/RV-0000-0000", "/conversations/c1", "/nothing"])
async def test_pages_send_strangers_to_the_login(site: Site, path: str) -> None:
    answer = await site.browser().get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


@pytest.mark.parametrize("path", ["/events/queue", "/fragments/queue", "/events/cases/RV-0000-0000"])
async def test_scripts_of_strangers_are_told_so(site: Site, path: str) -> None:
    assert (await site.browser().get(path)).status_code == 401


async def test_the_login_leads_to_where_one_wanted_to_go(site: Site) -> None:
    browser = site.browser()
    answer = await browser.get("/follow-ups")
    assert answer.headers["location"] == "/login?to=/follow-ups"
    assert (await browser.sign_in("supervisor", PASSWORD, to="/follow-ups")).headers[
        "location"
    ] == "/follow-ups"


async def test_the_login_leads_nobody_to_another_site(site: Site) -> None:
    browser = site.browser()
    assert 'name="to" value="/"' in await browser.page("/login?to=//evil.example")
    assert (await browser.sign_in("supervisor", PASSWORD, to="//evil.example")).headers["location"] == "/"


@pytest.mark.parametrize("token", ["", "wrong", "é"])
async def test_forms_without_the_sessions_token_are_refused(site: Site, token: str) -> None:
    case = await open_case(site)
    browser = await site.signed_in()
    for path in (f"/cases/{case.folio}/claim", "/logout"):
        answer = await browser.http.post(path, data={"csrf": token})
        assert answer.status_code == 403
    assert (await site.queue.get(case.folio)).state == "waiting"
    assert (await browser.get("/")).status_code == 200


async def test_the_token_of_another_session_is_refused(site: Site) -> None:
    case = await open_case(site)
    ana, luis = await site.signed_in("ana"), await site.signed_in("luis")
    answer = await ana.post(f"/cases/{case.folio}/claim", csrf=await luis.token())
    assert answer.status_code == 403


async def test_a_login_form_from_elsewhere_is_refused(site: Site) -> None:
    answer = await site.browser().http.post(
        "/login", data={"csrf": "x", "name": "supervisor", "password": PASSWORD}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path", ["/login", "/", "/nothing", "/health", "/static/desk.css", "/fragments/queue", "/language/es"]
)
async def test_every_answer_has_the_security_headers(site: Site, path: str) -> None:
    for browser in (site.browser(), await site.signed_in()):
        answer = await browser.get(path)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "frame-ancestors 'none'" in HEADERS["content-security-policy"]
    assert HEADERS["cache-control"] == "no-store"


async def test_passwords_are_in_no_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(0):
        await site.browser().sign_in("supervisor", "guessed words")
        await site.browser().sign_in("supervisor", PASSWORD)
    assert "guessed words" not in caplog.text
    assert PASSWORD not in caplog.text
