"""The desk in English and Spanish."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis
from desk_site import Site, open_case, serve_desk


@pytest.fixture
async def site(redis_client: redis.Redis) -> AsyncIterator[Site]:
    async with serve_desk(redis_client) as site:
        yield site


@pytest.mark.parametrize(
    ("header", "lang", "title"),
    [("en-US,en;q=0.8", "en", "Sign in"), ("es-MX", "es", "Iniciar sesión"), ("fr", "es", "Iniciar sesión")],
)
async def test_the_browsers_language_is_spoken(site: Site, header: str, lang: str, title: str) -> None:
    page = await site.browser(**{"accept-language": header}).page("/login")
    assert f'<html lang="{lang}">' in page
    assert f"<h1>{title}</h1>" in page


async def test_the_switch_is_remembered_and_leads_back(site: Site) -> None:
    browser = await site.signed_in(**{"accept-language": "es"})
    answer = await browser.get("/language/en?to=/follow-ups%3Fa%3Db")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/follow-ups?a=b"
    assert "<h1>Follow-ups</h1>" in await browser.page("/follow-ups")
    await browser.get("/language/es")
    assert "<h1>Seguimientos</h1>" in await browser.page("/follow-ups")


async def test_the_switch_leads_nowhere_else_and_knows_two_languages(site: Site) -> None:
    browser = site.browser()
    assert (await browser.get("/language/en?to=https://evil.example")).headers["location"] == "/"
    assert (await browser.get("/language/fr")).status_code == 404


async def test_titles_and_guidance_follow_the_desk_and_not_the_customer(site: Site) -> None:
    case = await open_case(site, trigger="anger", tone="angry", language="es")
    browser = await site.signed_in(**{"accept-language": "en"})
    queue, page = await browser.page("/"), await browser.page(f"/cases/{case.folio}")
    for text in (
        "Track my order",
        "Angry customer",
        "Customer care",
        "in 5 min",
        "Take case",
        "1 case waiting",
    ):
        assert text in queue
    for text in (
        site.desk.protocol.contingency.trigger("anger").guidance.en,
        "Writes in",
        "Spanish",
        "10:00 AM",
    ):
        assert text.replace("'", "&#39;") in page


@pytest.mark.parametrize(("language", "title"), [("en", "There is nothing here"), ("es", "Aquí no hay nada")])
async def test_errors_are_told_in_the_language(site: Site, language: str, title: str) -> None:
    browser = await site.signed_in(**{"accept-language": language})
    answer = await browser.get("/cases/RV-0000-0000")
    assert answer.status_code == 404
    assert title in answer.text
