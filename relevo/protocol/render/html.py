"""A document as HTML: as an article for a page that has a frame already, or as a page of its own.

A page of its own is one file: style sheets and script are written into it, and its content policy allows
these alone, by their digests. Where the article is served, the page around it links them (`ASSETS`).
Texts are escaped by the templates, those of drawings where they are drawn.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from relevo.protocol.render.document import Document
from relevo.protocol.schema import Language

HERE = Path(__file__).parent
ASSETS = {name: (HERE / "static" / name).read_bytes() for name in ("protocol.css", "protocol.js")}
"""What a page that shows the article must link, by file name."""
OTHER: dict[Language, Language] = {"en": "es", "es": "en"}

_ADDRESS_OR_PLACEHOLDER = re.compile(
    r"(https?://[^\s<>\"“”«»]+[^\s<>\"“”«».,;:!?)\]])|(\{[a-z_]+\}|\[[^\[\]\n]{1,40}\])"
)


def article(document: Document) -> str:
    """The document without a frame; its headings begin with level 1."""
    return _environment().get_template("article.html").render(document=document, t=document.voice)


def page(document: Document) -> str:
    """The document as one file that needs nothing else."""
    styles = (HERE / "static" / "page.css").read_text(encoding="utf-8") + ASSETS["protocol.css"].decode()
    script = ASSETS["protocol.js"].decode()
    policy = (
        f"default-src 'none'; style-src '{_digest(styles)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        _environment()
        .get_template("page.html")
        .render(
            document=document,
            t=document.voice,
            article=article(document),
            styles=styles,
            script=script,
            policy=policy,
            other=OTHER[document.voice.language],
        )
    )


def prose(text: str) -> Markup:
    """A text of the protocol, escaped; web addresses are links, and what is to be filled in stands out."""
    pieces, end = [], 0
    for match in _ADDRESS_OR_PLACEHOLDER.finditer(text):
        address, placeholder = match.groups()
        pieces += [escape(text[end : match.start()]), _link(address) if address else _slot(placeholder)]
        end = match.end()
    return Markup("").join([*pieces, escape(text[end:])])


def _link(address: str) -> Markup:
    return Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(address)


def _slot(placeholder: str) -> Markup:
    return Markup('<span class="slot">{}</span>').format(placeholder)


def _digest(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["prose"] = prose
    environment.tests["text"] = lambda inline: isinstance(inline, str)
    environment.filters["kind"] = lambda inline: type(inline).__name__.lower()
    return environment
