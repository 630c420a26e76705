"""A local Graph API that really serves, a business's webhook that listens to it, and builders."""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import httpx
from aiohttp import web
from aiohttp.test_utils import TestServer
from desk_site import Clock
from sanic import Sanic

from relevo.ports import free_port
from relevo.whatsapp.phone.app import create_app as create_phone_app
from relevo.whatsapp.phone.simulation import Simulation
from relevo.whatsapp.signature import HEADER, sign
from relevo.whatsapp.stand_in.account import Account, PhoneNumber, Subscription, Token
from relevo.whatsapp.stand_in.app import create_app
from relevo.whatsapp.stand_in.courier import Courier
from relevo.whatsapp.stand_in.customers import ChatMessage, Customer
from relevo.whatsapp.stand_in.graph import GraphApi
from relevo.whatsapp.stand_in.templates import Template

# Else Sanic, which rewrites its own methods at the start, serves one app in a process only.
Sanic.test_mode = True

TOKEN, APP_SECRET, VERIFY_TOKEN = "EAAG-a-token", "an-app-secret", "a-verify-token"
NUMBER = "106540352242922"
LUPE, JOHN = "5215512345678", "16505551234"
VERSION = "v21.0"
REMINDER = Template(
    "order_reminder", "es_MX", "Hola {{1}}, tu pedido {{2}} está listo.", quick_replies=("Gracias",)
)


@dataclass
class Webhook:
    """The business's webhook: checks signatures, keeps what it hears, answers as it is told."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    """The next answers; 200 when none are left."""
    bodies: list[dict[str, Any]] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not hmac.compare_digest(request.headers[HEADER], sign(body, APP_SECRET)):
            return web.Response(status=401)
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.bodies.append(json.loads(body))
        return web.Response(status=status)

    async def verify(self, request: web.Request) -> web.Response:
        if request.query.get("hub.verify_token") != VERIFY_TOKEN:
            return web.Response(status=403)
        return web.Response(text=request.query["hub.challenge"])

    @property
    def values(self) -> list[dict[str, Any]]:
        """The values of all changes, in the order in which they came."""
        return [
            change["value"] for body in self.bodies for entry in body["entry"] for change in entry["changes"]
        ]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [message for value in self.values for message in value.get("messages", [])]

    def statuses(self, message_id: str) -> list[str]:
        """How far a message has come, in the order in which it was told."""
        told = [status for value in self.values for status in value.get("statuses", [])]
        return [status["status"] for status in told if status["id"] == message_id]


@dataclass
class Served:
    """A running stand-in."""

    url: str
    api: GraphApi
    clock: Clock
    http: httpx.AsyncClient
    webhook: Webhook
    app: Sanic

    @property
    def courier(self) -> Courier:
        return self.app.ctx.courier

    async def post(self, body: Any, **headers: str) -> httpx.Response:
        return await self.http.post(f"/{VERSION}/{NUMBER}/messages", json=body, headers=headers)

    async def send(self, body: Any) -> str:
        """Send what must be taken; its id."""
        answer = await self.post(body)
        assert answer.status_code == 200, answer.text
        return answer.json()["messages"][0]["id"]

    async def code(self, body: Any) -> int:
        """Send what must be refused; the error's code."""
        answer = await self.post(body)
        assert answer.status_code >= 400, answer.text
        return answer.json()["error"]["code"]

    def says(self, text: str = "hola", wa_id: str = LUPE) -> ChatMessage:
        """A customer writes."""
        return self.api.say(wa_id, NUMBER, "text", {"body": text})


def account(**values: Any) -> Account:
    """A sound account."""
    plain: dict[str, Any] = {
        "token": Token(TOKEN),
        "app_secret": APP_SECRET,
        "numbers": {NUMBER: PhoneNumber(NUMBER)},
        "templates": [REMINDER],
    }
    return Account(**{**plain, **values})


@asynccontextmanager
async def serve_graph_api(given: Account | None = None, **options: Any) -> AsyncIterator[Served]:
    """A stand-in on a free port for the length of the block, with a webhook that is subscribed."""
    clock, port = Clock(), free_port()
    api = GraphApi(given or account(), now=clock, **options)
    api.add_customer(Customer(LUPE, "Lupe Hernández"))
    api.add_customer(Customer(JOHN, "John Doe"))
    async with listening() as webhook, running(create_app(api), port) as app:
        api.account.subscription = api.account.subscription or Subscription(webhook.url, VERIFY_TOKEN)
        url = f"http://127.0.0.1:{port}"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(base_url=url, headers=headers) as http:
            yield Served(url, api, clock, http, webhook, app)


@asynccontextmanager
async def running(app: Sanic, port: int) -> AsyncIterator[Sanic]:
    """The application, serving for the length of the block."""
    server = await app.create_server(port=port, host="127.0.0.1", return_asyncio_server=True)
    await server.startup()
    await server.before_start()
    await server.start_serving()
    await server.after_start()
    try:
        yield app
    finally:
        await server.before_stop()
        await server.close()
        app.shutdown_tasks(0)


@asynccontextmanager
async def listening() -> AsyncIterator[Webhook]:
    """The business's webhook for the length of the block."""
    webhook = Webhook()
    application = web.Application()
    application.router.add_post("/webhooks/whatsapp/webhook", webhook.receive)
    application.router.add_get("/webhooks/whatsapp/webhook", webhook.verify)
    async with TestServer(application) as server:
        webhook.url = str(server.make_url("/webhooks/whatsapp/webhook"))
        yield webhook


async def fetch(url: str, **headers: str) -> int:
    """The status of an address."""
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status


def text(body: str = "hi", to: str = LUPE, **values: Any) -> dict[str, Any]:
    """A text message."""
    return {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": body}, **values}


def typed(kind: str, content: Any, to: str = LUPE) -> dict[str, Any]:
    """A message of any type."""
    return {"messaging_product": "whatsapp", "to": to, "type": kind, kind: content}


def buttons(number: int, title: str = "Option {}", body: str = "Which one?") -> dict[str, Any]:
    """A question with buttons."""
    replies = [
        {"type": "reply", "reply": {"id": f"/topic_{index}", "title": title.format(index)}}
        for index in range(number)
    ]
    content = {"type": "button", "body": {"text": body}, "action": {"buttons": replies}}
    return typed("interactive", content)


def listed(*sections: int, titled: bool = True) -> dict[str, Any]:
    """A list with so many rows in each section."""
    told = []
    for number, rows in enumerate(sections):
        entries = [
            {"id": f"/{number}_{row}", "title": f"Row {row}", "description": "more"} for row in range(rows)
        ]
        told.append({"rows": entries, **({"title": f"Section {number}"} if titled else {})})
    return typed(
        "interactive",
        {"type": "list", "body": {"text": "Which one?"}, "action": {"button": "See all", "sections": told}},
    )


def template(
    *values: str, name: str = "order_reminder", language: str = "es_MX", to: str = LUPE
) -> dict[str, Any]:
    """A template's message with its body's parameters."""
    parameters = [{"type": "text", "text": value} for value in values]
    components = [{"type": "body", "parameters": parameters}] if values else []
    return typed("template", {"name": name, "language": {"code": language}, "components": components}, to)


@dataclass
class ServedPhone:
    """A running simulation with its page, and the business behind it."""

    url: str
    simulation: Simulation
    webhook: Webhook
    business: httpx.AsyncClient
    """Asks the API as the business does."""

    async def answer(self, body: Any) -> str:
        """The business sends a message; its id."""
        told = await self.business.post(f"/{VERSION}/{NUMBER}/messages", json=body)
        assert told.status_code == 200, told.text
        return told.json()["messages"][0]["id"]


@asynccontextmanager
async def serve_phone(**values: Any) -> AsyncIterator[ServedPhone]:
    """A simulation on a free port for the length of the block."""
    port = free_port()
    simulation = Simulation(account(**values))
    async with listening() as webhook:
        app = create_phone_app(simulation, webhook.url, VERIFY_TOKEN)
        async with running(app, port):
            url = f"http://127.0.0.1:{port}"
            async with httpx.AsyncClient(
                base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}
            ) as business:
                yield ServedPhone(url, simulation, webhook, business)
