"""Pages from templates. Whatever is put into a page is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sanic import response

from relevo.desk.locale import NAMES
from relevo.desk.titles import Titles
from relevo.desk.visit import Visit
from relevo.protocol import Protocol

TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class Choices:
    """Options as HTML. Made once per page: a long conversation shows them at each of its messages."""

    topics: Markup
    tones: Markup


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
            size=locale.size,
            titles=Titles(self._protocol, locale),
            locale=locale,
            language_names=NAMES,
            company=self._protocol.company,
            visit=visit,
            now=now,
            new_id=lambda: uuid4().hex,
            **values,
        )

    def choices(self, visit: Visit, topics: Iterable[str], tones: Iterable[str]) -> Choices:
        """The options of the lists in which supervisors choose how a message should have been understood."""
        titles = Titles(self._protocol, visit.locale)
        options = self._environment.get_template("_options.html")
        tone_group = ("", [(tone, titles.tone(tone)) for tone in tones])
        return Choices(
            Markup(options.render(groups=titles.topic_groups(topics))),  # noqa: S704 - escaped by its template
            Markup(options.render(groups=[tone_group])),  # noqa: S704
        )


def _segment(text: str) -> str:
    """The text as one segment of a URL's path."""
    return quote(text, safe="")


def show(request: Any, template: str, *, status: int = 200, **values: Any) -> Any:
    """A response with the template rendered for the request's visitor."""
    desk = request.app.ctx.desk
    page = desk.renderer.render(template, request.ctx.visit, desk.now(), **values)
    return response.html(page, status=status)
