"""The protocol at the desk."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis
from desk_site import Site, serve_desk

DAY_SECONDS = 86_400


@pytest.fixture
async def site(redis_client: redis.Redis) -> AsyncIterator[Site]:
    async with serve_desk(redis_client) as site:
        yield site


async def test_the_protocol_is_for_people_who_are_signed_in(site: Site) -> None:
    answer = await site.browser().get("/protocol")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?to=/protocol"


async def test_every_page_leads_to_the_protocol(site: Site) -> None:
    browser = await site.signed_in()
    assert 'href="/protocol"' in await browser.page("/")
    assert re.search(r'<a href="/protocol" aria-current="page">', await browser.page("/protocol"))


@pytest.mark.parametrize("language", ["en", "es"])
async def test_the_protocol_is_shown_in_the_desks_language(site: Site, language: str) -> None:
    browser = await site.signed_in()
    await browser.get(f"/language/{language}")
    page = await browser.page("/protocol")
    mission, other = site.desk.protocol.company.mission.en, site.desk.protocol.company.mission.es
    shown, hidden = (mission, other) if language == "en" else (other, mission)
    assert shown in page
    assert hidden not in page


async def test_the_page_keeps_to_the_desks_content_policy(site: Site) -> None:
    browser = await site.signed_in()
    answer = await browser.get("/protocol")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "<style" not in answer.text
    assert not re.search(r"\sstyle=|\son\w+=", answer.text)
    assert re.findall(r"<script[^>]*>(.*?)</script>", answer.text) == ["", ""]


@pytest.mark.parametrize(("name", "kind"), [("protocol.css", "text/css"), ("protocol.js", "text/javascript")])
async def test_what_the_page_links_is_served(site: Site, name: str, kind: str) -> None:
    browser = await site.signed_in()
    assert f'"/static/{name}"' in await browser.page("/protocol")
    assert (await browser.get(f"/static/{name}")).headers["content-type"].startswith(kind)


async def test_the_document_is_written_once_a_day_for_each_language(site: Site) -> None:
    browser = await site.signed_in()
    handbook, protocol = site.desk.handbook, site.desk.protocol
    today = protocol.company.hours.local(site.clock.now).date()
    await browser.page("/protocol")
    first = handbook.article(protocol, "es", today)
    await browser.page("/protocol")
    assert handbook.article(protocol, "es", today) is first
    site.clock.now += DAY_SECONDS
    await browser.page("/protocol")
    assert handbook.article(protocol, "es", today) is not first
