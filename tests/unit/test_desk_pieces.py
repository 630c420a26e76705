"""Small pieces of the desk: titles, addresses, passwords, event streams, and what templates must not hold."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from relevo.cases.case import Case
from relevo.desk import rendering
from relevo.desk.live import EventStream, merge
from relevo.desk.locale import load_locales
from relevo.desk.passwords import generate_password
from relevo.desk.titles import Titles
from relevo.desk.visit import safe_address
from relevo.protocol import Protocol

CASE = Case(
    folio="RV-0000-0001",
    kind="hand_off",
    conversation="c1",
    channel="webchat",
    language="es",
    area="senior_care",
    priority="high",
    rank=1,
    opened_at=0.0,
    target_at=120.0,
    topic="track_order",
    trigger="anger",
)


@pytest.fixture
def titles(protocol: Protocol) -> Titles:
    return Titles(protocol, load_locales()["es"])


def test_titles_and_guidance_are_those_of_the_protocol(titles: Titles, protocol: Protocol) -> None:
    trigger = protocol.contingency.trigger("anger")
    assert titles.topic("track_order") == protocol.topics["track_order"].title.es
    assert titles.area("senior_care") == protocol.roster.areas["senior_care"].title.es
    assert titles.channel("webchat") == protocol.channels["webchat"].title.es
    assert titles.reason(CASE) == trigger.title.es
    assert titles.guidance(CASE) == trigger.guidance.es


def test_a_topic_without_answers_is_called_like_its_trigger(titles: Titles) -> None:
    assert titles.topic("report_safety_incident") == "Incidente de seguridad"


def test_names_that_the_protocol_no_longer_knows_are_shown_as_they_are(titles: Titles) -> None:
    case = replace(CASE, trigger="gone", kind="complaint")
    assert titles.topic("some_old_topic") == "Some old topic"
    assert titles.reason(case) == "Queja"
    assert titles.guidance(case) == ""


def test_phone_numbers_are_shown_in_groups(titles: Titles) -> None:
    assert titles.contact("+525512345678") == "+52 55 1234 5678"
    assert titles.contact("ana@example.com") == "ana@example.com"
    assert titles.contact("") == ""


@pytest.mark.parametrize(
    "address", ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\nb", "x"]
)
def test_nobody_is_led_to_another_site(address: str) -> None:
    assert safe_address(address) == "/"


def test_an_address_of_the_desk_is_kept() -> None:
    assert safe_address("/cases/RV-0000-0001?a=b") == "/cases/RV-0000-0001?a=b"


def test_generated_passwords_are_long_readable_and_different() -> None:
    passwords = {generate_password() for _ in range(100)}
    assert len(passwords) == 100
    assert all(re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", password) for password in passwords)
    assert not any(set("ilo01") & set(password) for password in passwords)


@pytest.mark.parametrize("template", sorted(rendering.TEMPLATES.glob("*.html")), ids=lambda file: file.name)
def test_templates_hold_nothing_that_the_content_policy_forbids(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|https?://|\|\s*safe\b", text)


class Answer:
    """Collects what is sent to a browser."""

    def __init__(self) -> None:
        self.sent = ""

    async def send(self, text: str) -> None:
        self.sent += text


async def test_text_cannot_break_out_of_its_event() -> None:
    answer = Answer()
    await EventStream(answer).send("line", "a\r\n\nevent: changed\rdata: x", "1-0")
    assert answer.sent == "id: 1-0\nevent: line\ndata: a\ndata: \ndata: event: changed\ndata: data: x\n\n"


async def endless(item: Any) -> AsyncIterator[Any]:
    yield item
    await asyncio.Event().wait()


async def test_merging_gives_the_items_of_all_sources_until_one_ends() -> None:
    async def items() -> AsyncIterator[int]:
        for number in (1, 2, 3):
            yield number

    assert sorted([item async for item in merge(endless(0), items())]) == [0, 1, 2, 3]
    assert len(asyncio.all_tasks()) == 1


async def test_a_source_that_fails_ends_the_others() -> None:
    async def failing() -> AsyncIterator[Any]:
        raise ConnectionError
        yield

    with pytest.raises(ConnectionError):
        async for _ in merge(endless(0), failing()):
            pass
    assert len(asyncio.all_tasks()) == 1
