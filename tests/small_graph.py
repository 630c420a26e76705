"""As much of Meta's Graph API as the sender needs in tests: notes what is posted, and refuses on demand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from relevo.ports import free_port
from relevo.settings import WhatsAppSettings
from relevo.whatsapp.signature import HEADER, sign

LINE = "1055"
OTHER_LINE = "2066"
ACCOUNT = "9001"
APP_SECRET = "an app secret of tests"
VERIFY_TOKEN = "a verify token of tests"
TOKEN = "an access token of tests"


def whatsapp_settings(url: str = "http://127.0.0.1:9") -> WhatsAppSettings:
    """Access to a stand-in."""
    return WhatsAppSettings(TOKEN, APP_SECRET, VERIFY_TOKEN, (LINE, OTHER_LINE), ACCOUNT, url, "v23.0")


@dataclass
class SmallGraph:
    """A stand-in of the Graph API on a free port."""

    url: str = ""
    posted: list[dict[str, Any]] = field(default_factory=list, repr=False)
    refusals: list[tuple[int, int | None] | str] = field(default_factory=list)
    """What the next posts get: HTTP status and error code, or "cut" for a closed connection."""
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition, repr=False)
    authorizations: set[str] = field(default_factory=set, repr=False)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What was posted, without signs."""
        return [body for body in self.posted if "status" not in body]

    @property
    def texts(self) -> list[str]:
        """The words of the messages."""
        return [words_of(body) for body in self.messages]

    async def wait(self, until: Callable[[], bool], seconds: float = 60.0) -> None:
        """Return once something holds of what was posted."""
        async with self.arrived:
            await asyncio.wait_for(self.arrived.wait_for(until), seconds)

    @asynccontextmanager
    async def up(self) -> AsyncIterator[SmallGraph]:
        """Serve for the length of the block."""
        app = web.Application()
        app.router.add_post("/v23.0/{line}/messages", self._post)
        runner = web.AppRunner(app)
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{port}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _post(self, request: web.Request) -> web.Response:
        self.authorizations.add(request.headers["Authorization"])
        body = await request.json()
        refusal = self.refusals.pop(0) if self.refusals else None
        if refusal == "cut":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if isinstance(refusal, tuple):
            status, code = refusal
            error = (
                {} if code is None else {"error": {"code": code, "message": "no", "type": "OAuthException"}}
            )
            return web.json_response(error, status=status)
        async with self.arrived:
            self.posted.append({**body, "line": request.match_info["line"]})
            self.arrived.notify_all()
        if "status" in body:
            return web.json_response({"success": True})
        return web.json_response({"messages": [{"id": f"wamid.out{len(self.posted)}"}]})


def words_of(body: dict[str, Any]) -> str:
    """What a customer reads of a message."""
    if body["type"] == "interactive":
        return str(body["interactive"]["body"]["text"])
    return str(body["text"]["body"]) if body["type"] == "text" else str(body[body["type"]]["name"])


def a_webhook(
    *messages: dict[str, Any], line: str = LINE, statuses: list[Any] | None = None
) -> dict[str, Any]:
    """A webhook with messages or statuses for one of our numbers."""
    senders = {message["from"] for message in messages}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550001111", "phone_number_id": line},
        "contacts": [{"profile": {"name": f"Name of {sender}"}, "wa_id": sender} for sender in senders],
        **({"messages": list(messages)} if messages else {}),
        **({"statuses": statuses} if statuses else {}),
    }
    changes = [{"field": "messages", "value": value}]
    return {"object": "whatsapp_business_account", "entry": [{"id": ACCOUNT, "changes": changes}]}


def a_text(
    body: str, number: int = 1, *, sender: str = "5215512345678", at: int = 1_764_698_400
) -> dict[str, Any]:
    """A typed message."""
    return received("text", {"body": body}, number, sender=sender, at=at)


def received(
    kind: str,
    content: Any,
    number: int = 1,
    *,
    sender: str = "5215512345678",
    at: int = 1_764_698_400,
    **more: Any,
) -> dict[str, Any]:
    """A message of any type; `at`: UTC epoch seconds."""
    return {
        "from": sender,
        "id": f"wamid.in{number}",
        "timestamp": str(at),
        "type": kind,
        kind: content,
        **more,
    }


def signed(webhook: Any) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a webhook."""
    body = webhook if isinstance(webhook, bytes) else json.dumps(webhook).encode()
    return body, {HEADER: sign(body, APP_SECRET), "Content-Type": "application/json"}
