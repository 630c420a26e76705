"""The page of open cases."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis
from desk_site import Site, listening, next_event, open_case, serve_desk


@pytest.fixture
async def site(redis_client: redis.Redis) -> AsyncIterator[Site]:
    async with serve_desk(redis_client) as site:
        yield site


def rows(page: str) -> list[str]:
    """The folios of the table, from top to bottom."""
    return re.findall(r'data-testid="queue-row" data-folio="([^"]+)"', page)


async def test_an_empty_queue_says_so(site: Site) -> None:
    page = await (await site.signed_in()).page("/")
    assert "Nadie está esperando" in page
    assert "<title>Casos · Relevo</title>" in page


async def test_waiting_cases_come_first_then_ones_own_then_those_of_others(site: Site) -> None:
    browser = await site.signed_in("ana")
    others = await open_case(site, "c1", priority="urgent", rank=0)
    mine = await open_case(site, "c2")
    normal = await open_case(site, "c3")
    urgent = await open_case(site, "c4", priority="urgent", rank=0)
    await site.queue.claim(others.folio, "Luis", site.clock.now)
    await site.queue.claim(mine.folio, "Ana", site.clock.now)
    page = await browser.page("/")
    assert rows(page) == [urgent.folio, normal.folio, mine.folio, others.folio]
    assert "<title>(2) Casos · Relevo</title>" in page
    assert "Lo atiendes tú" in page
    assert "Luis" in page


async def test_a_row_tells_what_one_must_know(site: Site) -> None:
    await open_case(
        site,
        area="senior_care",
        tone="angry",
        trigger="anger",
        priority="high",
        opened_at=site.clock.now - 245,
    )
    page = await (await site.signed_in()).page("/")
    for text in ("Rastrear mi pedido", "Cliente enojado", "Enojado", "Alta", "Atención especializada"):
        assert text in page
    assert re.search(r'<time data-since="[\d.]+">4 min</time>', page)
    assert "en 5 min" in page


async def test_a_missed_target_shows_how_late_it_is_until_someone_answered(site: Site) -> None:
    case = await open_case(site)
    browser = await site.signed_in()
    site.clock.now += 420
    assert "2 min de atraso" in await browser.page("/")
    await site.queue.claim(case.folio, "Ana", site.clock.now)
    await site.queue.answer(case.folio, "Ana", "Hola", site.clock.now)
    page = await browser.page("/")
    assert "de atraso</time>" not in page
    assert "Respondido" in page


async def test_filters_show_one_area_or_language(site: Site) -> None:
    browser = await site.signed_in()
    spanish = await open_case(site, "c1", area="customer_care", language="es")
    english = await open_case(site, "c2", area="safety", language="en")
    assert rows(await browser.page("/?language=es")) == [spanish.folio]
    assert rows(await browser.page("/?area=safety")) == [english.folio]
    assert rows(await browser.page("/fragments/queue?area=safety&language=en")) == [english.folio]
    page = await browser.page("/?area=safety&language=es")
    assert "Ningún caso coincide con el filtro" in page


async def test_a_filter_cannot_write_into_the_page(site: Site) -> None:
    page = await (await site.signed_in()).page('/?area="><script>x</script>&notice=closed&folio=<b>x</b>')
    assert "<script>x" not in page
    assert "<b>x" not in page


async def test_claiming_opens_the_case(site: Site) -> None:
    case = await open_case(site)
    browser = await site.signed_in()
    answer = await browser.post(f"/cases/{case.folio}/claim")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/cases/{case.folio}"
    claimed = await site.queue.get(case.folio)
    assert (claimed.state, claimed.claimed_by) == ("claimed", "Ana")


async def test_pages_hear_of_a_change_at_once(site: Site) -> None:
    browser = await site.signed_in()
    async with listening(browser, "/events/queue") as events:
        case = await open_case(site)
        assert (await next_event(events))["event"] == "changed"
        await site.queue.claim(case.folio, "Luis", site.clock.now)
        assert (await next_event(events))["event"] == "changed"


async def test_a_stream_ends_when_its_session_does(site: Site) -> None:
    browser = await site.signed_in()
    async with listening(browser, "/events/queue") as events:
        await site.desk.sessions.close(browser.http.cookies["relevo_session"])
        await open_case(site)
        assert [event async for event in events] in ([], [{"event": "changed", "data": ""}])
