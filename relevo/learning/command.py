"""The command `relevo learn`: what supervisors corrected at the desk, as changes to the training files."""

from __future__ import annotations

import asyncio
from enum import Enum
from pathlib import Path

import typer

from relevo.errors import ConfigurationError
from relevo.settings import PROJECT_ROOT, Settings


class OutputFormat(str, Enum):
    """How the suggestions are shown."""

    text = "text"
    json = "json"


OUTPUT = typer.Option(OutputFormat.text, "--format", help="For people, or for programs.")
DATA = typer.Option(PROJECT_ROOT / "data", help="The folder of the training files.")


def learn(
    apply: bool = typer.Option(False, "--apply", help="Ask for each suggestion whether it is to be written."),
    yes: bool = typer.Option(False, "--yes", help="With --apply: write all, ask nothing."),
    output: OutputFormat = OUTPUT,
    data: Path = DATA,
) -> None:
    """Show what supervisors corrected at the desk as changes to the training files; --apply writes them."""
    if yes and not apply:
        raise typer.BadParameter("it answers what --apply asks; give both", param_hint="--yes")
    if apply and output is OutputFormat.json:
        raise typer.BadParameter("json only lists; leave --apply out", param_hint="--format")
    asyncio.run(_learn(data.resolve(), output, apply=apply, ask=not yes))


async def _learn(data: Path, output: OutputFormat, *, apply: bool, ask: bool) -> None:
    import redis.asyncio as redis  # noqa: PLC0415 - other commands start faster without these

    from relevo.embedded_redis import running_redis_url  # noqa: PLC0415
    from relevo.learning import review  # noqa: PLC0415
    from relevo.learning.suggestions import SuggestionBox  # noqa: PLC0415
    from relevo.store.connection import connect  # noqa: PLC0415

    client = connect(running_redis_url(Settings.from_environment()))
    box = SuggestionBox(client)
    try:
        suggestions = await box.all()
        if output is OutputFormat.json:
            review.list_all(suggestions)
        elif apply and suggestions:
            await review.decide_on_all(box, suggestions, data, ask=ask)
        else:
            review.show_all(suggestions, data)
    except redis.ConnectionError as error:
        raise ConfigurationError(
            "Redis can't be reached. Is Relevo running? `make run` starts it."
        ) from error
    finally:
        await client.close()
