"""The commands `relevo whatsapp doctor` and `relevo whatsapp simulate`."""

from __future__ import annotations

import asyncio
import time

import typer

from relevo.protocol import load_protocol
from relevo.settings import Settings
from relevo.whatsapp.credentials import Credentials

AS_JSON = typer.Option(False, "--json", help="For programs, instead of lines for people.")


def doctor(as_json: bool = AS_JSON) -> None:
    """Examine WhatsApp's settings, token, numbers, templates and webhook, and say how to mend them.

    Reads only: nothing is sent to a customer and nothing of the account is changed. Ends with 1 if something
    must be mended.
    """
    from relevo.whatsapp.doctor import report  # noqa: PLC0415 - other commands start faster without it
    from relevo.whatsapp.doctor.configuration import examine_configuration  # noqa: PLC0415
    from relevo.whatsapp.doctor.examination import examine  # noqa: PLC0415
    from relevo.whatsapp.doctor.templates import wanted_templates  # noqa: PLC0415

    credentials = Credentials.from_environment()
    findings = examine_configuration(credentials)
    if not any(finding.severity == "error" for finding in findings):
        settings = Settings.from_environment()
        wanted = wanted_templates(load_protocol(settings.protocol_dir))
        findings += asyncio.run(examine(credentials, settings.bot_url, wanted, time.time))
    for line in [report.as_json(findings)] if as_json else report.as_text(findings):
        typer.echo(line)
    raise typer.Exit(int(any(finding.severity == "error" for finding in findings)))


def simulate() -> None:
    """Start everything with a stand-in of WhatsApp, and a page on which anyone can be a customer.

    No account is needed, and one that is set up is left alone.
    """
    from relevo.whatsapp.simulate import simulate as run  # noqa: PLC0415

    run(Settings.from_environment())
