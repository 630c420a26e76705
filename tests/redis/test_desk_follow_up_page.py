"""One follow-up at the desk: script and history, tries without answer, promises that were not kept."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis
from desk_site import NOW, Site, follow_up, serve_desk

from relevo.follow_ups.keeping import Keeping
from relevo.store import keys

FOLIO = "RV-0000-0001"


@pytest.fixture
async def site(redis_client: redis.Redis) -> AsyncIterator[Site]:
    async with serve_desk(redis_client) as site:
        yield site


async def test_call_has_its_script_what_to_say_if_nobody_answers_and_the_guidance(site: Site) -> None:
    await site.desk.agenda.book(follow_up(1, language="en"))
    page = await (await site.signed_in()).page(f"/follow-ups/{FOLIO}")
    protocol = site.desk.protocol
    for channel in ("phone", "voicemail"):
        step = protocol.channels[channel].script[1]
        assert step.title.es in page
        assert step.words.en.split(".")[0] in page
    assert protocol.contingency.trigger("nobody_available").guidance.es.split(".")[0] in page
    assert 'href="tel:+525512345678"' in page
    assert 'href="/conversations/c1"' in page


async def test_unknown_follow_up_has_no_page(site: Site) -> None:
    assert (await (await site.signed_in()).get("/follow-ups/RV-0000-9999")).status_code == 404


async def test_staff_see_both_clocks_where_they_differ(site: Site) -> None:
    await site.desk.agenda.book(follow_up(1, due_at=NOW + 3600, zone="America/Tijuana"))
    await site.desk.agenda.book(follow_up(2, due_at=NOW + 3600, zone="America/Monterrey"))
    browser = await site.signed_in()
    for page in (await browser.page("/follow-ups"), await browser.page(f"/follow-ups/{FOLIO}")):
        assert "Hoy, 11:00" in page
        assert page.count("Para el cliente: Hoy, 09:00 (hora de Tijuana)") == 1


async def test_no_answer_books_the_next_attempt_once_and_tells_the_customer(
    site: Site, redis_client: redis.Redis
) -> None:
    await site.desk.agenda.book(follow_up(1, due_at=NOW - 60))
    await site.desk.agenda.fall_due(NOW)
    browser = await site.signed_in()
    for _ in range(2):
        answer = await browser.post(f"/follow-ups/{FOLIO}/no-answer", attempt="1")
        assert answer.status_code == 303
    page = await browser.page(answer.headers["location"])
    assert "nadie contestó RV-0000-0001" in page
    assert "Intentos sin respuesta: 1" in page
    again = await site.desk.agenda.get(FOLIO)
    assert again is not None and (again.state, again.due_at) == ("booked", NOW + 7_200)
    ((_, entry),) = await redis_client.xrange(keys.OUTBOX)
    assert "12:00" in json.loads(entry["message"])["events"][0]["text"]


async def test_what_is_not_due_cannot_have_been_tried(site: Site) -> None:
    await site.desk.agenda.book(follow_up(1, due_at=NOW + 3600))
    browser = await site.signed_in()
    assert 'data-testid="no-answer"' not in await browser.page("/follow-ups")
    assert (await browser.post(f"/follow-ups/{FOLIO}/no-answer", attempt="1")).status_code == 409


async def test_promise_that_was_not_kept_is_marked_with_who_was_told(
    site: Site, redis_client: redis.Redis
) -> None:
    protocol = site.desk.protocol
    booked = await site.desk.agenda.book(follow_up(1, due_at=NOW - 3_000))
    await Keeping(redis_client, protocol).see_to(NOW)
    who = protocol.roster.people[protocol.roster.climb("", protocol.area_of(booked.topic))].name
    for path in ("/follow-ups", f"/follow-ups/{FOLIO}"):
        assert f"No se cumplió a tiempo; se avisó a {who}" in await (await site.signed_in()).page(path)
