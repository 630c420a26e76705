"""`relevo what-if`: which decisions a changed protocol would change."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import date
from pathlib import Path

import typer

from relevo.errors import ConfigurationError, RelevoError
from relevo.protocol import Protocol, load_protocol
from relevo.settings import Settings
from relevo.what_if.comparison import Comparison, Conversation

DAY_SECONDS = 86_400
FOLDER = typer.Argument(..., help="The folder of the changed protocol.")
CONVERSATIONS = typer.Option(
    None, help="Conversations to rehearse, as `relevo rehearse` reads them, instead of the stored ones."
)
DAYS = typer.Option(30, min=1, help="How far back the stored conversations go.")
PICTURE = typer.Option(None, help="Draw the load by area and hour into this file (.svg).")
NUMBERS = typer.Option(None, "--json", help="Write all of it into this file.")
MODEL = typer.Option(
    None, envvar="RELEVO_MODEL", help="The model to rehearse with; that of the present data if left out."
)


def what_if(
    new_protocol: Path = FOLDER,
    *,
    conversations: Path = CONVERSATIONS,
    days: int = DAYS,
    picture: Path = PICTURE,
    numbers: Path = NUMBERS,
    model: Path = MODEL,
) -> None:
    """Say what a changed contingency plan would have done, before anyone is affected.

    Decides over conversations again, those that are stored or a file of rehearsed ones, under the present
    protocol and under the changed one: at which messages they differ, and how many cases each area would get
    at which hour.
    """
    from relevo.terminal import console  # noqa: PLC0415 - other commands start faster without it
    from relevo.what_if.picture import load_picture  # noqa: PLC0415
    from relevo.what_if.tables import tables  # noqa: PLC0415

    settings = Settings.from_environment()
    present, changed = load_protocol(settings.protocol_dir), load_protocol(new_protocol)
    if conversations:
        problems, compared = _of_rehearsed(conversations, present, changed, settings, model)
    else:
        problems, compared = 0, _of_stored(present, changed, settings, time.time() - days * DAY_SECONDS)
    titles = _titles(present, changed)
    output = console()
    for part in tables(compared, changed.company.hours, titles):
        output.print(part)
    if picture:
        _write(picture, load_picture(compared.loads, titles))
    if numbers:
        _write(numbers, json.dumps(compared.to_json(), ensure_ascii=False, indent=2))
    raise typer.Exit(int(problems > 0))


def _of_rehearsed(
    file: Path, present: Protocol, changed: Protocol, settings: Settings, model: Path | None
) -> tuple[int, Comparison]:
    """The number of unusable lines, and the comparison over the others as the present bot plays them."""
    from relevo.rehearsal.play import play  # noqa: PLC0415
    from relevo.rehearsal.scenes import read_scenes  # noqa: PLC0415

    found = read_scenes([file])
    for problem in found.problems:
        typer.secho(problem, fg="red", err=True)
    compared = Comparison(present, changed)
    if found.scenes:
        for performance in play(found.scenes, present, settings, date.today(), model):
            compared.add(Conversation(performance.id, list(performance.events)))
    return len(found.problems), compared


def _of_stored(present: Protocol, changed: Protocol, settings: Settings, since: float) -> Comparison:
    """The comparison over what customers have written since an instant (UTC epoch seconds).

    Raises:
        ConfigurationError: Redis can't be reached.
    """
    import redis.asyncio as redis  # noqa: PLC0415

    from relevo.embedded_redis import running_redis_url  # noqa: PLC0415
    from relevo.store.connection import connect  # noqa: PLC0415
    from relevo.what_if.stored import stored_conversations  # noqa: PLC0415

    compared = Comparison(present, changed, since)

    async def run() -> None:
        client = connect(running_redis_url(settings))
        try:
            async for conversation in stored_conversations(client, since):
                compared.add(conversation)
        except redis.ConnectionError as error:
            raise ConfigurationError(
                "Redis can't be reached. Is Relevo running? `make run` starts it."
            ) from error
        finally:
            await client.close()

    asyncio.run(run())
    return compared


def _titles(present: Protocol, changed: Protocol) -> dict[str, str]:
    """What all areas are called, those of the changed protocol first."""
    areas = {**changed.roster.areas, **present.roster.areas, **changed.roster.areas}
    return {name: area.title.en for name, area in areas.items()}


def _write(file: Path, content: str) -> None:
    try:
        file.write_text(content + "\n", encoding="utf-8")
    except OSError as error:
        raise RelevoError(f"{file}: can't be written ({error.strerror})") from error
