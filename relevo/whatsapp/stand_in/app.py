"""The stand-in as a web application: the Graph API's addresses, tokens and answers."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import deque
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any
from uuid import uuid4

import aiohttp
from sanic import Sanic, response

from relevo.whatsapp.stand_in.account import APP_ID, MANAGEMENT_SCOPE, MESSAGING_SCOPE, Subscription
from relevo.whatsapp.stand_in.courier import Courier, verify
from relevo.whatsapp.stand_in.errors import (
    INVALID_PARAMETER,
    INVALID_TOKEN,
    NO_OBJECT_SUBCODE,
    PERMISSION,
    GraphError,
)
from relevo.whatsapp.stand_in.graph import GraphApi
from relevo.whatsapp.stand_in.media import MAX_BYTES, kind_of
from relevo.whatsapp.stand_in.parsing import parse_message
from relevo.whatsapp.stand_in.schema import ReadMark

VERSION = re.compile(r"v\d{1,2}\.\d")
PAGE_SIZE = 25
MAX_PAGE_SIZE = 1_000
MAX_LOGGED = 200
DEFAULT_FIELDS = {
    "number": "verified_name,code_verification_status,display_phone_number,quality_rating,throughput",
    "account": "name",
}


@dataclass(frozen=True)
class Logged:
    """A request that the business made."""

    at: float
    method: str
    path: str
    status: int
    code: int
    """The error's code; 0 if there was none."""
    body: bytes


def create_app(api: GraphApi) -> Sanic:
    """The application; `app.ctx.courier` delivers webhooks once it has started."""
    # Sanic refuses two apps of one name in a process.
    app = Sanic(f"graph_api_{uuid4().hex}", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = MAX_BYTES["document"] + 1024 * 1024
    app.config.ACCESS_LOG = app.config.MOTD = False
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 1.0
    app.ctx.api = api
    app.ctx.requests = deque(maxlen=MAX_LOGGED)
    app.error_handler.add(GraphError, _refuse)
    app.register_middleware(_date, "response")
    routes = [
        ("GET", "/media-files/<key:str>", _download),
        ("GET", "/<version:str>/debug_token", _debug_token),
        ("GET", "/<version:str>/<node:str>", _read_node),
        ("GET", "/<version:str>/<node:str>/<edge:str>", _read_edge),
        ("POST", "/<version:str>/<node:str>/<edge:str>", _write_edge),
    ]
    for method, path, handler in routes:
        app.add_route(handler, path, methods=[method], name=handler.__name__.strip("_"))
    app.register_listener(_begin, "before_server_start")
    app.register_listener(_end, "before_server_stop")
    return app


async def _begin(app: Sanic, _: Any) -> None:
    app.ctx.session = aiohttp.ClientSession()
    app.ctx.courier = Courier(app.ctx.api, app.ctx.session)


async def _end(app: Sanic, _: Any) -> None:
    await app.ctx.session.close()


async def _write_edge(request: Any, version: str, node: str, edge: str) -> Any:
    writers = {"messages": _messages, "media": _upload, "subscriptions": _subscribe}
    if edge not in writers:
        raise GraphError(INVALID_PARAMETER, f"there is no edge {edge!r}")
    return await writers[edge](request, version, node)


async def _messages(request: Any, version: str, node: str) -> Any:
    api = _authorised(request, version, MESSAGING_SCOPE)
    api.number(node)
    message = parse_message(request.body)
    if isinstance(message, ReadMark):
        return _tell(request, api.mark_read(node, message))
    fault = api.faults.next()
    if fault and fault.kind == "closed":
        return _close(request)
    if fault and fault.kind == "latency":
        await asyncio.sleep(fault.seconds)
    told = api.send(node, message, fault)
    return _close(request) if fault and fault.kind == "answer_lost" else _tell(request, told)


async def _upload(request: Any, version: str, node: str) -> Any:
    api = _authorised(request, version, MESSAGING_SCOPE)
    api.number(node)
    file = request.files.get("file")
    if file is None or request.form.get("messaging_product") != "whatsapp":
        raise GraphError(INVALID_PARAMETER, "the form needs file, type and messaging_product=whatsapp")
    mime_type = request.form.get("type") or file.type
    return _tell(request, {"id": api.media.keep(file.body, mime_type, kind_of(mime_type)).id})


async def _download(request: Any, key: str) -> Any:
    api: GraphApi = request.app.ctx.api
    api.account.authorise(_bearer(request), api.now())
    media, fault = api.media.open(key, api.now()), api.media_faults.next()
    if media is None or (fault and fault.kind == "media_expired"):
        return response.json({"error": "URL expired"}, status=404)
    data = media.data[::-1] if fault and fault.kind == "media_damaged" else media.data
    return response.raw(data, content_type=media.mime_type)


async def _debug_token(request: Any, version: str) -> Any:
    api = _as_app_or_user(request, version)
    account, given = api.account, request.args.get("input_token", "")
    if given != account.token.value:
        told = {"code": INVALID_TOKEN, "message": "Invalid OAuth access token.", "subcode": 467}
        return _tell(request, {"data": {"is_valid": False, "scopes": [], "error": told}})
    return _tell(request, {"data": account.token.view(api.now())})


async def _read_node(request: Any, version: str, node: str) -> Any:
    api = _authorised(request, version, None)
    if node in api.media:
        media = api.media.get(node)
        key = api.media.address(node, api.now())
        return _tell(request, media.view(f"{request.scheme}://{request.host}/media-files/{key}"))
    _require_scope(api, MANAGEMENT_SCOPE)
    if node in api.account.numbers:
        return _tell(request, _select(request, api.number(node).view(), "number"))
    if node == api.account.id:
        told = {"id": node, "name": api.account.name, "account_review_status": "APPROVED"}
        return _tell(request, _select(request, told, "account"))
    raise _no_object(node)


async def _read_edge(request: Any, version: str, node: str, edge: str) -> Any:
    if edge == "subscriptions":
        return _tell(
            request, {"data": _subscriptions(_as_app_or_user(request, version, only_app=True), node, version)}
        )
    api = _authorised(request, version, MANAGEMENT_SCOPE)
    if node != api.account.id:
        raise _no_object(node)
    if edge == "phone_numbers":
        return _tell(request, _page(request, [number.view() for number in api.account.numbers.values()]))
    if edge == "message_templates":
        views = [template.view(str(10**15 + index)) for index, template in enumerate(api.account.templates)]
        return _tell(request, _page(request, views))
    if edge == "subscribed_apps":
        app = {"whatsapp_business_api_data": {"id": APP_ID, "name": "Relevo", "link": "https://example.com/"}}
        return _tell(request, {"data": [app] if api.account.app_is_subscribed else []})
    raise GraphError(INVALID_PARAMETER, f"there is no edge {edge!r}")


async def _subscribe(request: Any, version: str, node: str) -> Any:
    """Set where webhooks go; the address must answer the challenge first."""
    api = _as_app_or_user(request, version, only_app=True)
    if node != APP_ID:
        raise _no_object(node)
    form = request.form or {}
    callback, verify_token = form.get("callback_url", ""), form.get("verify_token", "")
    if form.get("object") != "whatsapp_business_account" or not callback:
        raise GraphError(INVALID_PARAMETER, "object and callback_url are needed")
    if not await verify(request.app.ctx.session, callback, verify_token):
        raise GraphError(INVALID_PARAMETER, "callback verification failed")
    fields = tuple(name for name in form.get("fields", "").split(",") if name)
    api.account.subscription = Subscription(callback, verify_token, fields)
    return _tell(request, {"success": True})


def _subscriptions(api: GraphApi, node: str, version: str) -> list[dict[str, Any]]:
    if node != APP_ID:
        raise _no_object(node)
    subscription = api.account.subscription
    return [subscription.view(version)] if subscription else []


def _authorised(request: Any, version: str, scope: str | None) -> GraphApi:
    """The API for a request with a valid token.

    Raises:
        GraphError: the version is none, the token is not valid, or lacks the permission.
    """
    api: GraphApi = request.app.ctx.api
    if not VERSION.fullmatch(version):
        raise GraphError(INVALID_PARAMETER, f"unknown path components: /{version}")
    api.account.authorise(_bearer(request), api.now())
    if scope:
        _require_scope(api, scope)
    return api


def _as_app_or_user(request: Any, version: str, only_app: bool = False) -> GraphApi:
    """The API for a request of the app itself, by its id and secret."""
    api: GraphApi = request.app.ctx.api
    given = _bearer(request)
    if secrets.compare_digest(given.encode(), api.account.app_token.encode()):
        return api
    if only_app or "|" in given:
        raise GraphError(INVALID_TOKEN, "invalid OAuth access token signature")
    return _authorised(request, version, None)


def _require_scope(api: GraphApi, scope: str) -> None:
    if scope not in api.account.token.scopes:
        raise GraphError(PERMISSION, f"the token lacks the permission {scope}")


def _bearer(request: Any) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _no_object(node: str) -> GraphError:
    return GraphError(INVALID_PARAMETER, f"object with ID {node!r} does not exist", NO_OBJECT_SUBCODE)


def _select(request: Any, view: dict[str, Any], kind: str) -> dict[str, Any]:
    """The fields that are asked for, and the id."""
    names = (request.args.get("fields") or DEFAULT_FIELDS[kind]).split(",")
    return {name: view[name] for name in (*names, "id") if name in view}


def _page(request: Any, entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Some of the entries, with the cursor of the next page if there is one."""
    asked, after = request.args.get("limit", ""), request.args.get("after", "")
    size = min(int(asked), MAX_PAGE_SIZE) if asked.isdecimal() and int(asked) else PAGE_SIZE
    start = int(after) if after.isdecimal() else 0
    end = start + size
    paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
    if end < len(entries):
        paging["next"] = f"{request.scheme}://{request.host}{request.path}?limit={size}&after={end}"
    return {"data": entries[start:end], "paging": paging}


def _tell(request: Any, told: dict[str, Any]) -> Any:
    _log(request, 200, 0)
    return response.json(told)


async def _refuse(request: Any, error: GraphError) -> Any:
    _log(request, error.status, error.code)
    return response.json(error.answer(f"A{secrets.token_urlsafe(16)}"), status=error.status)


def _close(request: Any) -> Any:
    _log(request, 0, 0)
    request.transport.abort()
    return response.empty()


def _log(request: Any, status: int, code: int) -> None:
    now = request.app.ctx.api.now()
    request.app.ctx.requests.append(Logged(now, request.method, request.path, status, code, request.body))


async def _date(request: Any, answer: Any) -> None:
    """Every answer tells the time, by which a client may judge its own clock."""
    answer.headers["Date"] = formatdate(request.app.ctx.api.now(), usegmt=True)
