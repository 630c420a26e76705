"""Customers by e-mail, end to end: a real mail server, the bot, the desk, and a letter to one of the chat."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from builders import eventually
from mail_server import ANA, AUTHENTICATOR, LocalMail, a_mail, a_report, text_of
from whole_system import System, agent_of, customer_of

pytestmark = pytest.mark.system

FOLIO = re.compile(r"RV-[0-9A-Z]{4}-[0-9A-Z]{4}")
LETTER_SECONDS = 40.0
PROVED = f"{AUTHENTICATOR}; dmarc=pass"


@pytest.fixture
async def mail() -> AsyncIterator[LocalMail]:
    async with LocalMail().up() as mail:
        yield mail


@pytest.fixture
async def by_email(mail: LocalMail, tmp_path: Path) -> AsyncIterator[System]:
    """The whole system with e-mail set up."""
    system = System(tmp_path, **mail.environment)
    # The mail server, in this very process, is to answer meanwhile.
    await asyncio.to_thread(system.start)
    yield system
    assert await asyncio.to_thread(system.stop) == 0, system.output
    assert ANA not in system.output, "a customer's address is in the log"


async def letter_to(mail: LocalMail, address: str, holds: Callable[[str], bool] = bool) -> Any:
    """The first letter to an address of which something holds."""

    def found() -> Any:
        letters = [letter for letter in mail.received if letter["To"] == address]
        return next((letter for letter in letters if holds(text_of(letter))), None)

    return await eventually(found, LETTER_SECONDS)


async def test_customers_are_answered_by_email_and_complaints_confirmed(
    by_email: System, mail: LocalMail
) -> None:
    await mail.send(a_mail("What time do you open?", sender="Meg <meg@example.com>", Subject="Hours"))
    await mail.send(a_mail("Quiero hablar con una persona, por favor.", Authentication_Results=PROVED))

    answer = await letter_to(mail, "meg@example.com")
    assert answer["Subject"] == "Re: Hours"
    assert answer["In-Reply-To"] == "<1@example.com>"
    text = text_of(answer)
    assert text.startswith("Hello, this is Luz, Casa Jacaranda's virtual assistant.")
    assert "9 a.m." in text
    assert "I'm" not in text, "letters are formal"
    assert text.endswith("Luz, virtual assistant\nCasa Jacaranda\n")

    handed_over = text_of(await letter_to(mail, ANA))
    assert "Paso su mensaje a una persona" in handed_over
    folio = FOLIO.search(handed_over)[0]  # type: ignore[index]
    async with agent_of(by_email) as agent:
        page = await agent.act(folio, "claim")
        assert ANA in page
        await agent.act(folio, "answer", text="Soy Ana. Ya lo reviso.")
        person = await letter_to(mail, ANA, lambda said: "Ya lo reviso" in said)
        await mail.put(a_report(person, status="5.2.1"))

        async def came_back() -> bool:
            return "5.2.1" in await agent.open("/undelivered")

        await eventually(came_back, LETTER_SECONDS)
        assert 'data-testid="contact-unreachable"' in await agent.open(f"/cases/{folio}")
    assert person["Auto-Submitted"] is None
    assert len([letter for letter in mail.received if letter["To"] == ANA]) == 2

    async with customer_of(by_email, "es") as customer:
        await customer.ask("quiero poner una queja")
        await customer.ask("Mi mesa llegó rayada y con una pata rota, mira www.example.com/foto")
        await customer.ask("no tengo")
        await customer.ask("luis@example.com")
    confirmed = await letter_to(mail, "luis@example.com")
    assert FOLIO.search(confirmed["Subject"])
    assert "Mi mesa llegó rayada" in text_of(confirmed)
    assert "www.example.com" not in text_of(confirmed)
    assert len(mail.received) == len({letter["Message-ID"] for letter in mail.received})
