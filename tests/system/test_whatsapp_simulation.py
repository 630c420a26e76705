"""The real bot on WhatsApp, by the stand-in of its API and the phone-like page."""

from __future__ import annotations

import asyncio
import io
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx
import pytest
from PIL import Image
from simulated import Simulated
from whole_system import ANSWER_SECONDS, ROOT, agent_of

from relevo.protocol import Protocol
from relevo.whatsapp.doctor.examination import examine
from relevo.whatsapp.doctor.templates import wanted_templates
from relevo.whatsapp.simulate import NUMBER_ID
from tests.fuzz.assault import assault
from tests.fuzz.webhooks import requests

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        "whatsapp" not in (ROOT / "credentials.yml").read_text(encoding="utf-8").lower(),
        reason="credentials.yml names no WhatsApp channel",
    ),
]
FUZZED = 3_000
ANGER = "Ya estoy harto, es una burla lo que hacen conmigo, DÓNDE ESTÁ MI PEDIDO!!!"
numbers = count(1)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    """The whole system with the stand-in; it must stop cleanly."""
    running = Simulated(tmp_path_factory.mktemp("simulated"))
    running.start()
    yield running
    assert running.stop() == 0, running.output


@dataclass
class PhoneCustomer:
    """A customer with the page open."""

    http: httpx.AsyncClient
    path: str
    digits: str

    async def view(self) -> dict[str, Any]:
        return (await self.http.get(self.path)).json()

    async def act(self, deed: str, **values: Any) -> None:
        answer = await self.http.post(f"{self.path}/deeds", json={"deed": deed, **values})
        assert answer.status_code == 204, answer.text

    async def heard(self) -> list[str]:
        """The texts of the business, in order."""
        return [message["text"] for message in (await self.view())["messages"] if not message["mine"]]

    async def ask(self, text: str, answer: str) -> None:
        """Write, and wait until something that holds `answer` comes."""
        await self.act("write", text=text)
        await self.wait(lambda view: any(answer in told for told in _texts(view)))

    async def wait(self, until: Callable[[dict[str, Any]], bool], seconds: float = ANSWER_SECONDS) -> None:
        """Return as soon as something is so."""
        deadline = time.monotonic() + seconds
        while not until(view := await self.view()):
            assert time.monotonic() < deadline, view
            await asyncio.sleep(0.1)


def _texts(view: dict[str, Any]) -> list[str]:
    return [message["text"] for message in view["messages"] if not message["mine"]]


@pytest.fixture
async def customer(simulated: Simulated) -> AsyncIterator[PhoneCustomer]:
    """A new customer; faults and time of the ones before are gone for them."""
    digits = f"5215500{next(numbers):06}"
    async with httpx.AsyncClient(base_url=simulated.phone) as http:
        await http.post("/phone/faults", json={"kind": "none"})
        await http.post("/phone/manner", json={})
        phone = (await http.post("/phone/phones", json={"name": "Lupe", "number": digits})).json()["phone"]
        yield PhoneCustomer(http, f"/phone/phones/{phone}", digits)


async def test_question_is_read_and_answered(customer: PhoneCustomer) -> None:
    await customer.ask("¿cuánto tarda el envío a Monterrey?", "días hábiles")
    await customer.wait(lambda view: view["messages"][0]["progress"] == "read")


async def test_message_that_is_told_twice_and_in_disorder_is_answered_once(customer: PhoneCustomer) -> None:
    await customer.http.post("/phone/manner", json={"batch": 4, "repeated": 1.0, "shuffled": True})
    await customer.ask("¿aceptan paypal?", "PayPal")
    await customer.ask("¿cuánto tarda el envío a Monterrey?", "días hábiles")  # It comes after all repeats.
    assert len([text for text in await customer.heard() if "PayPal" in text]) == 1


async def test_answer_arrives_in_spite_of_passing_faults(customer: PhoneCustomer) -> None:
    await customer.http.post("/phone/faults", json={"kind": "error", "code": 131016, "times": 2})
    await customer.act("write", text="¿aceptan paypal?")
    await customer.wait(lambda view: any("PayPal" in text for text in _texts(view)), 60)


async def test_file_and_what_is_not_supported_get_an_answer(customer: PhoneCustomer) -> None:
    await customer.act("unsupported")
    await customer.wait(lambda view: bool(_texts(view)))
    before = len(await customer.heard())
    note = {"file": ("nota.ogg", b"OggS", "audio/ogg")}
    assert (await customer.http.post(f"{customer.path}/files", files=note)).status_code == 204
    await customer.wait(lambda view: len(_texts(view)) > before)


async def test_person_at_the_desk_answers_on_the_phone_and_nobodys_number_is_logged(
    simulated: Simulated, customer: PhoneCustomer
) -> None:
    await customer.ask(ANGER, "RV-")
    async with agent_of(simulated) as agent:
        folio = await agent.folio_of("WhatsApp")
        await agent.act(folio, "claim")
        await agent.act(folio, "answer", text="Hola, soy Ana. Ya reviso tu pedido.")
    await customer.wait(lambda view: any("soy Ana" in text for text in _texts(view)))
    assert customer.digits not in simulated.output


async def test_picture_from_the_phone_is_seen_at_the_desk(
    simulated: Simulated, customer: PhoneCustomer
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(picture, "PNG")
    await customer.ask(ANGER, "RV-")
    await customer.http.post("/phone/faults", json={"kind": "media_expired"})
    files = {"file": ("silla rota.png", picture.getvalue(), "image/png")}
    assert (await customer.http.post(f"{customer.path}/files", files=files)).status_code == 204
    (folio,) = set(re.findall(r"RV-[A-Z0-9-]+", " ".join(await customer.heard())))
    async with agent_of(simulated) as agent:
        address = await agent.find(folio, r'<img src="(/conversations/[^"]+)"')
        assert await agent.download(address) == (picture.getvalue(), "image/png")
        await customer.act("look")
        states = r'data-author="bot".*?data-testid="tick"[^>]*data-state="(read)"'
        assert await agent.find(folio, f"(?s){states}")


async def test_doctor_finds_nothing_to_mend(simulated: Simulated, protocol: Protocol) -> None:
    wanted = wanted_templates(protocol)
    findings = await examine(simulated.credentials, simulated.bot, wanted, time.time)
    assert [finding for finding in findings if finding.severity != "ok"] == []
    assert len(wanted) == 2


async def test_no_webhook_brings_the_bot_down(simulated: Simulated) -> None:
    wanted = requests(1, NUMBER_ID, simulated.credentials.app_secret)
    outcome = await assault(simulated.bot, wanted, FUZZED)
    assert [(number, problem) for number, problem, _ in outcome.failures] == []
    assert outcome.sent == FUZZED
