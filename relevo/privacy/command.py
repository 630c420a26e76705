"""The commands `relevo privacy export` and `relevo privacy erase`: one customer's data, copied or erased."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from relevo.errors import ConfigurationError, RelevoError
from relevo.settings import Settings

if TYPE_CHECKING:
    import redis.asyncio as redis

    from relevo.privacy.records import CustomerRecords

WHO = typer.Argument(..., help="A phone number, an e-mail address, or the id of a conversation.")
OUT = typer.Option(..., "--out", help="The file to write; it must not exist yet.", dir_okay=False)
BY = "relevo privacy"
"""Who erased, in the audit stream."""
ONLY_OWNER = 0o600


class NothingKept(RelevoError):
    """Nothing is kept of this customer."""


def export(who: str = WHO, out: Path = OUT) -> None:
    """Write all that is kept of one customer to a JSON file that only you can read."""
    asyncio.run(_export(who, out))


def erase(
    who: str = WHO,
    yes: bool = typer.Option(False, "--yes", help="Don't ask."),
    with_open_cases: bool = typer.Option(False, help="Also cases that a person has yet to see to."),
) -> None:
    """Erase all that is kept of one customer. It can't be undone."""
    asyncio.run(_erase(who, ask=not yes, with_open_cases=with_open_cases))


async def _export(who: str, out: Path) -> None:
    from relevo.privacy.export import export_customer  # noqa: PLC0415 - other commands start faster without

    async with _store() as client:
        records = await _find(client, who)
        document = await export_customer(client, records, time.time())
    _write(out, json.dumps(document, ensure_ascii=False, indent=2))
    typer.echo(f"{_counted(records)} → {out}")


def _write(out: Path, text: str) -> None:
    try:
        out.touch(ONLY_OWNER, exist_ok=False)
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{out} can't be written: {error.strerror}") from error


async def _erase(who: str, *, ask: bool, with_open_cases: bool) -> None:
    from relevo.privacy.erasure import HasOpenCases, erase_customer  # noqa: PLC0415

    async with _store() as client:
        records = await _find(client, who)
        typer.echo(_counted(records))
        pending = [promise.folio for promise in records.follow_ups if promise.is_pending]
        if pending:
            typer.echo(f"Promises that nobody will keep then: {', '.join(pending)}")
        if ask:
            typer.confirm("Erase all of it for good?", abort=True)
        try:
            await erase_customer(client, records, BY, time.time(), with_open_cases=with_open_cases)
        except HasOpenCases as error:
            raise HasOpenCases(error.folios, advice="resolve them first, or add --with-open-cases") from error
    typer.echo("Erased.")


async def _find(client: redis.Redis, who: str) -> CustomerRecords:
    from relevo.privacy.records import find_customer  # noqa: PLC0415

    records = await find_customer(client, who)
    if not records:
        raise NothingKept("Nothing is kept under this contact or conversation.")
    return records


def _counted(records: CustomerRecords) -> str:
    parts = {
        "conversation": len(records.conversations),
        "case": len(records.cases),
        "follow-up": len(records.follow_ups),
    }
    return ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in parts.items())


@asynccontextmanager
async def _store() -> AsyncIterator[redis.Redis]:
    """The Redis in use."""
    import redis.asyncio as redis  # noqa: PLC0415

    from relevo.embedded_redis import running_redis_url  # noqa: PLC0415
    from relevo.store.connection import connect  # noqa: PLC0415

    client = connect(running_redis_url(Settings.from_environment()))
    try:
        yield client
    except redis.ConnectionError as error:
        raise ConfigurationError(
            "Redis can't be reached. Is Relevo running? `make run` starts it."
        ) from error
    finally:
        await client.close()
