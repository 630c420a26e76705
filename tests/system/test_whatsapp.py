"""A customer on WhatsApp, end to end: webhook, bot, desk, and what is posted to Meta."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from small_graph import APP_SECRET, LINE, TOKEN, VERIFY_TOKEN, SmallGraph, a_webhook, received, signed
from whole_system import System, agent_of, customer_of

from relevo.store.keys import digest_of

pytestmark = pytest.mark.system

FOLIO = re.compile(r"RV-[0-9A-Z]{4}-[0-9A-Z]{4}")


@pytest.fixture
async def graph() -> AsyncIterator[SmallGraph]:
    async with SmallGraph().up() as graph:
        yield graph


@pytest.fixture
def whatsapp(graph: SmallGraph, tmp_path: Path) -> Any:
    """The whole system with WhatsApp set up."""
    system = System(
        tmp_path,
        WHATSAPP_TOKEN=TOKEN,
        WHATSAPP_APP_SECRET=APP_SECRET,
        WHATSAPP_VERIFY_TOKEN=VERIFY_TOKEN,
        WHATSAPP_PHONE_NUMBER_IDS=LINE,
        WHATSAPP_API_URL=graph.url,
    )
    system.start()
    yield system
    assert system.stop() == 0, system.output
    assert "5512345678" not in system.output, "a customer's number is in the log"


class Phone:
    """A customer with WhatsApp."""

    def __init__(self, system: System, graph: SmallGraph) -> None:
        self._url = f"{system.bot}/webhooks/whatsapp/webhook"
        self._graph = graph

    async def send(self, kind: str, content: Any, **more: Any) -> None:
        message = received(kind, content, at=int(time.time()), **more)
        message["id"] = f"wamid.{uuid.uuid4().hex}"
        body, headers = signed(a_webhook(message))
        async with httpx.AsyncClient() as http:
            reply = await http.post(self._url, content=body, headers=headers)
        assert reply.status_code == 200, reply.status_code

    async def ask(self, text: str, holds: Callable[[str], bool] = bool) -> str:
        """Send a text, and return what comes until something holds of it."""
        before = len(self._graph.texts)
        await self.send("text", {"body": text})
        await self._graph.wait(lambda: holds("\n".join(self._graph.texts[before:])))
        return "\n".join(self._graph.texts[before:])


async def test_a_customer_on_whatsapp_is_answered_handed_to_a_person_and_answered_by_them(
    whatsapp: System, graph: SmallGraph
) -> None:
    phone = Phone(whatsapp, graph)

    hello = await phone.ask("hola")
    assert "Te escribe Luz" in hello
    assert [body.get("typing_indicator") for body in graph.posted if "status" in body] == [{"type": "text"}]

    answer = await phone.ask("¿a qué hora abren?", lambda said: "10:00" in said)
    assert "Te escribe Luz" not in answer, "the greeting is said once"
    assert graph.authorizations == {f"Bearer {TOKEN}"}

    await phone.send("audio", {"id": "media-1", "mime_type": "audio/ogg", "voice": True})
    await graph.wait(lambda: "nota de voz" in graph.texts[-1])
    [button] = graph.messages[-1]["interactive"]["action"]["buttons"]
    assert button["reply"]["id"] == "/contact_human_agent"

    before = len(graph.texts)
    await phone.send("interactive", {"type": "button_reply", "button_reply": button["reply"]})
    await graph.wait(lambda: any(FOLIO.search(text) for text in graph.texts[before:]))
    folio = FOLIO.search("\n".join(graph.texts[before:]))[0]  # type: ignore[index]

    async with agent_of(whatsapp) as agent:
        page = await agent.act(folio, "claim")
        assert "Nota de voz" in page
        assert "55 1234 5678" in page, "the person knows the number without asking"
        await agent.act(folio, "answer", text="Soy Ana. Ya lo reviso.")
        await graph.wait(lambda: "Soy Ana. Ya lo reviso." in graph.texts)
        assert {body["to"] for body in graph.messages} == {"5215512345678"}

    confirmed = await phone.ask("BAJA")
    assert "ya no te escribiremos" in confirmed


async def test_a_customer_hears_on_whatsapp_of_the_complaint_that_they_filed_on_the_website(
    whatsapp: System, graph: SmallGraph
) -> None:
    phone = Phone(whatsapp, graph)
    async with customer_of(whatsapp, "es") as customer, agent_of(whatsapp) as agent:
        await customer.ask("quiero poner una queja")
        await customer.ask("El sillón llegó con una pata rota y nadie me contesta.")
        await customer.ask("no tengo número de pedido")
        folio = FOLIO.search(await customer.ask("55 1234 5678"))[0]  # type: ignore[index]
        asked = await phone.ask("¿cómo va mi queja?", lambda said: "folio" in said)
        assert folio not in asked, "that somebody gave the number is not enough"
        await phone.ask("ya no importa, gracias")

        await agent.act(folio, "claim")
        page = await agent.act(folio, "contact", contact=digest_of("+525512345678"))
        assert "confirmed by Supervisor" in page and "Conversation on WhatsApp" in page

    told = await phone.ask("¿cómo va mi queja?", lambda said: "caso" in said)
    assert folio in told and "Supervisor lo está atendiendo" in told
