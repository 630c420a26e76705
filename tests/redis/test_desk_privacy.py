"""The desk's page of one customer's data: found, copied and erased by supervisors only."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis
from customers import ROSA, live, open_hand_off
from desk_site import Site, serve_desk
from store_contents import contents

from relevo.protocol import Protocol

WHO = {"who": "55 1234 5678"}


@pytest.fixture
async def site(redis_client: redis.Redis) -> AsyncIterator[Site]:
    async with serve_desk(redis_client) as site:
        yield site


@pytest.mark.parametrize("path", ["/privacy/find", "/privacy/export", "/privacy/erase"])
async def test_agents_neither_find_nor_erase(
    site: Site, redis_client: redis.Redis, protocol: Protocol, path: str
) -> None:
    await live(redis_client, protocol, ROSA)
    agent = await site.signed_in("ana")
    assert (await agent.post(path, **WHO, confirmed="yes")).status_code == 403
    assert (await agent.get("/privacy")).status_code == 403
    assert "/privacy" not in await agent.page("/")
    assert ROSA.secret in repr(await contents(redis_client))


async def test_supervisor_sees_how_much_is_kept_and_the_contact_stands_in_no_address(
    site: Site, redis_client: redis.Redis, protocol: Protocol
) -> None:
    folios = await live(redis_client, protocol, ROSA)
    supervisor = await site.signed_in("eva", "supervisor")
    answer = await supervisor.post("/privacy/find", **WHO)
    assert answer.status_code == 200
    assert all(folio in answer.text for folio in folios)
    assert "5678" not in str(answer.url)
    assert ROSA.secret not in answer.text, "what was said is only in the copy"


async def test_copy_is_a_file(site: Site, redis_client: redis.Redis, protocol: Protocol) -> None:
    await live(redis_client, protocol, ROSA)
    answer = await (await site.signed_in("eva", "supervisor")).post("/privacy/export", **WHO)
    assert answer.headers["content-disposition"] == 'attachment; filename="relevo-export.json"'
    assert [row["id"] for row in json.loads(answer.text)["conversations"]] == [ROSA.conversation]


async def test_nothing_is_erased_unless_it_is_confirmed(
    site: Site, redis_client: redis.Redis, protocol: Protocol
) -> None:
    await live(redis_client, protocol, ROSA)
    supervisor = await site.signed_in("eva", "supervisor")
    answer = await supervisor.post("/privacy/erase", **WHO, with_open_cases="yes")
    assert answer.status_code == 400
    assert "No se eliminó nada" in answer.text
    assert ROSA.secret in repr(await contents(redis_client))


async def test_open_cases_are_erased_only_if_that_is_said(
    site: Site, redis_client: redis.Redis, protocol: Protocol
) -> None:
    await live(redis_client, protocol, ROSA)
    folio = await open_hand_off(redis_client, protocol, ROSA)
    supervisor = await site.signed_in("eva", "supervisor")
    answer = await supervisor.post("/privacy/erase", **WHO, confirmed="yes")
    assert answer.status_code == 409
    assert folio in answer.text
    assert (await site.queue.get(folio)).is_open
    answer = await supervisor.post("/privacy/erase", **WHO, confirmed="yes", with_open_cases="yes")
    assert answer.status_code == 303
    assert "Los datos se eliminaron" in await supervisor.page(answer.headers["location"])
    held = repr(await contents(redis_client))
    assert not any(trace in held for trace in [*ROSA.traces, folio])


async def test_unknown_customer_has_nothing(site: Site) -> None:
    answer = await (await site.signed_in("eva", "supervisor")).post("/privacy/find", who="<b>nobody</b>")
    assert 'data-testid="nothing"' in answer.text
    assert "<b>nobody" not in answer.text


async def test_form_that_names_nobody_is_refused(site: Site) -> None:
    supervisor = await site.signed_in("eva", "supervisor")
    assert (await supervisor.post("/privacy/find", who="  ")).status_code == 400
    assert (await supervisor.post("/privacy/find", who="a" * 201)).status_code == 400
