"""What people see when something can't be done: a page in their language, never a stack trace."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from redis.exceptions import ConnectionError, TimeoutError
from sanic import Sanic, response
from sanic.exceptions import SanicException

from relevo.cases.queue import UnknownCase
from relevo.desk.gate import FOR_SCRIPTS, stranger
from relevo.desk.rendering import show
from relevo.follow_ups.agenda import FollowUpCancelled, NotDue, UnknownFollowUp

EXPLAINED = (400, 401, 403, 404, 405, 409, 413, 500, 503)

logger = logging.getLogger(__name__)


def register_error_pages(app: Sanic) -> None:
    """Answer every error with a page."""
    app.error_handler.add(SanicException, _show_refusal)
    app.error_handler.add(UnknownCase, _show_not_found)
    app.error_handler.add(UnknownFollowUp, _show_not_found)
    app.error_handler.add(FollowUpCancelled, _show_conflict)
    app.error_handler.add(NotDue, _show_conflict)
    app.error_handler.add(ConnectionError, _show_store_unreachable)
    app.error_handler.add(TimeoutError, _show_store_unreachable)
    app.error_handler.add(Exception, _show_failure)


async def _show_refusal(request: Any, error: SanicException) -> Any:
    status = error.status_code or 500
    return _page(request, status if status in EXPLAINED else 400 if status < 500 else 500)  # noqa: PLR2004


async def _show_not_found(request: Any, _: Exception) -> Any:
    return _page(request, 404)


async def _show_conflict(request: Any, _: Exception) -> Any:
    return _page(request, 409)


async def _show_store_unreachable(request: Any, error: Exception) -> Any:
    logger.error("Redis can't be reached (%s).", type(error).__name__)
    return _page(request, 503)


async def _show_failure(request: Any, error: Exception) -> Any:
    # Where it failed and how, but not the message: it could hold what a customer wrote.
    trace = "".join(traceback.format_tb(error.__traceback__))
    logger.error("A page failed with %s:\n%s", type(error).__name__, trace)
    return _page(request, 500)


def _page(request: Any, status: int) -> Any:
    if not hasattr(request.ctx, "visit"):
        request.ctx.visit = stranger(request)
    if request.path.startswith(FOR_SCRIPTS):
        return response.empty(status=status)
    return show(request, "error.html", status=status, code=status)
