"""What people above are told reaches them at the desk, until they have seen to it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis
from desk_site import PASSWORD, Browser, Site, follow_up, listening, next_event, open_case, serve_desk

from relevo.cases.case import Case
from relevo.desk.users import Role
from relevo.follow_ups.keeping import Keeping
from relevo.store import keys
from relevo.store.notifications import Notification, Notifications

ABOVE, HIGHEST = "gabriela_montano", "marisol_ayala"
"""The head of the area, and who is above her."""


@pytest.fixture
async def site(redis_client: redis.Redis) -> AsyncIterator[Site]:
    async with serve_desk(redis_client) as site:
        yield site


async def somebody(site: Site, name: str, person: str = "", role: Role = "agent") -> Browser:
    """The browser of a user who is this person of the roster."""
    await site.desk.users.add(name, name.capitalize(), PASSWORD, role, person=person)
    return await site.signed_in(name)


async def late_case(site: Site, conversation: str = "c1") -> Case:
    """A case whose first answer is late, and not yet by an hour."""
    case = await open_case(site, conversation)
    site.clock.now = case.target_at
    await site.queue.see_to_targets(site.clock.now)
    return case


async def unread(browser: Browser) -> int:
    """The number in the head of a page."""
    found = re.search(r'data-testid="unread"[^>]*?( hidden)?>(\d+)<', await browser.page("/protocol"))
    assert found
    assert bool(found[1]) == (found[2] == "0")
    return int(found[2])


def rows(page: str) -> list[str]:
    return re.findall(r'data-testid="notification-row" data-folio="([^"]+)"', page)


async def see_to(browser: Browser, notification: Notification) -> int:
    values = {"person": notification.person, "about": notification.about, "folio": notification.folio}
    return (await browser.post("/notifications/seen", **values, at=str(notification.at))).status_code


async def test_who_is_told_finds_the_case_with_what_is_late(site: Site) -> None:
    gabriela, daniel = (
        await somebody(site, "gabriela", ABOVE),
        await somebody(site, "daniel", "daniel_olvera"),
    )
    case = await late_case(site)
    page = await gabriela.page("/notifications")
    assert rows(page) == [case.folio], "told twice, listed once"
    for told in (f'href="/cases/{case.folio}"', "La primera respuesta se atrasó", "Hoy, "):
        assert told in page
    assert await unread(gabriela) == 1
    assert (await unread(daniel), rows(await daniel.page("/notifications"))) == (0, [])


async def test_it_is_told_in_the_language_of_the_desk(site: Site) -> None:
    gabriela = await somebody(site, "gabriela", ABOVE)
    await late_case(site)
    await gabriela.get("/language/en")
    assert "The first answer is late" in await gabriela.page("/fragments/notifications")


async def test_one_click_takes_it_off_the_list_and_is_kept_in_the_history(site: Site) -> None:
    gabriela = await somebody(site, "gabriela", ABOVE)
    case = await late_case(site)
    [told] = await site.desk.notifications.of([ABOVE])
    assert await see_to(gabriela, told) == 303
    assert "Nada por atender" in await gabriela.page("/notifications?notice=seen")
    assert await unread(gabriela) == 0
    assert (await site.queue.history(case.folio))[-1].kind == "notification_seen"
    assert "Gabriela vio el aviso para Gabriela" in await gabriela.page(f"/cases/{case.folio}")
    last = (await site.client.xrevrange(keys.DESK_EVENTS, count=1))[0][1]
    assert (last["kind"], last["by"], last["person"]) == ("notification_seen", "Gabriela", ABOVE)


async def test_who_is_told_again_meanwhile_has_not_seen_it(site: Site) -> None:
    gabriela = await somebody(site, "gabriela", ABOVE)
    case = await late_case(site)
    [earlier] = await site.desk.notifications.of([ABOVE])
    later = earlier._replace(at=earlier.at - 60)
    assert await see_to(gabriela, later) == 303
    assert rows(await gabriela.page("/notifications")) == [case.folio]
    assert await see_to(gabriela, earlier) == await see_to(gabriela, earlier) == 303
    events = await site.queue.history(case.folio)
    assert [event.kind for event in events].count("notification_seen") == 1


async def test_supervisors_see_what_reaches_nobody_else(site: Site) -> None:
    eva = await somebody(site, "eva", role="supervisor")
    ana = await somebody(site, "ana")
    case = await late_case(site)
    page = await eva.page("/notifications")
    assert rows(page) == [case.folio]
    assert "para Gabriela" in page and "no tiene usuario en el escritorio" in page
    assert (await unread(eva), await unread(ana)) == (1, 0)
    gabriela = await somebody(site, "gabriela", ABOVE)
    assert (await unread(eva), await unread(gabriela)) == (0, 1)


async def test_supervisor_who_is_somebody_of_the_roster_has_their_own_first(site: Site) -> None:
    marisol = await somebody(site, "marisol", HIGHEST, "supervisor")
    case = await open_case(site)
    site.clock.now = case.target_at + 3_600
    await site.queue.see_to_targets(site.clock.now)
    assert await unread(marisol) == 2, "her own, and the one for Gabriela, who can't sign in"
    assert (await marisol.page("/notifications")).count('data-testid="told-person"') == 1


async def test_promise_that_nobody_kept_is_told_with_the_way_to_it(site: Site) -> None:
    eva = await somebody(site, "eva", role="supervisor")
    booked = await site.desk.agenda.book(follow_up(1))
    keeping = Keeping(site.client, site.desk.protocol)
    for seconds in (0, 900, 900):
        await keeping.see_to(booked.due_at + seconds)
    page = await eva.page("/notifications")
    assert rows(page) == [booked.folio]
    assert f'href="/follow-ups/{booked.folio}"' in page
    assert "Nadie hizo el contacto prometido para Hoy" in page
    [told] = await site.desk.notifications.people()
    [notification] = await site.desk.notifications.of([told])
    assert await see_to(eva, notification) == 303
    assert await unread(eva) == 0
    assert await site.client.exists(keys.history(booked.folio)) == 0


@pytest.mark.parametrize(
    "values",
    [
        {"person": "marisol_ayala", "about": "case", "folio": "RV-0000-0001", "at": "1"},
        {"person": ABOVE, "about": "suggestion", "folio": "RV-0000-0001", "at": "1"},
        {"person": ABOVE, "about": "case", "folio": "x", "at": "1"},
        {"person": ABOVE, "about": "case", "folio": "RV-0000-0001", "at": "never"},
        {},
    ],
)
async def test_nobody_sees_to_what_is_not_theirs(site: Site, values: dict[str, str]) -> None:
    gabriela = await somebody(site, "gabriela", ABOVE)
    assert (await gabriela.post("/notifications/seen", **values)).status_code == 404


async def test_number_in_the_head_changes_on_open_pages(site: Site) -> None:
    gabriela = await somebody(site, "gabriela", ABOVE)
    other = await open_case(site, "c2", target_at=site.clock.now + 90_000)
    async with (
        listening(gabriela, "/events/queue") as lists,
        listening(gabriela, f"/events/cases/{other.folio}") as page,
    ):
        await late_case(site)
        for events in (lists, page):
            while (event := await next_event(events))["event"] != "unread":
                pass
            assert event["data"] == "1"


async def test_what_is_about_an_erased_case_goes_from_the_list(site: Site) -> None:
    gabriela = await somebody(site, "gabriela", ABOVE)
    case = await late_case(site)
    await site.client.delete(keys.case(case.folio))
    assert rows(await gabriela.page("/notifications")) == []
    assert await unread(gabriela) == 0


async def test_notifications_are_few_and_expire(site: Site) -> None:
    await late_case(site)
    for key in (keys.notifications(ABOVE), keys.NOTIFIED):
        assert 0 < await site.client.ttl(key) <= keys.NOTIFICATION_SECONDS
    old = {f"case:RV-0000-{n:04}": 1.0 + n for n in range(keys.MAX_NOTIFICATIONS)}
    await site.client.zadd(keys.notifications(ABOVE), old)
    await late_case(site, "c2")
    assert await Notifications(site.client).count([ABOVE]) == 2


async def test_strangers_see_nothing(site: Site) -> None:
    await late_case(site)
    assert (await site.browser().get("/notifications")).status_code in (302, 303)
