"""When something can't be done, people see a page that says so."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis
from desk_site import Site, serve_desk


@pytest.fixture
async def site(redis_client: redis.Redis) -> AsyncIterator[Site]:
    async with serve_desk(redis_client) as site:
        yield site


@pytest.mark.parametrize(
    "path", ["/nothing", "/cases/RV-0000-0000", "/cases/%3Cscript%3E", "/static/../app.py"]
)
async def test_what_does_not_exist_is_a_friendly_page(site: Site, path: str) -> None:
    answer = await (await site.signed_in()).get(path)
    assert answer.status_code == 404
    assert "Aquí no hay nada" in answer.text
    assert "Traceback" not in answer.text


VERBS = ["claim", "answer", "phrase", "release", "transfer", "note", "wait", "resolve", "join", "work"]


@pytest.mark.parametrize("verb", VERBS)
async def test_an_unknown_case_cannot_be_changed(site: Site, verb: str) -> None:
    browser = await site.signed_in()
    answer = await browser.post(f"/cases/RV-0000-0000/{verb}", text="x", note="x", area="safety")
    assert answer.status_code == 404


async def test_a_wrong_method_is_a_friendly_page(site: Site) -> None:
    browser = await site.signed_in()
    answer = await browser.http.put("/")
    assert answer.status_code == 405
    assert "Eso no se puede hacer aquí" in answer.text


async def test_a_request_that_is_too_large_is_refused(site: Site) -> None:
    browser = await site.signed_in()
    answer = await browser.post("/cases/RV-0000-0000/answer", text="x" * 70_000)
    assert answer.status_code == 413
    assert "Es demasiado de una sola vez" in answer.text


async def test_a_failure_tells_people_nothing_and_the_log_no_customer_data(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    data = "ana@example.com"

    async def fail(*_: object) -> None:
        raise ValueError(data)

    browser = await site.signed_in()
    monkeypatch.setattr(site.desk.queue, "workforce", fail)
    with caplog.at_level(logging.INFO):
        answer = await browser.get("/")
    assert answer.status_code == 500
    assert "Algo falló de nuestro lado" in answer.text
    assert "ValueError" not in answer.text
    assert "ValueError" in caplog.text
    assert "in fail" in caplog.text
    assert data not in caplog.text


async def test_an_outage_of_the_store_is_said_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise redis.ConnectionError("no route")

    browser = await site.signed_in()
    assert (await browser.get("/health")).json() == {"status": "ok"}
    monkeypatch.setattr(site.desk.client, "ping", fail)
    monkeypatch.setattr(site.desk.sessions, "get", fail)
    health = await browser.get("/health")
    assert health.status_code == 503
    answer = await browser.get("/")
    assert answer.status_code == 503
    assert "No se puede acceder a los datos" in answer.text


@pytest.mark.parametrize(("name", "kind"), [("desk.js", "text/javascript"), ("desk.css", "text/css")])
async def test_scripts_and_styles_are_served_to_anyone(site: Site, name: str, kind: str) -> None:
    answer = await site.browser().get(f"/static/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
