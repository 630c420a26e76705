"""The commands `relevo check` and `relevo init`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import typer
from pydantic import ValidationError

from relevo.protocol.check import Report, check_protocol
from relevo.protocol.explain import PATTERNS
from relevo.protocol.loader import load_protocol
from relevo.protocol.new_protocol import Beginnings, places_left, require_empty, start_protocol
from relevo.protocol.opening_hours import OpeningHours
from relevo.protocol.parts.base import LANGUAGES
from relevo.protocol.parts.roster import Contact
from relevo.protocol.report import as_json, as_text
from relevo.settings import PROJECT_ROOT, Settings

NO_FOLDER = 2
"""Exit code: there is no such folder."""
CLOSED = "closed"
DEMO_FOLDER = PROJECT_ROOT / "protocol"


class OutputFormat(str, Enum):
    """How a report is written."""

    text = "text"
    json = "json"


PROTOCOL_FOLDER = typer.Argument(None, help="A protocol's folder; the configured one if left out.")
NEW_FOLDER = typer.Argument(..., help="A new folder for the protocol.")
OUTPUT = typer.Option(OutputFormat.text, "--format", help="For people, or for programs.")


DAY = typer.Option(
    None, "--on", formats=["%Y-%m-%d"], help="The day on which notices are judged; today if left out."
)


def check(
    folder: Path = PROTOCOL_FOLDER,
    output: OutputFormat = OUTPUT,
    strict: bool = typer.Option(False, "--strict", help="Fail on warnings too."),
    on: datetime = DAY,
) -> None:
    """Check a protocol: what is wrong or unwise in it, with file, line and how to mend it."""
    folder = _near(folder or Settings.from_environment().protocol_dir)
    if not folder.is_dir():
        typer.secho(f"There is no folder {folder}.", fg="red", err=True)
        raise typer.Exit(NO_FOLDER)
    report = check_protocol(folder, on.date() if on else date.today())
    if output is OutputFormat.json:
        typer.echo(as_json(report))
    else:
        _print(report)
    raise typer.Exit(1 if report.errors or (strict and report.problems) else 0)


def init(
    folder: Path = NEW_FOLDER,
    *,
    company: str = typer.Option(None, help="The company's name."),
    assistant: str = typer.Option(None, help="The virtual assistant's name."),
    language: str = typer.Option(None, help="The language in which a conversation begins: en or es."),
    time_zone: str = typer.Option(None, help="Where its people work, like America/Mexico_City."),
    holidays: str = typer.Option(None, help="Countries whose holidays are kept, like MX,US."),
    weekdays: str = typer.Option(None, help='Hours from Monday to Friday, like 09:00-20:00, or "closed".'),
    saturday: str = typer.Option(None, help='Hours on Saturday, or "closed".'),
    person: str = typer.Option(None, help="The first person of the first area."),
    email: str = typer.Option(None, help="That person's e-mail address."),
    phone: str = typer.Option(None, help="That person's phone number."),
    yes: bool = typer.Option(False, "--yes", help="Ask nothing: what is not given stays as in the demo."),
) -> None:
    """Start a new company's protocol from the demo: asks a few questions, writes the files, checks them."""
    given = {
        "company": company,
        "assistant": assistant,
        "language": language,
        "time_zone": time_zone,
        "holidays": holidays,
        "weekdays": weekdays,
        "saturday": saturday,
        "person": person,
        "email": email,
        "phone": phone,
    }
    folder = _near(folder)
    require_empty(folder)
    demo = load_protocol(DEMO_FOLDER)
    begin = Beginnings(**_answers(given, Beginnings.of(demo), ask=not yes))
    start_protocol(folder, begin, DEMO_FOLDER, demo)
    report = check_protocol(folder, date.today())
    _print(report)
    typer.echo(f"The protocol of {begin.company} is in {folder}. Read each file once from top to end:")
    typer.echo("answers, people and offers are those of the demo company still. Its addresses stand in:")
    for file, count in places_left(folder, demo).items():
        typer.echo(f"  {file} ({count})")
    raise typer.Exit(1 if report.errors else 0)


def _near(folder: Path) -> Path:
    """The shorter way to a folder, from where the command runs, if it lies inside."""
    relative = os.path.relpath(folder)
    return folder if relative.startswith("..") else Path(relative)


def _print(report: Report) -> None:
    for line in as_text(report):
        typer.echo(line)


def _answers(given: Mapping[str, str | None], defaults: Beginnings, ask: bool) -> dict[str, Any]:
    """What was given as an option, else what the person answers, else the default."""
    answers: dict[str, Any] = vars(defaults).copy()
    for name, (question, parse) in QUESTIONS.items():
        text = given[name]
        if text is not None:
            answers[name] = _option(name, text, parse)
        elif ask:
            default = answers[name]
            shown = ", ".join(default) or CLOSED if isinstance(default, list) else default
            answers[name] = typer.prompt(question, default=shown, value_proc=parse)
    return answers


def _option(name: str, text: str, parse: Callable[[str], Any]) -> Any:
    try:
        return parse(text)
    except typer.BadParameter as error:
        hint = f"--{name.replace('_', '-')}"
        raise typer.BadParameter(error.message, param_hint=hint) from error


def _name(text: str) -> str:
    if not text.strip() or any(char in text for char in "{}\n"):
        raise typer.BadParameter("write a name, without braces")
    return " ".join(text.split())


def _language(text: str) -> str:
    if text not in LANGUAGES:
        raise typer.BadParameter(f"choose one of: {', '.join(LANGUAGES)}")
    return text


def _time_zone(text: str) -> str:
    return str(_hours(time_zone=text).time_zone)


def _countries(text: str) -> list[str]:
    return _hours(holidays=[code.upper() for code in _listed(text)]).holidays


def _periods(text: str) -> list[str]:
    periods = [] if text.strip().lower() == CLOSED else _listed(text)
    return _hours(weekly={"monday": periods}).weekly["monday"]


def _email(text: str) -> str:
    return _contact("email", text).email


def _phone(text: str) -> str:
    return _contact("phone", text).phone


def _listed(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _hours(**values: Any) -> OpeningHours:
    try:
        return OpeningHours(**{"time_zone": "UTC", "holidays": [], "weekly": {}, **values})
    except ValidationError as error:
        raise typer.BadParameter(str(error.errors()[0]["msg"])) from error


def _contact(name: str, text: str) -> Contact:
    try:
        return Contact(**{"email": "a@b.c", "phone": "0000000", name: text.strip()})
    except ValidationError as error:
        wrong, advice = PATTERNS[name]
        raise typer.BadParameter(f'"{text}" {wrong}; {advice}') from error


QUESTIONS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "company": ("What is the company called?", _name),
    "assistant": ("What is the virtual assistant called?", _name),
    "language": ("In which language does a conversation begin (en, es)?", _language),
    "time_zone": ("In which time zone are its people?", _time_zone),
    "holidays": ("Which countries' holidays are kept (codes, with commas)?", _countries),
    "weekdays": ('When are people there from Monday to Friday ("closed" if never)?', _periods),
    "saturday": ("And on Saturday?", _periods),
    "person": ("Who takes cases first (name of a person)?", _name),
    "email": ("Their e-mail address?", _email),
    "phone": ("Their phone number?", _phone),
}
"""By the name of the option and of what it begins."""
