"""The page of follow-ups, and conversations to read."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis
from desk_site import NOW, Site, customer_says, follow_up, listening, next_event, serve_desk


@pytest.fixture
async def site(redis_client: redis.Redis) -> AsyncIterator[Site]:
    async with serve_desk(redis_client) as site:
        yield site


def rows(page: str) -> list[tuple[str, str]]:
    """Folio and state of each row, from top to bottom."""
    return re.findall(r'data-testid="follow-up-row" data-folio="([^"]+)" data-state="(\w+)"', page)


async def test_an_empty_agenda_says_so(site: Site) -> None:
    assert "No hay seguimientos agendados" in await (await site.signed_in()).page("/follow-ups")


async def test_due_ones_come_first_then_the_others_by_time(site: Site) -> None:
    for number, offset in enumerate([90_000, -600, 3600, -1500]):
        await site.desk.agenda.book(follow_up(number, due_at=NOW + offset))
    await site.desk.agenda.fall_due(NOW)
    page = await (await site.signed_in()).page("/follow-ups")
    assert rows(page) == [
        ("RV-0000-0003", "due"),
        ("RV-0000-0001", "due"),
        ("RV-0000-0002", "booked"),
        ("RV-0000-0000", "booked"),
    ]
    assert "<title>(2) Seguimientos · Relevo</title>" in page
    for text in ("25 min de atraso", "10 min de atraso", "Hoy, 11:00", "Mañana, 11:00", "+52 55 1234 5678"):
        assert text in page
    for text in (
        "Llamada",
        "Rastrear mi pedido",
        "Español",
        'href="/conversations/c3"',
        "America/Mexico_City",
    ):
        assert text in page


async def test_a_follow_up_is_done_once_for_all(site: Site) -> None:
    await site.desk.agenda.book(follow_up(1, due_at=NOW - 60))
    await site.desk.agenda.fall_due(NOW)
    browser = await site.signed_in()
    for _ in range(2):
        answer = await browser.post("/follow-ups/RV-0000-0001/done")
        assert answer.status_code == 303
    page = await browser.page(answer.headers["location"])
    assert "El seguimiento RV-0000-0001 quedó hecho." in page
    assert rows(page) == []
    done = await site.desk.agenda.get("RV-0000-0001")
    assert done is not None
    assert done.state == "done"


async def test_a_follow_up_that_the_customer_cancelled_is_not_marked_as_done(site: Site) -> None:
    await site.desk.agenda.book(follow_up(1))
    await site.desk.agenda.cancel_for("c1", NOW)
    assert (await (await site.signed_in()).post("/follow-ups/RV-0000-0001/done")).status_code == 409


async def test_an_unknown_follow_up_is_not_found(site: Site) -> None:
    assert (await (await site.signed_in()).post("/follow-ups/RV-0000-9999/done")).status_code == 404


async def test_pages_hear_that_a_follow_up_fell_due(site: Site) -> None:
    await site.desk.agenda.book(follow_up(1, due_at=NOW + 5))
    browser = await site.signed_in()
    async with listening(browser, "/events/queue") as events:
        await site.desk.agenda.fall_due(NOW + 5)
        assert (await next_event(events))["event"] == "changed"
    assert rows(await browser.page("/fragments/follow-ups")) == [("RV-0000-0001", "due")]


async def test_a_conversation_can_be_read_whatever_its_id_looks_like(
    site: Site, redis_client: redis.Redis
) -> None:
    await customer_says(redis_client, "web chat/é?#1", "hola")
    await site.desk.agenda.book(follow_up(1, conversation="web chat/é?#1"))
    browser = await site.signed_in()
    link = re.search(r'href="(/conversations/[^"]+)"', await browser.page("/follow-ups"))
    assert link
    page = await browser.page(link[1])
    assert "hola" in page
    assert "<form method" not in page.split("<main")[1]


async def test_a_conversation_without_a_word_is_not_found(site: Site) -> None:
    assert (await (await site.signed_in()).get("/conversations/nobody")).status_code == 404
