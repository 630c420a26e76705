"""`relevo render`: write the protocol's document to files."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from pathlib import Path

import typer

from relevo.errors import RelevoError
from relevo.protocol.schema import LANGUAGES
from relevo.settings import Settings

FOLDER = typer.Argument(None, help="A protocol's folder; the configured one if left out.")
OUT = typer.Option(..., help="The folder to write to; made if need be.")
LANGUAGE = typer.Option(None, help="Only this language; all if left out.")
DAY = typer.Option(
    None, formats=["%Y-%m-%d"], help="The day that decides which notices are in force; today if left out."
)


class LanguageChoice(str, Enum):
    """What Typer offers for `--language`."""

    en = "en"
    es = "es"


class CantWrite(RelevoError):
    """A file can't be written."""


def render(
    folder: Path = FOLDER, out: Path = OUT, language: LanguageChoice = LANGUAGE, on: datetime = DAY
) -> None:
    """Write the protocol as the document that staff read: a page and a Markdown file for each language."""
    from relevo.protocol import load_protocol  # noqa: PLC0415 - other commands start faster without them
    from relevo.protocol.render.document import write_document  # noqa: PLC0415
    from relevo.protocol.render.html import page  # noqa: PLC0415
    from relevo.protocol.render.markdown import markdown  # noqa: PLC0415

    protocol = load_protocol(folder or Settings.from_environment().protocol_dir)
    today = (on or datetime.now(protocol.company.hours.zone)).date()
    for name in LANGUAGES:
        if language and language.value != name:
            continue
        document = write_document(protocol, name, today)
        _write(out / f"protocol.{name}.html", page(document))
        _write(out / f"protocol.{name}.md", markdown(document))


def _write(file: Path, content: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8", newline="\n")
    except OSError as error:
        raise CantWrite(f"{file}: can't be written ({error.strerror}); choose another folder") from error
    typer.echo(file)
