"""The page's addresses, beside those of the stand-in, and the process that serves both.

The page is for trying out on one's own machine: whoever reaches it may play any customer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from sanic import Sanic, response
from sanic.exceptions import NotFound

from relevo.whatsapp.phone.deeds import Envelope, NotThere, send_file
from relevo.whatsapp.phone.requests import Malformed, NewFault, NewManner, NewPhone, Passed, parse
from relevo.whatsapp.phone.simulation import Simulation, TooManyCustomers, UnknownPhone
from relevo.whatsapp.phone.view import view_chat
from relevo.whatsapp.stand_in.account import Subscription
from relevo.whatsapp.stand_in.app import create_app as create_graph_app
from relevo.whatsapp.stand_in.courier import verify
from relevo.whatsapp.stand_in.errors import GraphError
from relevo.whatsapp.stand_in.faults import OF_MEDIA, Fault
from relevo.whatsapp.stand_in.media import kind_of
from relevo.whatsapp.stand_in.webhooks import Manner

STATIC = Path(__file__).with_name("static")
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
ICON = STATIC.parents[2] / "desk" / "static" / "icon.svg"
FILES = {file.name: file.read_bytes() for file in (*STATIC.iterdir(), ICON) if file.suffix in TYPES}
BEAT_SECONDS = 15.0
RETRY_SECONDS = 1.0
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
REFUSALS: dict[type[Exception], int] = {
    Malformed: 400,
    NotThere: 404,
    UnknownPhone: 404,
    TooManyCustomers: 429,
}
logger = logging.getLogger("relevo.phone")


def create_app(simulation: Simulation, webhook_url: str, verify_token: str) -> Sanic:
    """The stand-in with the page; once the webhook at `webhook_url` verifies, it hears all that happens."""
    app = create_graph_app(simulation.api)
    app.ctx.simulation = simulation
    routes: list[tuple[str, str, Callable[..., Awaitable[Any]]]] = [
        ("GET", "/", _page),
        ("GET", "/health", _health),
        ("GET", "/phone/static/<name:str>", _asset),
        ("POST", "/phone/clock", _move_clock),
        ("POST", "/phone/faults", _script_fault),
        ("POST", "/phone/manner", _set_manner),
        ("POST", "/phone/phones", _open_phone),
        ("GET", "/phone/phones/<phone:str>", _show),
        ("GET", "/phone/phones/<phone:str>/events", _stream),
        ("POST", "/phone/phones/<phone:str>/deeds", _do),
        ("POST", "/phone/phones/<phone:str>/files", _receive_file),
        ("GET", "/phone/phones/<phone:str>/files/<media:str>", _show_file),
    ]
    for method, path, handler in routes:
        app.add_route(handler, path, methods=[method], name=f"phone{handler.__name__}")
    for kind in REFUSALS:
        app.error_handler.add(kind, _refuse)
    app.register_middleware(_admit, "request")
    app.register_middleware(_protect, "response")
    subscription = Subscription(webhook_url, verify_token)

    async def begin(app: Sanic, _: Any) -> None:
        app.ctx.delivering = asyncio.create_task(_deliver(app, simulation, subscription))

    async def end(app: Sanic, _: Any) -> None:
        app.ctx.delivering.cancel()

    app.register_listener(begin, "after_server_start")
    app.register_listener(end, "before_server_stop")
    return app


async def _deliver(app: Sanic, simulation: Simulation, subscription: Subscription) -> None:
    """Subscribe the webhook as soon as it verifies, and take everything there from then on."""
    answers = partial(verify, app.ctx.session, subscription.callback_url, subscription.verify_token)
    while not await answers():  # noqa: ASYNC110 - the bot is another process, which comes up meanwhile
        await asyncio.sleep(RETRY_SECONDS)
    simulation.account.subscription = subscription
    simulation.changes.tell_all()
    logger.info("The bot's webhook has verified; customers' messages reach it.")
    await app.ctx.courier.run()


async def _page(request: Any) -> Any:
    return response.raw(FILES["page.html"], content_type=TYPES[".html"])


async def _health(request: Any) -> Any:
    return response.json({"status": "ok"})


async def _asset(request: Any, name: str) -> Any:
    if name not in FILES:
        raise NotFound("no such file")
    return response.raw(FILES[name], content_type=TYPES[Path(name).suffix])


async def _open_phone(request: Any) -> Any:
    wanted = parse(request.body, NewPhone)
    phone = request.app.ctx.simulation.open_phone(wanted.name, wanted.wa_id)
    return response.json({"phone": phone}, status=201)


async def _show(request: Any, phone: str) -> Any:
    simulation: Simulation = request.app.ctx.simulation
    return response.json(view_chat(simulation, simulation.chat(phone), request.app.ctx.requests))


async def _stream(request: Any, phone: str) -> None:
    """An event whenever the chat has changed; the page asks for it then."""
    simulation: Simulation = request.app.ctx.simulation
    wa_id = simulation.chat(phone).customer.wa_id
    reply = await request.respond(content_type="text/event-stream")
    seen = -1
    while True:
        version = await simulation.changes.wait(wa_id, seen, BEAT_SECONDS)
        await reply.send(": beat\n\n" if version == seen else f"data: {version}\n\n")
        seen = version


async def _do(request: Any, phone: str) -> Any:
    simulation: Simulation = request.app.ctx.simulation
    deed = parse(request.body, Envelope).__root__
    deed.do(simulation.api, simulation.chat(phone))
    simulation.changes.tell(simulation.chat(phone).customer.wa_id)
    return response.empty()


async def _receive_file(request: Any, phone: str) -> Any:
    simulation: Simulation = request.app.ctx.simulation
    chat = simulation.chat(phone)
    file = request.files.get("file")
    if file is None:
        raise Malformed("a file is needed")
    try:
        media = simulation.api.media.keep(file.body, file.type, kind_of(file.type))
    except GraphError as refused:
        return response.json({"error": refused.details}, status=413)
    send_file(simulation.api, chat, media, file.name)
    return response.empty()


async def _show_file(request: Any, phone: str, media: str) -> Any:
    simulation: Simulation = request.app.ctx.simulation
    contents = [message.content for message in simulation.chat(phone).messages.values()]
    if media not in [content.get("id") for content in contents if isinstance(content, dict)]:
        raise NotFound("no such file")
    file = simulation.api.media.get(media)
    shown = file.kind in ("image", "audio", "video", "sticker")
    headers = {"Content-Disposition": "inline" if shown else "attachment"}
    return response.raw(file.data, content_type=file.mime_type, headers=headers)


async def _move_clock(request: Any) -> Any:
    request.app.ctx.simulation.move_clock(parse(request.body, Passed).hours)
    return response.empty()


async def _script_fault(request: Any) -> Any:
    simulation: Simulation = request.app.ctx.simulation
    wanted = parse(request.body, NewFault)
    messages, media = simulation.api.faults, simulation.api.media_faults
    messages.clear()
    media.clear()
    if wanted.kind != "none":
        try:
            fault = Fault(wanted.kind, wanted.code, wanted.seconds)
        except ValueError as error:
            raise Malformed(str(error)) from error
        (media if fault.kind in OF_MEDIA else messages).script(fault, wanted.times)
    simulation.changes.tell_all()
    return response.empty()


async def _set_manner(request: Any) -> Any:
    wanted = parse(request.body, NewManner)
    request.app.ctx.simulation.api.webhooks.behave(Manner(0, wanted.batch, wanted.repeated, wanted.shuffled))
    return response.empty()


async def _admit(request: Any) -> Any:
    """Let no other site's page act in a customer's name; browsers say where a request comes from."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if request.method == "POST" and site not in ("same-origin", "none"):
        return response.json({"error": "not from this page"}, status=403)
    return None


async def _refuse(request: Any, error: Exception) -> Any:
    return response.json({"error": str(error)}, status=REFUSALS[type(error)])


async def _protect(request: Any, answer: Any) -> None:
    answer.headers.update(HEADERS)
