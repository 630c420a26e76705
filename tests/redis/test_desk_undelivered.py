"""The page of what could not be delivered, and the alerts of what stops sending."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import get_args

import pytest
import redis.asyncio as redis
from desk_site import NOW, Site, customer_says, listening, next_event, open_case, serve_desk

from relevo.sending.alerts import Alert
from relevo.sending.carrier import Reason
from relevo.sending.outgoing import Outgoing
from relevo.sending.undelivered import Undeliverable
from relevo.store import keys
from relevo.store.keys import ConversationKeys


@pytest.fixture
async def site(redis_client: redis.Redis) -> AsyncIterator[Site]:
    async with serve_desk(redis_client) as site:
        yield site


async def fails(site: Site, reason: str = "not_reachable", text: str = "Ya salió <b>tu</b> pedido") -> None:
    message = Outgoing("o1/0", "c1", "whatsapp", {"type": "text", "text": {"body": text}}, NOW, text)
    await site.desk.undelivered.add(Undeliverable.of(message, reason, "131026", NOW - 600))


async def position(site: Site) -> str:
    [entry] = await site.desk.undelivered.all()
    return entry.position


async def test_all_delivered_says_so(site: Site) -> None:
    assert "Todo se entregó" in await (await site.signed_in()).page("/undelivered")


async def test_undelivered_message_is_shown_escaped_with_its_reason(site: Site) -> None:
    await fails(site)
    page = await (await site.signed_in()).page("/undelivered")
    assert "Ya salió &lt;b&gt;tu&lt;/b&gt; pedido" in page
    for told in ("no está disponible en WhatsApp", "131026", "Hoy, ", 'href="/conversations/c1"'):
        assert told in page


async def test_entry_of_an_earlier_version_is_shown_too(site: Site) -> None:
    await site.client.xadd(keys.UNDELIVERED, {"id": "o", "message": "{}", "reason": "the bot answered 400"})
    page = await (await site.signed_in()).page("/undelivered")
    assert "the bot answered 400" in page


async def test_every_reason_has_its_words_in_both_languages(site: Site) -> None:
    for locale in site.desk.locales.values():
        for reason in get_args(Reason):
            assert locale.text(f"undelivered.because.{reason}")


async def test_message_is_put_back_into_its_queue_once(site: Site) -> None:
    await fails(site)
    browser, at = await site.signed_in(), await position(site)
    for _ in range(2):
        assert (await browser.post(f"/undelivered/{at}/retry")).status_code == 303
    assert await site.client.llen(ConversationKeys("c1").outgoing) == 1
    assert await site.desk.undelivered.count() == 0


async def test_message_that_a_person_has_seen_to_leaves_the_list(site: Site) -> None:
    await fails(site)
    browser = await site.signed_in()
    answer = await browser.post(f"/undelivered/{await position(site)}/settle")
    assert "Quitado de la lista." in await browser.page(answer.headers["location"])
    assert await site.client.llen(ConversationKeys("c1").outgoing) == 0


@pytest.mark.parametrize("path", ["/undelivered/x/settle", "/undelivered/1-x/retry", "/alerts/a%20b/end"])
async def test_what_is_no_entry_is_not_found(site: Site, path: str) -> None:
    assert (await (await site.signed_in()).post(path)).status_code == 404


async def test_what_stops_sending_is_told_with_the_cases_and_ended_by_a_person(site: Site) -> None:
    await site.desk.outgoing.add([Outgoing("o1", "c1", "whatsapp", {}, NOW)], NOW + 300)
    await site.desk.alerts.sound(Alert("whatsapp:1055", "token", "190", NOW, NOW + 300))
    browser = await site.signed_in()
    for path in ("/", "/undelivered"):
        page = await browser.page(path)
        assert "Meta rechaza el token de acceso (190)" in page
    await browser.post("/alerts/whatsapp:1055/end")
    assert await site.desk.alerts.all() == []
    assert await site.desk.outgoing.marks.due(NOW, 10) == ["c1"], "what waited is tried at once"


async def test_pages_hear_of_an_undelivered_message(site: Site) -> None:
    browser = await site.signed_in()
    async with listening(browser, "/events/queue") as events:
        await fails(site)
        assert (await next_event(events))["event"] == "changed"


async def test_strangers_see_nothing(site: Site) -> None:
    await fails(site)
    assert (await site.browser().get("/undelivered")).status_code in (302, 303)


async def test_quoted_words_and_what_came_along_stand_with_a_message(site: Site) -> None:
    case = await open_case(site)
    await customer_says(site.client, "c1", "llegó rota", metadata={"quoted": "¿Llegó?", "about": "📷 Foto"})
    page = await (await site.signed_in()).page(f"/cases/{case.folio}")
    assert "¿Llegó?</blockquote>" in page
    assert "📷 Foto" in page
