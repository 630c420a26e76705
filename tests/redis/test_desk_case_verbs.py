"""What people do with a case at the desk besides answering, by plain forms as without scripts."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
import redis.asyncio as redis
from desk_site import Browser, Site, customer_says, listening, next_event, open_case, serve_desk

from relevo.cases.case import Case
from relevo.cases.presence import Colleague
from relevo.cases.queue import CaseClosed
from relevo.desk.locale import load_locales
from relevo.store import keys


@pytest.fixture
async def site(redis_client: redis.Redis) -> AsyncIterator[Site]:
    async with serve_desk(redis_client) as site:
        yield site


async def user(site: Site, name: str, **values: Any) -> Browser:
    """The browser of a user with a role or a person of the roster."""
    await site.desk.users.add(name, name.capitalize(), "correct horse battery staple", **values)
    return await site.signed_in(name)


async def claimed(site: Site, browser: Browser, conversation: str = "c1", **values: Any) -> Case:
    case = await open_case(site, conversation, **values)
    await browser.post(f"/cases/{case.folio}/claim")
    return await site.queue.get(case.folio)


async def sends(browser: Browser, folio: str, verb: str, **fields: str) -> str:
    """Fill in the form of a verb on the case's page; the page that follows."""
    page = await browser.page(f"/cases/{folio}")
    form = re.search(rf'<form[^>]*action="/cases/{folio}/{verb}".*?</form>', page, re.DOTALL)
    assert form, f"there is no form to {verb}"
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    answer = await browser.http.post(f"/cases/{folio}/{verb}", data={**hidden, **fields})
    if answer.status_code == 303:
        return await browser.page(answer.headers["location"])
    return answer.text


async def history(site: Site, folio: str) -> list[str]:
    return [happening.kind for happening in await site.queue.history(folio)]


# --- passing on, noting, waiting ---


async def test_a_case_is_passed_to_another_area_with_a_note_that_stands_in_its_history(site: Site) -> None:
    ana = await site.signed_in()
    case = await claimed(site, ana)
    page = await sends(ana, case.folio, "transfer", area="safety", note="Huele a <b>quemado</b>.")
    assert f"El caso {case.folio} se pasó a otra área." in page
    assert (await site.queue.get(case.folio)).area == "safety"
    page = await ana.page(f"/cases/{case.folio}")
    assert "Ana pasó el caso a Seguridad del producto" in page
    assert "Huele a &lt;b&gt;quemado&lt;/b&gt;." in page


async def test_a_waiting_case_can_be_passed_on_by_whoever_sees_that_it_is_elsewhere(site: Site) -> None:
    case = await open_case(site)
    await sends(await site.signed_in(), case.folio, "transfer", area="safety", note="")
    assert (await site.queue.get(case.folio)).area == "safety"


async def test_areas_that_do_not_exist_are_refused_quietly(site: Site) -> None:
    ana = await site.signed_in()
    case = await claimed(site, ana)
    await sends(ana, case.folio, "transfer", area="../x", note="")
    assert (await site.queue.get(case.folio)).state == "claimed"


async def test_a_note_is_kept_once_however_often_its_form_is_sent(site: Site) -> None:
    ana = await site.signed_in()
    case = await open_case(site)
    for _ in range(2):
        await ana.post(f"/cases/{case.folio}/note", note="Llamó ayer.\x07", change_id="0" * 32)
    await ana.post(f"/cases/{case.folio}/note", note="  ")
    assert await history(site, case.folio) == ["case_opened", "case_noted"]
    page = await ana.page(f"/cases/{case.folio}")
    assert "Ana anotó:" in page and "Llamó ayer." in page
    assert "\x07" not in page


async def test_a_case_waits_for_its_customer_until_they_write(site: Site) -> None:
    ana = await site.signed_in()
    case = await claimed(site, ana)
    page = await sends(ana, case.folio, "wait")
    assert "Lo atiendes tú · espera al cliente" in " ".join(page.split())
    assert 'data-testid="wait"' not in page
    assert 'data-testid="answer"' in page
    await site.queue.customer_wrote("c1", "m2", site.clock.now)
    assert 'data-testid="wait"' in await ana.page(f"/cases/{case.folio}")


async def test_what_is_no_longer_ones_own_is_said_so(site: Site) -> None:
    ana = await site.signed_in()
    case = await claimed(site, ana)
    await site.queue.release(case.folio, "Ana", site.clock.now)
    for verb, fields in (("wait", {}), ("resolve", {"reason": "solved"}), ("release", {})):
        answer = await ana.post(f"/cases/{case.folio}/{verb}", **fields)
        assert "Ya no atiendes este caso." in await ana.page(answer.headers["location"])


# --- phrases ---


async def test_phrases_of_the_protocol_are_at_hand_in_the_customers_language(site: Site) -> None:
    ana = await site.signed_in()
    case = await claimed(site, ana, trigger="anger", language="en")
    page = html.unescape(await ana.page(f"/cases/{case.folio}"))
    trigger = site.desk.protocol.contingency.trigger("anger")
    for phrase in trigger.phrases:
        assert phrase.en in page
    assert site.desk.protocol.contingency.recovery["voucher_10"].words.en in page
    assert "lo autoriza una supervisora o un supervisor" in page


async def test_pressing_a_phrase_puts_it_behind_what_was_written(site: Site) -> None:
    ana = await site.signed_in()
    case = await claimed(site, ana, trigger="anger")
    answer = await ana.post(f"/cases/{case.folio}/phrase", text="Hola, <i>Raúl</i>.", phrase="0")
    said = re.search(r'<textarea id="answer".*?>(.*?)</textarea>', answer.text, re.DOTALL)
    first = site.desk.protocol.contingency.trigger("anger").phrases[0].es
    assert said and html.unescape(said[1]) == f"Hola, <i>Raúl</i>.\n{first}"
    for odd in ("", "99", "-1", "²", "x"):
        answer = await ana.post(f"/cases/{case.folio}/phrase", text="Hola", phrase=odd)
        assert answer.status_code == 200 and ">Hola</textarea>" in answer.text


async def test_a_complaint_of_a_known_cause_shows_its_apology_remedy_and_offers(site: Site) -> None:
    ana = await site.signed_in()
    case = await claimed(site, ana, kind="complaint", trigger="", cause="late_delivery")
    page = html.unescape(await ana.page(f"/cases/{case.folio}"))
    cause = site.desk.protocol.complaints.causes["late_delivery"]
    assert cause.apology.es in page and cause.remedy.es in page
    assert "Reenvío exprés sin costo" in page


# --- the end, and back ---


async def test_a_case_is_resolved_with_a_reason_of_the_protocol(site: Site) -> None:
    ana = await site.signed_in()
    case = await claimed(site, ana)
    page = await ana.page(f"/cases/{case.folio}")
    reasons = re.findall(
        r'<option value="(\w+)">', re.search(r'<select id="reason".*?</select>', page, re.DOTALL)[0]
    )  # type: ignore[index]
    assert reasons == list(site.desk.queue.rules.reasons("hand_off"))
    await sends(ana, case.folio, "resolve", reason="made_up")
    assert (await site.queue.get(case.folio)).state == "claimed"
    await sends(ana, case.folio, "resolve", reason="not_ours")
    assert (await site.queue.get(case.folio)).closing_reason == "not_ours"


async def test_a_claim_is_marked_and_meant_for_whoever_is_above(site: Site) -> None:
    ana = await user(site, "elena", person="elena_ruiz")
    case = await claimed(site, ana, kind="complaint", trigger="", area="senior_care")
    await sends(ana, case.folio, "resolve", reason="explained")
    await site.queue.reject_resolution(case.folio, site.clock.now + 60)
    for path in ("/", f"/cases/{case.folio}"):
        page = await ana.page(path)
        assert "Reclamación" in page and "Rodrigo Cárdenas Ibarra" in page
    page = await ana.page(f"/cases/{case.folio}")
    assert "El cliente rechazó la solución" in page
    assert "Lee la queja y la primera respuesta" in page
    answer = await ana.post(f"/cases/{case.folio}/claim")
    assert "Sobre la reclamación decide otra persona." in await ana.page(answer.headers["location"])
    rodrigo = await user(site, "rodrigo", person="rodrigo_cardenas")
    assert "Para ti" in await rodrigo.page("/")
    await rodrigo.post(f"/cases/{case.folio}/claim")
    assert (await site.queue.get(case.folio)).claimed_person == "rodrigo_cardenas"


# --- hands ---


async def test_who_has_their_hands_full_hears_it_and_a_supervisor_may_take_more(site: Site) -> None:
    ana = await site.signed_in()
    boss = await user(site, "jefa", role="supervisor")
    for browser, name in ((ana, "a"), (boss, "b")):
        for number in range(6):
            case = await open_case(site, f"{name}{number}")
            answer = await browser.post(f"/cases/{case.folio}/claim")
        page = await browser.page(answer.headers["location"])
        state = (await site.queue.get(case.folio)).state
        if browser is ana:
            assert state == "waiting" and "Tienes tantos casos como puedes atender" in page
        else:
            assert state == "claimed"


async def test_a_supervisor_may_put_back_what_somebody_else_has(site: Site) -> None:
    case = await claimed(site, await site.signed_in())
    boss = await user(site, "jefa", role="supervisor")
    assert 'data-testid="take-away"' in await boss.page(f"/cases/{case.folio}")
    await sends(boss, case.folio, "release")
    assert (await site.queue.get(case.folio)).state == "waiting"
    assert "Jefa le retiró el caso a Ana" in await boss.page(f"/cases/{case.folio}")
    luis = await site.signed_in("luis")
    await claimed(site, await site.signed_in(), "c2")
    other = (await site.queue.taken(1))[0]
    assert 'data-testid="take-away"' not in await luis.page(f"/cases/{other.folio}")


# --- one customer ---


async def test_cases_of_one_customer_are_shown_together_and_joined(site: Site) -> None:
    ana = await site.signed_in()
    case = await claimed(site, ana)
    other = await open_case(site, "c1", kind="complaint", trigger="", contact="+525512345678")
    stranger = await open_case(site, "c2")
    page = await ana.page(f"/cases/{case.folio}")
    assert other.folio in page and stranger.folio not in page
    page = await sends(ana, case.folio, "join")
    assert "Los casos quedaron unidos." in page
    assert (await site.queue.get(other.folio)).merged_into == case.folio
    assert case.folio in await ana.page(f"/cases/{other.folio}"), "the joined case leads to the other one"
    with pytest.raises(CaseClosed):
        await site.queue.claim(other.folio, "Luis", site.clock.now)
    answer = await ana.post(f"/cases/{case.folio}/join", other=stranger.folio)
    assert "no se pueden unir" in await ana.page(answer.headers["location"])


# --- follow-ups ---


def local_tomorrow(site: Site, hour: int = 17) -> str:
    day = datetime.fromtimestamp(site.clock.now + 86_400, site.desk.protocol.company.hours.zone)
    return day.replace(hour=hour, minute=0).strftime("%Y-%m-%dT%H:%M")


async def test_a_follow_up_is_booked_from_the_case_once_and_noted_in_its_history(site: Site) -> None:
    ana = await site.signed_in()
    case = await claimed(site, ana)
    wanted = {"when": local_tomorrow(site), "method": "call", "contact": "55 1234 5678"}
    for _ in range(2):
        answer = await ana.post(f"/cases/{case.folio}/follow-up", change_id="1" * 32, **wanted)
    assert "El seguimiento quedó agendado." in await ana.page(answer.headers["location"])
    (booked,) = await site.desk.agenda.upcoming()
    assert (booked.method, booked.contact, booked.conversation) == ("call", "+525512345678", "c1")
    assert site.desk.protocol.company.hours.local(booked.due_at).hour == 17
    assert await history(site, case.folio) == ["case_opened", "case_claimed", "case_noted"]
    page = await ana.page(f"/cases/{case.folio}")
    assert f"Seguimiento {booked.folio} agendado: Mañana, 17:00" in page
    assert "Hay un seguimiento agendado para: Mañana, 17:00" in page


@pytest.mark.parametrize(
    "odd",
    [
        {"when": "2020-01-01T10:00"},
        {"when": "soon"},
        {"when": ""},
        {"method": "pigeon"},
        {"contact": ""},
        {"method": "email"},
        {"contact": "ana@example.com"},
    ],
)
async def test_a_follow_up_that_cannot_be_kept_is_not_booked(site: Site, odd: dict[str, str]) -> None:
    ana = await site.signed_in()
    case = await claimed(site, ana)
    wanted = {"when": local_tomorrow(site), "method": "call", "contact": "55 1234 5678", **odd}
    answer = await ana.post(f"/cases/{case.folio}/follow-up", **wanted)
    assert answer.status_code == 400
    assert "Revisa el seguimiento" in answer.text
    assert await site.desk.agenda.upcoming() == []


# --- presence ---


async def test_whoever_looks_at_the_desk_is_present_and_an_open_page_says_so_again(
    site: Site, redis_client: redis.Redis
) -> None:
    fernanda = await user(site, "fernanda", person="fernanda_quiroga")
    await fernanda.page("/")
    assert await site.queue.presence.colleagues() == [
        Colleague("Fernanda", "fernanda_quiroga", site.clock.now)
    ]
    async with listening(fernanda, "/events/queue") as events:
        site.clock.now += 300
        await open_case(site)
        await next_event(events)
    assert (await site.queue.presence.colleagues())[0].last_sign == site.clock.now


async def test_writing_an_answer_keeps_the_case(site: Site, redis_client: redis.Redis) -> None:
    ana = await site.signed_in()
    case = await claimed(site, ana)
    lapses_at = await redis_client.zscore(keys.LAPSES, case.folio)
    site.clock.now += 300
    assert (await ana.post(f"/cases/{case.folio}/work")).status_code == 204
    assert await redis_client.zscore(keys.LAPSES, case.folio) == lapses_at + 300
    luis = await site.signed_in("luis")
    site.clock.now += 100
    await luis.post(f"/cases/{case.folio}/work")
    assert await redis_client.zscore(keys.LAPSES, case.folio) == lapses_at + 300


# --- suggestions ---


async def test_cases_that_suit_someone_of_the_roster_come_first_within_their_priority(site: Site) -> None:
    elena = await user(site, "elena", person="elena_ruiz")
    other = await open_case(site, "c1", area="customer_care", target_at=site.clock.now + 60)
    suits = await open_case(site, "c2", area="senior_care", language="en")
    urgent = await open_case(site, "c3", area="safety", priority="urgent", rank=0)
    page = await elena.page("/")
    rows = re.findall(r'data-testid="queue-row" data-folio="([^"]+)"', page)
    assert rows == [urgent.folio, suits.folio, other.folio]
    assert page.count("Va contigo") == 1
    assert "Es de tu área" in page
    plain = await (await site.signed_in("ana")).page("/")
    assert "Va contigo" not in plain
    assert re.findall(r'data-testid="queue-row" data-folio="([^"]+)"', plain) == [
        *(urgent.folio, other.folio, suits.folio)
    ]


async def test_a_case_says_that_nobody_of_its_area_can_take_it_and_who_is_next(site: Site) -> None:
    ana = await site.signed_in()
    case = await open_case(site, area="safety", channel="in_person", language="en")
    page = await ana.page(f"/cases/{case.folio}")
    assert "De Seguridad del producto, nadie que esté trabajando ahora atiende En persona" in page
    assert "Lo mejor después, arriba del área: Luis Alberto Nájera Solís, Marisol Ayala Quintero." in page
    assert "Ahora nadie del área atiende En persona" in await ana.page("/")
    site.clock.now += 12 * 3_600
    assert "Ahora nadie de Seguridad del producto está trabajando." in await ana.page(f"/cases/{case.folio}")


async def test_cases_of_an_area_that_is_gone_are_still_seen(site: Site) -> None:
    case = await open_case(site, area="an_old_area")
    page = await (await site.signed_in()).page("/")
    assert case.folio in page and "An old area" in page


@pytest.mark.parametrize("language", ["es", "en"])
async def test_all_that_happens_has_words_in_both_languages(site: Site, language: str) -> None:
    """Each verb leaves its mark in the history, and no mark is shown by its bare name."""
    ana = await site.signed_in("ana", **{"accept-language": language})
    case = await claimed(site, ana, trigger="anger")
    queue, now = site.queue, site.clock.now
    await queue.note(case.folio, "Ana", "x", now)
    await queue.answer(case.folio, "Ana", "x", now)
    await queue.wait_for_customer(case.folio, "Ana", now)
    await queue.customer_wrote("c1", "m9", now)
    await queue.transfer(case.folio, "Ana", "safety", now)
    await queue.claim(case.folio, "Ana", now)
    await queue.release(case.folio, "Ana", now)
    await queue.claim(case.folio, "Ana", now)
    await queue.resolve(case.folio, "Ana", now, "solved")
    await queue.reject_resolution(case.folio, now)
    await queue.claim(case.folio, "Luis", now)
    await queue.close(case.folio, "Luis", now)
    page = await ana.page(f"/cases/{case.folio}")
    texts = load_locales()[language].texts  # type: ignore[index]
    kinds = set(await history(site, case.folio))
    assert len(kinds) == 11
    assert {f"history.{kind}" for kind in kinds} <= set(texts)
    assert "case_" not in re.sub(r'data-kind="\w+"', "", page)


async def test_a_happening_of_a_newer_version_is_shown_as_it_is_called(
    site: Site, redis_client: redis.Redis
) -> None:
    case = await open_case(site)
    entry = {"kind": "case_photographed", "at": "1764000000.0", "by": "Ana"}
    await redis_client.xadd(keys.history(case.folio), entry)  # type: ignore[arg-type]
    assert "Ana: Photographed" in await (await site.signed_in()).page(f"/cases/{case.folio}")


async def test_what_staff_write_is_shown_and_never_run(site: Site, redis_client: redis.Redis) -> None:
    await customer_says(redis_client, "c1", "hola")
    ana = await site.signed_in()
    case = await claimed(site, ana)
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    await sends(ana, case.folio, "note", note=attack)
    page = await ana.page(f"/cases/{case.folio}")
    assert "&lt;script&gt;" in page and "<script>alert" not in page and "<img src=x" not in page
