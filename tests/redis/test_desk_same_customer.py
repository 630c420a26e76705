"""One customer on several channels, at the desk: certain or possible, confirmed by one click, joined."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import redis.asyncio as redis
from desk_site import Browser, Site, customer_says, follow_up, listening, next_event, open_case, serve_desk

from relevo.cases.case import Case
from relevo.store import keys
from relevo.store.confirmed_contacts import ConfirmedContacts
from relevo.store.customers import Customer, Customers

PHONE = "+525512345678"


@pytest.fixture
async def site(redis_client: redis.Redis) -> AsyncIterator[Site]:
    async with serve_desk(redis_client) as site:
        yield site


async def writes_on_whatsapp(site: Site, conversation: str = "wa-1", contact: str = PHONE) -> None:
    known = Customer("whatsapp", "1055", contact, site.clock.now, contact=contact)
    await Customers(site.client).note(conversation, known)
    await customer_says(site.client, conversation, "Hola")
    await site.client.zadd(keys.CONVERSATIONS, {conversation: site.clock.now})


async def claimed(site: Site, browser: Browser, conversation: str = "web-1", **values: Any) -> Case:
    case = await open_case(site, conversation, **values)
    await browser.post(f"/cases/{case.folio}/claim")
    return await site.queue.get(case.folio)


async def presses(browser: Browser, folio: str, test_id: str) -> str:
    """Press a button on the page of a case; the page that follows."""
    page = await browser.page(f"/cases/{folio}")
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    form = next(form for form in forms if f'data-testid="{test_id}"' in form)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    action = re.search(r'action="([^"]+)"', form)
    assert action
    answer = await browser.http.post(action[1], data=hidden)
    assert answer.status_code == 303
    return await browser.page(answer.headers["location"])


def section(page: str, tie: str) -> str:
    """What a page shows of others with this tie, as text; empty if it has no such section."""
    found = re.search(rf'data-testid="related" data-tie="{tie}">.*?</section>', page, re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0]))) if found else ""


async def linked(site: Site, conversation: str = "web-1") -> list[str]:
    return await ConfirmedContacts(site.client).linked(conversation)


async def test_given_phone_shows_the_other_conversation_as_a_possibility_with_all_that_counts(
    site: Site,
) -> None:
    ana = await site.signed_in()
    await writes_on_whatsapp(site)
    other = await open_case(site, "wa-1", channel="whatsapp", area="senior_care", contact=PHONE)
    case = await claimed(site, ana, contact=PHONE)
    page = await ana.page(f"/cases/{case.folio}")
    text = section(page, "claimed")
    for part in ("Quizá el mismo cliente", other.folio, "WhatsApp", "Atención especializada", "En espera"):
        assert part in text
    assert "dio el mismo teléfono, sin confirmar" in text
    assert 'href="/conversations/wa-1"' in page and section(page, "confirmed") == ""
    assert 'data-testid="join"' not in page, "what may be another customer's is not joined"


async def test_one_click_confirms_and_is_written_into_the_history(site: Site) -> None:
    ana = await site.signed_in()
    await writes_on_whatsapp(site)
    case = await claimed(site, ana, contact=PHONE)
    page = await presses(ana, case.folio, "confirm-same")
    assert "Contacto confirmado." in page and "Ana confirmó de quién es un contacto" in page
    assert "mismo teléfono" in section(page, "confirmed") and section(page, "claimed") == ""
    assert await linked(site) == ["wa-1"]
    page = await presses(ana, case.folio, "withdraw-contact")
    assert await linked(site) == [] and section(page, "claimed")


async def test_contact_says_whether_it_is_confirmed_and_by_whom(site: Site) -> None:
    ana = await site.signed_in()
    await writes_on_whatsapp(site)
    case = await claimed(site, ana, contact="+525587654321")
    page = await ana.page(f"/cases/{case.folio}")
    assert "lo dio el cliente, sin confirmar" in page
    page = await presses(ana, case.folio, "confirm-contact")
    assert "confirmado por Ana: Hoy" in page
    on_whatsapp = await claimed(site, ana, "wa-1", channel="whatsapp")
    page = await ana.page(f"/cases/{on_whatsapp.folio}")
    assert "confirmado: escribe desde ahí por WhatsApp" in page
    assert 'data-testid="withdraw-contact"' not in page


async def test_two_unconfirmed_chats_become_one_customers_by_one_click(site: Site) -> None:
    ana = await site.signed_in()
    other = await open_case(site, "web-2", contact=PHONE)
    case = await claimed(site, ana, contact=PHONE)
    await presses(ana, case.folio, "confirm-same")
    assert (await linked(site), await linked(site, "web-2")) == (["web-2"], ["web-1"])
    page = await presses(ana, case.folio, "join")
    assert "Los casos quedaron unidos." in page
    assert (await site.queue.get(other.folio)).merged_into == case.folio


async def test_phone_of_a_promised_call_is_a_possibility_too(site: Site) -> None:
    ana = await site.signed_in()
    await writes_on_whatsapp(site)
    await site.desk.agenda.book(follow_up(1, conversation="web-1", due_at=site.clock.now + 60))
    case = await claimed(site, ana)
    await presses(ana, case.folio, "confirm-same")
    assert await linked(site) == ["wa-1"]


async def test_joined_case_goes_on_where_the_customer_wrote_last(site: Site) -> None:
    ana = await site.signed_in()
    await writes_on_whatsapp(site)
    case = await claimed(site, ana, contact=PHONE)
    await presses(ana, case.folio, "confirm-same")
    site.clock.now += 60
    await site.client.zadd(keys.CONVERSATIONS, {"web-1": site.clock.now - 60})
    later = await open_case(site, "wa-1", channel="whatsapp", contact=PHONE)
    page = await presses(ana, case.folio, "join")
    assert "Los casos quedaron unidos." in page and "Conversación por Chat del sitio" in page
    kept = await site.queue.get(later.folio)
    assert (kept.claimed_by, kept.merged, kept.opened_at) == ("Ana", case.folio, case.opened_at)
    assert (await site.queue.get(case.folio)).merged_into == later.folio
    answer = await ana.post(f"/cases/{case.folio}/join", other=later.folio)
    assert answer.headers["location"] == f"/cases/{later.folio}?notice=joined", "sent twice"


@pytest.mark.parametrize(
    "fields",
    [
        {"contact": "f" * 32},
        {"contact": keys.digest_of(PHONE), "conversation": "stranger"},
        {"conversation": "wa-1"},
        {},
    ],
)
async def test_forged_confirmation_links_nothing(site: Site, fields: dict[str, str]) -> None:
    ana = await site.signed_in()
    await writes_on_whatsapp(site)
    await open_case(site, "stranger")
    case = await claimed(site, ana, contact=PHONE)
    await ana.post(f"/cases/{case.folio}/contact", **fields)
    assert await linked(site) == []


async def test_colleague_who_does_not_have_the_case_confirms_nothing(site: Site) -> None:
    await writes_on_whatsapp(site)
    case = await claimed(site, await site.signed_in(), contact=PHONE)
    luis = await site.signed_in("luis")
    assert 'data-testid="confirm-' not in await luis.page(f"/cases/{case.folio}")
    answer = await luis.post(f"/cases/{case.folio}/contact", contact=keys.digest_of(PHONE))
    assert "notice=not_yours" in answer.headers["location"]
    answer = await luis.post(f"/cases/{case.folio}/contact/withdraw", contact=keys.digest_of(PHONE))
    assert "notice=not_yours" in answer.headers["location"]
    assert await linked(site) == []


async def test_open_cases_come_first_and_closed_ones_are_shown_too(site: Site) -> None:
    ana = await site.signed_in()
    await writes_on_whatsapp(site)
    closed = await claimed(site, ana, "wa-1", channel="whatsapp", opened_at=site.clock.now + 9)
    await site.queue.close(closed.folio, "Ana", site.clock.now)
    still_open = await open_case(site, "wa-1", channel="whatsapp", kind="complaint")
    case = await claimed(site, ana, contact=PHONE)
    text = section(await ana.page(f"/cases/{case.folio}"), "claimed")
    assert 0 < text.index(still_open.folio) < text.index(closed.folio)


async def test_queue_names_the_other_open_cases_of_a_customer(site: Site) -> None:
    ana = await site.signed_in()
    await writes_on_whatsapp(site)
    on_whatsapp = await open_case(site, "wa-1", channel="whatsapp", contact=PHONE)
    case = await claimed(site, ana, contact=PHONE)
    row = r'data-folio="{}".*?</tr>'
    page = await ana.page("/")
    found = re.search(row.format(case.folio), page, re.DOTALL)
    assert found and 'data-tie="claimed"' in found[0] and f"/cases/{on_whatsapp.folio}" in found[0]
    assert "Mismo contacto, sin confirmar:" in found[0]
    await presses(ana, case.folio, "confirm-same")
    found = re.search(row.format(on_whatsapp.folio), await ana.page("/"), re.DOTALL)
    assert found and 'data-tie="confirmed"' in found[0] and f"/cases/{case.folio}" in found[0]


async def test_pages_speak_english_too(site: Site) -> None:
    await writes_on_whatsapp(site)
    await open_case(site, "wa-1", channel="whatsapp", contact=PHONE)
    ana = await site.signed_in(**{"accept-language": "en"})
    case = await claimed(site, ana, contact=PHONE)
    page = await ana.page(f"/cases/{case.folio}")
    assert "gave the same phone, not confirmed" in section(page, "claimed")
    assert "Perhaps the same customer" in page and "given by the customer, not confirmed" in page
    assert "Same contact, not confirmed:" in await ana.page("/")


async def test_case_page_hears_at_once_of_a_case_on_another_channel(site: Site) -> None:
    ana = await site.signed_in()
    await writes_on_whatsapp(site)
    case = await claimed(site, ana, contact=PHONE)
    async with listening(ana, f"/events/cases/{case.folio}") as events:
        await open_case(site, "c9", contact="+525500000000")
        await open_case(site, "wa-1", channel="whatsapp", contact=PHONE)
        assert (await next_event(events))["event"] == "changed"
    assert "wa-1" in await ana.page(f"/fragments/cases/{case.folio}")


async def test_contact_stands_in_no_address_and_everything_is_escaped(site: Site) -> None:
    ana = await site.signed_in()
    await writes_on_whatsapp(site)
    await open_case(site, "web-<b>", contact=PHONE)
    case = await claimed(site, ana, contact=PHONE)
    page = await ana.page(f"/cases/{case.folio}")
    assert "web-<b>" not in page and "web-&lt;b&gt;" in page
    assert not [link for link in re.findall(r'(?:href|action)="([^"]*)"', page) if PHONE[3:] in link]
