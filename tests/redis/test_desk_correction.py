"""Supervisors correct at the desk how a message was understood."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis
from desk_site import Browser, Site, bot_says, customer_says, listening, next_event, open_case, serve_desk

from relevo.learning.suggestions import Suggestion
from relevo.store.keys import ConversationKeys

SURE_ENGLISH = {"name": "en", "confidence": 0.99, "sure": True}
UNSURE_ENGLISH = {"name": "en", "confidence": 0.6, "sure": False}


@pytest.fixture
async def site(redis_client: redis.Redis) -> AsyncIterator[Site]:
    async with serve_desk(redis_client) as site:
        yield site


@pytest.fixture
async def supervisor(site: Site) -> Browser:
    return await site.signed_in("eva", "supervisor")


async def positions(site: Site) -> list[str]:
    return [position for position, _ in await site.client.xrange(ConversationKeys("c1").log)]


async def correct(site: Site, browser: Browser, folio: str, *, line: int = 0, **chosen: str) -> str:
    """Send the form of a line; the address that it leads to."""
    position = (await positions(site))[line]
    answer = await browser.post(f"/cases/{folio}/lines/{position}/correction", **chosen)
    assert answer.status_code == 303, answer.status_code
    return str(answer.headers["location"])


async def suggestion(site: Site) -> Suggestion:
    (only,) = await site.desk.suggestions.all()
    return only


async def test_below_a_customers_message_stands_what_it_was_understood_as(
    site: Site, redis_client: redis.Redis
) -> None:
    await customer_says(redis_client, "c1", "¿dónde está?", tone="angry")
    await customer_says(redis_client, "c1", "xyz", topic="nlu_fallback")
    await bot_says(redis_client, "c1", "Un momento.")
    case = await open_case(site)
    page = await (await site.signed_in()).page(f"/cases/{case.folio}")
    texts = [
        re.sub(r"<[^>]+>|\s+", " ", found).split()
        for found in re.findall(r'data-testid="understood">(.*?)</p>', page, re.DOTALL)
    ]
    assert [" ".join(words) for words in texts] == [
        "Se entendió como Rastrear mi pedido Enojado",
        "No se entendió Tranquilo",
    ]


async def test_a_correction_becomes_a_suggestion_without_personal_data(
    site: Site, supervisor: Browser, redis_client: redis.Redis
) -> None:
    await customer_says(
        redis_client, "c1", "mi pedido CJ-123456\nno llega, cel 5512345678", topic="delivery_period"
    )
    case = await open_case(site)
    location = await correct(site, supervisor, case.folio, topic="track_order", tone="frustrated")
    kept = await suggestion(site)
    assert (kept.text, kept.language) == ("mi pedido CJ-482915 no llega, cel 5555550142", "es")
    assert (kept.topic, kept.tone) == ("track_order", "frustrated")
    assert (kept.understood_topic, kept.understood_tone) == ("delivery_period", "calm")
    assert (kept.by, kept.at) == ("Eva", site.clock.now)
    path, _, line = location.partition("#")
    page = await supervisor.page(path)
    assert f'id="{line}"' in page
    corrected = re.search(r'data-testid="corrected">(.*?)</summary>', page, re.DOTALL)
    assert corrected and "Rastrear mi pedido" in corrected[1] and "Frustrado" in corrected[1]
    assert '<option value="track_order" selected>' in page
    assert "se cambian por otros inventados" in page


async def test_what_was_right_is_not_suggested(
    site: Site, supervisor: Browser, redis_client: redis.Redis
) -> None:
    await customer_says(redis_client, "c1", "hola")
    case = await open_case(site)
    await correct(site, supervisor, case.folio, topic="track_order", tone="angry")
    assert ((await suggestion(site)).topic, (await suggestion(site)).tone) == ("", "angry")
    await correct(site, supervisor, case.folio, topic="", tone="")
    assert await site.desk.suggestions.all() == []
    assert 'data-testid="corrected"' not in await supervisor.page(f"/cases/{case.folio}")


async def test_correcting_again_replaces_the_earlier_suggestion(
    site: Site, supervisor: Browser, redis_client: redis.Redis
) -> None:
    await customer_says(redis_client, "c1", "hola")
    case = await open_case(site)
    for topic in ("warranty", "greet", "greet"):
        await correct(site, supervisor, case.folio, topic=topic)
    assert (await suggestion(site)).topic == "greet"


@pytest.mark.parametrize(
    ("parsed", "language"), [(SURE_ENGLISH, "en"), (UNSURE_ENGLISH, "es"), ({}, "es"), ({"name": "fr"}, "es")]
)
async def test_a_messages_language_is_its_own_where_sure_else_the_conversations(
    site: Site, supervisor: Browser, redis_client: redis.Redis, parsed: dict[str, object], language: str
) -> None:
    await customer_says(redis_client, "c1", "ok", language=parsed)
    case = await open_case(site)
    await correct(site, supervisor, case.folio, topic="affirm")
    assert (await suggestion(site)).language == language


async def test_agents_read_and_do_not_correct(site: Site, redis_client: redis.Redis) -> None:
    await customer_says(redis_client, "c1", "hola")
    case = await open_case(site)
    agent = await site.signed_in("luis")
    assert 'data-testid="correct"' not in await agent.page(f"/cases/{case.folio}")
    answer = await agent.post(
        f"/cases/{case.folio}/lines/{(await positions(site))[0]}/correction", topic="greet"
    )
    assert answer.status_code == 403
    assert await site.desk.suggestions.all() == []


async def test_a_correction_without_the_forms_token_is_refused(
    site: Site, supervisor: Browser, redis_client: redis.Redis
) -> None:
    await customer_says(redis_client, "c1", "hola")
    case = await open_case(site)
    path = f"/cases/{case.folio}/lines/{(await positions(site))[0]}/correction"
    assert (await supervisor.post(path, topic="greet", csrf="wrong")).status_code == 403
    assert await site.desk.suggestions.all() == []


@pytest.mark.parametrize(
    "chosen", [{"topic": "nlu_fallback"}, {"topic": "<i>x</i>"}, {"topic": "greet", "tone": "happy"}]
)
async def test_only_known_topics_and_tones_can_be_chosen(
    site: Site, supervisor: Browser, redis_client: redis.Redis, chosen: dict[str, str]
) -> None:
    await customer_says(redis_client, "c1", "hola")
    case = await open_case(site)
    path = f"/cases/{case.folio}/lines/{(await positions(site))[0]}/correction"
    assert (await supervisor.post(path, **chosen)).status_code == 400
    assert await site.desk.suggestions.all() == []


async def test_only_what_a_customer_typed_can_be_corrected(
    site: Site, supervisor: Browser, redis_client: redis.Redis
) -> None:
    await bot_says(redis_client, "c1", "¡Hola!")
    await customer_says(redis_client, "c1", "/greet", title="Hola")
    await customer_says(redis_client, "c1", "\x00")
    case = await open_case(site)
    assert (await supervisor.page(f"/cases/{case.folio}")).count('data-testid="correction"') == 1
    for position in (*await positions(site), "1-1", "x", "%2B", f"{10**20}-0", "١-٠"):
        answer = await supervisor.post(f"/cases/{case.folio}/lines/{position}/correction", topic="thank")
        assert answer.status_code == 404
    assert await site.desk.suggestions.all() == []


async def test_a_message_of_another_case_is_not_found(
    site: Site, supervisor: Browser, redis_client: redis.Redis
) -> None:
    await customer_says(redis_client, "c1", "hola")
    other = await open_case(site, "c2")
    for folio in (other.folio, "RV-0000-0000"):
        path = f"/cases/{folio}/lines/{(await positions(site))[0]}/correction"
        assert (await supervisor.post(path, topic="greet")).status_code == 404


async def test_a_line_that_comes_in_can_be_corrected_too(
    site: Site, supervisor: Browser, redis_client: redis.Redis
) -> None:
    case = await open_case(site)
    async with listening(supervisor, f"/events/cases/{case.folio}?after=0-0") as events:
        await customer_says(redis_client, "c1", "hola")
        event = await next_event(events)
    assert f'action="/cases/{case.folio}/lines/{event["id"]}/correction"' in event["data"]
    assert '<option value="greet">' in event["data"]


async def test_a_conversation_to_read_shows_what_was_understood_and_no_forms(
    site: Site, supervisor: Browser, redis_client: redis.Redis
) -> None:
    await customer_says(redis_client, "c1", "hola")
    page = await supervisor.page("/conversations/c1")
    assert 'data-testid="understood"' in page
    assert 'data-testid="correction"' not in page


async def test_topics_are_listed_by_title_in_two_groups(
    site: Site, supervisor: Browser, redis_client: redis.Redis
) -> None:
    await customer_says(redis_client, "c1", "hola")
    case = await open_case(site)
    page = await supervisor.page(f"/cases/{case.folio}")
    wanted, said = re.findall(r"<optgroup[^>]*>(.*?)</optgroup>", page, re.DOTALL)
    shown = re.findall(r">([^<]+)</option>", wanted)
    assert shown[:2] == ["Agendar seguimiento", "Agregar dirección"]
    assert "Hola" in said and "Repetir" in said and "Rastrear mi pedido" not in said
