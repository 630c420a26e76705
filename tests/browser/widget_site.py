"""A stand-in for the web chat's server, and pages of others that load the widget from it.

It keeps to the table in `relevo/channels/webchat/events.py`, says only what a test lets it say, and can be
cut off. Its pages come from another origin than its API, as on a customer's site.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from relevo.ports import free_port

WIDGET = Path(__file__).resolve().parents[2] / "relevo" / "channels" / "webchat" / "widget"
BASE = "/webhooks/webchat"
NOW = 1_764_000_000.0
GREETINGS = {"en": "Hi! I'm Luz, a virtual assistant.", "es": "¡Hola! Soy Luz, una asistente virtual."}
HOSTILE = """
* { all: unset !important; display: inline !important; font: 40px fantasy !important; color: red !important;
    letter-spacing: 9px !important; visibility: hidden !important; direction: rtl !important; }
body { transform: scale(.7) rotate(3deg) !important; overflow: hidden !important; }
relevo-chat { display: none !important; position: static !important; opacity: 0 !important }
relevo-chat { zoom: 3 !important; margin: 99px !important; color-scheme: dark !important; }
"""
"""What a page may say of all its elements, and of ours."""

Entry = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Conversation:
    """What one customer's pages are told."""

    entries: list[Entry] = field(default_factory=list)
    pages: list[asyncio.Queue[str | None]] = field(default_factory=list)

    def keep(self, entry: Entry) -> str:
        """Tell all pages and whoever comes later; the entry's position."""
        self.entries.append({"at": NOW, **entry})
        position = self.position(len(self.entries))
        self._send(self.event(position))
        return position

    def tell(self, entry: Entry) -> None:
        """Tell only the pages that are open."""
        self._send(f"data: {json.dumps(entry)}\n\n")

    def position(self, number: int) -> str:
        return f"{int(NOW * 1000) + number}-0"

    def event(self, position: str) -> str:
        entry = self.entries[self._number(position) - 1]
        return f"id: {position}\ndata: {json.dumps(entry)}\n\n"

    def after(self, position: str | None) -> str:
        known = self._number(position) if position else 0
        return "".join(self.event(self.position(n)) for n in range(known + 1, len(self.entries) + 1))

    def _number(self, position: str) -> int:
        return int(position.partition("-")[0]) - int(NOW * 1000)

    def _send(self, text: str | None) -> None:
        for page in self.pages:
            page.put_nowait(text)

    def cut(self) -> None:
        self._send(None)


@dataclass
class WidgetSite:
    """The server: what it was sent, and what it is to say."""

    origin: str
    pages_origin: str
    conversations: dict[str, Conversation] = field(default_factory=dict)
    posts: list[tuple[str, Any]] = field(default_factory=list)
    refusals: list[tuple[int, Entry]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    is_down: bool = False

    @property
    def conversation(self) -> Conversation:
        """The newest one."""
        return list(self.conversations.values())[-1]

    def posted(self, path: str) -> list[Any]:
        """The bodies that came in by a path, in order."""
        return [body for at, body in self.posts if at == path]

    def say(self, text: str, author: str = "bot", **more: Any) -> str:
        return self.conversation.keep({"type": "message", "author": author, "text": text, **more})

    def cut(self) -> None:
        """The server is gone, with all its open connections."""
        self.is_down = True
        for conversation in self.conversations.values():
            conversation.cut()

    def page(self, kind: str = "plain", **options: str) -> str:
        """The address of a page that loads the widget with some data- options."""
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"{self.pages_origin}/{kind}?{query}"

    def demo_page(self, language: str) -> str:
        """The address of our own demo page, whose chat is open."""
        return f"{self.origin}{BASE}/?lang={language}"

    async def show_demo(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(WIDGET / "page.html")

    async def show(self, request: web.Request) -> web.Response:
        """A page of somebody's site."""
        kind = request.match_info["kind"]
        options = "".join(f' data-{name}="{value}"' for name, value in request.query.items())
        script = f'<script src="{self.origin}{BASE}/widget/relevo.js"{options} defer></script>'
        style = f"<style>{HOSTILE}</style>" if kind == "hostile" else ""
        head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width">{style}{script}'
        body = "<main><h1>Shop</h1></main>"
        page = (
            f'<!doctype html><html lang="en"><head><title>Shop</title>{head}</head><body>{body}</body></html>'
        )
        strict = (
            f"default-src 'none'; script-src {self.origin}; connect-src {self.origin}; base-uri 'none'; "
            "require-trusted-types-for 'script'; trusted-types 'none'"
        )
        headers = {"Content-Security-Policy": strict} if kind == "strict" else {}
        return web.Response(text=page, content_type="text/html", headers=headers)

    async def begin(self, request: web.Request) -> web.Response:
        token = f"token-{len(self.conversations)}"
        language = (await request.json())["language"]
        self.conversations[token] = Conversation()
        self.say(GREETINGS[language])
        return web.json_response({"token": token, "expires_at": NOW}, status=201)

    async def message(self, request: web.Request) -> web.Response:
        conversation, body = self._authorised(request), await request.json()
        self.posts.append(("messages", body))
        if self.refusals:
            status, error = self.refusals.pop(0)
            return web.json_response({"error": error}, status=status)
        own = {"author": "customer", "text": body["text"], "client_id": body["id"]}
        if not any(entry.get("client_id") == body["id"] for entry in conversation.entries):
            conversation.keep({"type": "message", **own})
        return web.json_response({"accepted": True}, status=202)

    async def attachment(self, request: web.Request) -> web.Response:
        conversation, data = self._authorised(request), await request.read()
        name, client_id = request.headers["X-File-Name"], request.headers["X-Client-Id"]
        self.posts.append(("attachments", name))
        self.files[client_id] = data
        kind = "pdf" if data.startswith(b"%PDF") else "image"
        kept = {
            "id": client_id,
            "name": name,
            "kind": kind,
            "size": len(data),
            "url": f"attachments/{client_id}",
        }
        conversation.keep({"type": "attachment", "author": "customer", **kept, "client_id": client_id})
        return web.json_response({"accepted": True}, status=202)

    async def file(self, request: web.Request) -> web.Response:
        self._authorised(request)
        return web.Response(body=self.files[request.match_info["id"]])

    async def note(self, request: web.Request) -> web.Response:
        self._authorised(request)
        self.posts.append((request.path.removeprefix(f"{BASE}/"), await request.json()))
        return web.json_response({"accepted": True}, status=202)

    async def events(self, request: web.Request) -> web.StreamResponse:
        conversation = self._authorised(request)
        page: asyncio.Queue[str | None] = asyncio.Queue()
        reply = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await reply.prepare(request)
        await reply.write(
            (": welcome\n\n" + conversation.after(request.headers.get("Last-Event-ID"))).encode()
        )
        conversation.pages.append(page)
        try:
            while (text := await page.get()) is not None:
                await reply.write(text.encode())
        finally:
            conversation.pages.remove(page)
        return reply

    def _authorised(self, request: web.Request) -> Conversation:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.conversations:
            raise web.HTTPUnauthorized
        return self.conversations[token]


SITE = web.AppKey("site", WidgetSite)


@web.middleware
async def _cors(request: web.Request, handler: Handler) -> web.StreamResponse:
    site = request.app[SITE]
    site.addresses.append(request.path_qs)
    if site.is_down and request.path.startswith(BASE):
        assert request.transport
        request.transport.close()
    if request.method == "OPTIONS":
        return web.Response(headers={"Access-Control-Allow-Headers": "*, Authorization"})
    return await handler(request)


async def _allow(request: web.Request, reply: web.StreamResponse) -> None:
    reply.headers["Access-Control-Allow-Origin"] = "*"


@asynccontextmanager
async def serve_widget() -> AsyncIterator[WidgetSite]:
    """The stand-in on two free ports: one for the pages, one for the API and the widget's file."""
    ports = free_port(), free_port()
    site = WidgetSite(*(f"http://127.0.0.1:{port}" for port in ports))
    app = web.Application(middlewares=[_cors], client_max_size=20_000_000)
    app[SITE] = site
    app.on_response_prepare.append(_allow)
    app.router.add_static(f"{BASE}/widget", WIDGET)
    app.add_routes(
        [
            web.get("/{kind}", site.show),
            web.get(f"{BASE}/", site.show_demo),
            web.post(f"{BASE}/conversations", site.begin),
            web.post(f"{BASE}/messages", site.message),
            web.get(f"{BASE}/events", site.events),
            web.post(f"{BASE}/attachments", site.attachment),
            web.get(f"{BASE}/attachments/{{id}}", site.file),
            web.post(f"{BASE}/{{path:read|rating}}", site.note),
            web.options("/{path:.*}", site.show),
        ]
    )
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    for port in ports:
        await web.TCPSite(runner, "127.0.0.1", port).start()
    yield site
    site.cut()
    await runner.cleanup()
