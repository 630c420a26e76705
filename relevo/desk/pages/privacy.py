"""One customer's data, for supervisors: what is kept, a copy to hand over, and its erasure.

Whom it is about is only ever sent in a form's body: a contact in an address would stand in logs.
"""

from __future__ import annotations

import json
from typing import Any

from sanic import response
from sanic.exceptions import Forbidden, InvalidUsage

from relevo.desk.pages.case import clean
from relevo.desk.rendering import show
from relevo.privacy.erasure import HasOpenCases, erase_customer
from relevo.privacy.export import export_customer
from relevo.privacy.records import CustomerRecords, find_customer

MAX_WHO_CHARACTERS = 200
COPY_NAME = "relevo-export.json"


async def show_privacy(request: Any) -> Any:
    """The page with the question whose data it is about."""
    _require_supervisor(request)
    return _page(request, is_erased=request.args.get("notice") == "erased")


async def find_data(request: Any) -> Any:
    """What is kept of a customer: how much, and which cases."""
    who, records = await _found(request)
    return _page(request, who=who, records=records)


async def export_data(request: Any) -> Any:
    """The copy, as a file."""
    desk = request.app.ctx.desk
    _, records = await _found(request)
    document = await export_customer(desk.client, records, desk.now())
    text = json.dumps(document, ensure_ascii=False, indent=2)
    headers = {"content-disposition": f'attachment; filename="{COPY_NAME}"'}
    return response.text(text, content_type="application/json; charset=utf-8", headers=headers)


async def erase_data(request: Any) -> Any:
    """Erase it, once it was confirmed; open cases only if that was said."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    who, records = await _found(request)
    if not request.form.get("confirmed"):
        return _page(request, who=who, records=records, problem="not_confirmed", status=400)
    with_open_cases = bool(request.form.get("with_open_cases"))
    try:
        await erase_customer(
            desk.client, records, user.display_name, desk.now(), with_open_cases=with_open_cases
        )
    except HasOpenCases:
        return _page(request, who=who, records=records, problem="open_cases", status=409)
    return response.redirect("/privacy?notice=erased", status=303)


async def _found(request: Any) -> tuple[str, CustomerRecords]:
    """Whom the form names, and what is kept of them.

    Raises:
        Forbidden: the user is no supervisor.
        InvalidUsage: the form names nobody.
    """
    _require_supervisor(request)
    who = clean(request.form.get("who", ""))
    if not 0 < len(who) <= MAX_WHO_CHARACTERS:
        raise InvalidUsage("the form names nobody")
    return who, await find_customer(request.app.ctx.desk.client, who)


def _require_supervisor(request: Any) -> None:
    if not request.ctx.visit.user.is_supervisor:
        raise Forbidden("only supervisors see to customers' data")


def _page(
    request: Any,
    *,
    who: str = "",
    records: CustomerRecords | None = None,
    problem: str = "",
    is_erased: bool = False,
    status: int = 200,
) -> Any:
    return show(
        request,
        "privacy.html",
        status=status,
        who=who,
        records=records,
        problem=problem,
        is_erased=is_erased,
        max_characters=MAX_WHO_CHARACTERS,
    )
