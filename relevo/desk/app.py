"""The desk's web application: its routes, its life, and how it is served."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import redis.asyncio as redis
from redis.exceptions import RedisError
from sanic import Sanic

from relevo.desk import gate
from relevo.desk.desk import Desk
from relevo.desk.first_user import ensure_first_user, ensure_first_user_in_time
from relevo.desk.pages import (
    assets,
    case,
    case_verbs,
    conversation,
    correction,
    files,
    follow_ups,
    health,
    language,
    login,
    privacy,
    queue,
    same_customer,
    undelivered,
)
from relevo.desk.pages import protocol as protocol_page
from relevo.desk.pages.errors import register_error_pages
from relevo.errors import ConfigurationError
from relevo.protocol import load_protocol
from relevo.settings import Settings
from relevo.store.connection import connect
from relevo.store.model_protocol import warn_if_other

GRACEFUL_SECONDS = 2.0
"""Event streams never end by themselves; their browsers connect again."""

ROUTES = [
    ("GET", "/login", login.show_login),
    ("POST", "/login", login.sign_in),
    ("POST", "/logout", login.sign_out),
    ("GET", "/language/<language:str>", language.choose_language),
    ("GET", "/health", health.show_health),
    ("GET", "/static/<name:str>", assets.show_asset),
    ("GET", "/", queue.show_queue),
    ("GET", "/fragments/queue", queue.show_queue_fragment),
    ("GET", "/events/queue", queue.stream_changes),
    ("GET", "/cases/<folio:str>", case.show_case),
    ("GET", "/fragments/cases/<folio:str>", case.show_case_fragment),
    ("GET", "/events/cases/<folio:str>", case.stream_case),
    ("POST", "/cases/<folio:str>/answer", case.answer),
    ("POST", "/cases/<folio:str>/phrase", case.insert_phrase),
    ("POST", "/cases/<folio:str>/claim", case_verbs.claim),
    ("POST", "/cases/<folio:str>/release", case_verbs.release),
    ("POST", "/cases/<folio:str>/transfer", case_verbs.transfer),
    ("POST", "/cases/<folio:str>/note", case_verbs.note),
    ("POST", "/cases/<folio:str>/wait", case_verbs.wait),
    ("POST", "/cases/<folio:str>/resolve", case_verbs.resolve),
    ("POST", "/cases/<folio:str>/join", same_customer.join),
    ("POST", "/cases/<folio:str>/contact", same_customer.confirm_contact),
    ("POST", "/cases/<folio:str>/contact/withdraw", same_customer.withdraw_contact),
    ("POST", "/cases/<folio:str>/follow-up", case_verbs.book),
    ("POST", "/cases/<folio:str>/work", case_verbs.show_work),
    ("POST", "/cases/<folio:str>/lines/<position:str>/correction", correction.correct),
    ("GET", "/conversations/<conversation:str>/files/<attachment:str>", files.show_file),
    ("GET", "/follow-ups", follow_ups.show_follow_ups),
    ("GET", "/fragments/follow-ups", follow_ups.show_follow_ups_fragment),
    ("GET", "/follow-ups/<folio:str>", follow_ups.show_follow_up),
    ("POST", "/follow-ups/<folio:str>/done", follow_ups.complete),
    ("POST", "/follow-ups/<folio:str>/no-answer", follow_ups.no_answer),
    ("GET", "/privacy", privacy.show_privacy),
    ("POST", "/privacy/find", privacy.find_data),
    ("POST", "/privacy/export", privacy.export_data),
    ("POST", "/privacy/erase", privacy.erase_data),
    ("GET", "/undelivered", undelivered.show_undelivered),
    ("GET", "/fragments/undelivered", undelivered.show_undelivered_fragment),
    ("POST", "/undelivered/<position:str>/settle", undelivered.settle_undelivered),
    ("POST", "/undelivered/<position:str>/retry", undelivered.retry_undelivered),
    ("POST", "/alerts/<what:str>/end", undelivered.end_alert),
    ("GET", "/protocol", protocol_page.show_protocol),
    ("GET", "/conversations/<conversation:str>", conversation.show_conversation),
]

logger = logging.getLogger(__name__)


def create_app(
    settings: Settings, client: redis.Redis | None = None, *, now: Callable[[], float] = time.time
) -> Sanic:
    """The application.

    Args:
        client: Redis; connected by the settings unless given.
        now: the clock, UTC epoch seconds.
    Raises:
        ConfigurationError: `REDIS_URL` is not set.
        ProtocolError: the protocol can't be used.
    """
    # Sanic refuses two apps of one name in a process.
    app = Sanic(f"relevo_desk_{uuid4().hex}", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = gate.MAX_REQUEST_BYTES
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = GRACEFUL_SECONDS
    app.config.ACCESS_LOG = app.config.MOTD = False
    app.config.PROXIES_COUNT = settings.proxies
    protocol = load_protocol(settings.protocol_dir)
    app.ctx.desk = Desk.build(client or connect(settings.require_redis_url()), settings, protocol, now)
    app.register_middleware(gate.admit, "request")
    app.register_middleware(gate.protect, "response")
    register_error_pages(app)
    for method, path, handler in ROUTES:
        app.add_route(handler, path, methods=[method], name=handler.__name__)
    app.register_listener(_begin, "before_server_start")
    app.register_listener(_end, "before_server_stop")
    return app


def serve() -> None:
    """Serve the desk by the settings of the environment until the process is told to stop.

    Raises:
        ConfigurationError: a setting is missing or the port is taken.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Sanic writes the addresses of broken-off requests at this level, and these can name conversations.
    logging.getLogger("sanic").setLevel(logging.WARNING)
    settings = Settings.from_environment()
    app = create_app(settings)
    listener = _listen(settings.host, settings.desk_port)
    logger.info("The desk is at http://%s:%s/", settings.host, settings.desk_port)
    app.run(sock=listener, workers=1, debug=False, access_log=False, motd=False)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"The desk can't listen on {host}:{port} ({error.strerror}); "
            "stop what runs there or set RELEVO_DESK_PORT to another port."
        ) from error
    return listener


async def _begin(app: Sanic, _: Any) -> None:
    desk: Desk = app.ctx.desk
    app.ctx.tasks = [asyncio.create_task(work) for work in (desk.feed.run(), desk.wakes.run())]
    try:
        await ensure_first_user(desk.users, desk.settings.desk_password)
        await warn_if_other(desk.client, desk.protocol.hash, logger)
    except RedisError as error:
        logger.warning("Redis can't be reached yet (%s); the desk goes on trying.", type(error).__name__)
        waiting = ensure_first_user_in_time(desk.users, desk.settings.desk_password)
        app.ctx.tasks.append(asyncio.create_task(waiting))


async def _end(app: Sanic, _: Any) -> None:
    for task in app.ctx.tasks:
        task.cancel()
    await asyncio.gather(*app.ctx.tasks, return_exceptions=True)
