"""Pages from templates. Whatever is put into a page is escaped."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic import response

from relevo.desk.locale import NAMES
from relevo.desk.titles import Titles
from relevo.desk.visit import Visit
from relevo.protocol import Protocol

TEMPLATES = Path(__file__).with_name("templates")


class Renderer:
    """Renders the templates of `templates/` with the words, titles and times of the visitor's language."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["segment"] = _segment

    def render(self, template: str, visit: Visit, now: float, **values: Any) -> str:
        """The page or fragment as HTML; `now` is UTC epoch seconds."""
        locale, local = visit.locale, self._protocol.company.hours.local
        return self._environment.get_template(template).render(
            t=locale.text,
            count=locale.count,
            duration=locale.duration,
            moment=lambda instant: locale.moment(local(instant), local(now)),
            clock=lambda instant: locale.clock(local(instant)),
            day=lambda instant: locale.day(local(instant).date(), local(now).date()),
            titles=Titles(self._protocol, locale),
            locale=locale,
            language_names=NAMES,
            company=self._protocol.company,
            visit=visit,
            now=now,
            new_id=lambda: uuid4().hex,
            **values,
        )


def _segment(text: str) -> str:
    """The text as one segment of a URL's path."""
    return quote(text, safe="")


def show(request: Any, template: str, *, status: int = 200, **values: Any) -> Any:
    """A response with the template rendered for the request's visitor."""
    desk = request.app.ctx.desk
    page = desk.renderer.render(template, request.ctx.visit, desk.now(), **values)
    return response.html(page, status=status)
