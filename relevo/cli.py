"""The command line: `relevo up`, `relevo train`, `relevo check`, `relevo init`, `relevo render` and others.

What only some commands need is imported when they run, so that the small ones start at once.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from relevo.errors import ConfigurationError, RelevoError
from relevo.evaluation.command import evaluate
from relevo.learning.command import learn
from relevo.parsing.command import parse
from relevo.privacy import command as privacy_command
from relevo.protocol.commands import check, init
from relevo.protocol.render.command import render
from relevo.rehearsal.command import rehearse
from relevo.settings import Settings
from relevo.what_if.command import what_if
from relevo.whatsapp.commands import doctor, simulate

if TYPE_CHECKING:
    from relevo.desk.users import Role, UserDirectory

app = typer.Typer(
    help="Relevo: a customer-service protocol that runs.", no_args_is_help=True, add_completion=False
)
users = typer.Typer(help="The people who work at the desk.", no_args_is_help=True)
app.add_typer(users, name="user")
privacy = typer.Typer(help="The data of one customer.", no_args_is_help=True)
app.add_typer(privacy, name="privacy")
whatsapp = typer.Typer(help="WhatsApp, with and without an account.", no_args_is_help=True)
app.add_typer(whatsapp, name="whatsapp")


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Errors that Relevo raises on purpose end the program with their message, not with a traceback."""
    try:
        yield
    except RelevoError as error:
        typer.secho(str(error), fg="red", err=True)
        sys.exit(1)


@app.command()
def up() -> None:
    """Start everything on this machine, with an embedded Redis unless REDIS_URL is set."""
    from relevo.up import up as run  # noqa: PLC0415 - other commands start faster without it

    with _told_plainly():
        run(Settings.from_environment())


@app.command()
def train(
    force: bool = typer.Option(False, help="Train even if there is a model for the present data."),
) -> None:
    """Train the model, if there is none for the present data."""
    from relevo.model import present_model  # noqa: PLC0415
    from relevo.model import train as run  # noqa: PLC0415
    from relevo.protocol import load_protocol  # noqa: PLC0415

    with _told_plainly():
        settings = Settings.from_environment()
        load_protocol(settings.protocol_dir)
        model = present_model(settings)
        if force or not model.exists():
            model = run(settings)
        typer.echo(f"The model of the present data is {model}")


app.command()(_told_plainly()(check))
app.command()(_told_plainly()(init))
app.command()(_told_plainly()(render))
app.command()(_told_plainly()(rehearse))
app.command()(_told_plainly()(what_if))
app.command()(_told_plainly()(learn))
app.command()(_told_plainly()(parse))
app.command()(_told_plainly()(evaluate))
privacy.command()(_told_plainly()(privacy_command.export))
privacy.command()(_told_plainly()(privacy_command.erase))
whatsapp.command()(_told_plainly()(doctor))
whatsapp.command()(_told_plainly()(simulate))


@users.command("add")
def add_user(
    name: str = typer.Argument(..., help="What they sign in with."),
    display_name: str = typer.Argument(..., help="What customers and colleagues read."),
    supervisor: bool = typer.Option(False, help="A supervisor rather than an agent."),
    person: str = typer.Option("", help="Who that is in roster.yml, like fernanda_quiroga."),
    password: str = typer.Option(..., prompt=True, hide_input=True, confirmation_prompt=True),
) -> None:
    """Add someone who may sign in at the desk."""

    async def add(directory: UserDirectory) -> None:
        role: Role = "supervisor" if supervisor else "agent"
        await directory.add(name, display_name, password, role, person=person)

    _require_person(person)
    _with_users(add)
    typer.echo(f"Added {name}.")


@users.command("person")
def set_person(
    name: str = typer.Argument(..., help="What they sign in with."),
    person: str = typer.Argument("", help="Who that is in roster.yml; nobody if left out."),
) -> None:
    """Link someone to a person of the roster: cases that suit them are suggested to them."""

    async def link(directory: UserDirectory) -> None:
        await directory.set_person(name, person)

    _require_person(person)
    _with_users(link)
    typer.echo(f"{name} is {person} in the roster." if person else f"{name} is nobody in the roster.")


@users.command("password")
def set_password(
    name: str = typer.Argument(..., help="What they sign in with."),
    password: str = typer.Option(..., prompt=True, hide_input=True, confirmation_prompt=True),
) -> None:
    """Set someone's password."""

    async def change(directory: UserDirectory) -> None:
        await directory.set_password(name, password)

    _with_users(change)
    typer.echo(f"The password of {name} is changed.")


def _require_person(person: str) -> None:
    """End with a message unless the roster has this person, or none is named."""
    from relevo.protocol import load_protocol  # noqa: PLC0415
    from relevo.protocol.problems import did_you_mean  # noqa: PLC0415

    with _told_plainly():
        people = load_protocol(Settings.from_environment().protocol_dir).roster.people if person else {}
        if person and person not in people:
            advice = did_you_mean(person, people, "names stand in roster.yml under people")
            raise ConfigurationError(f'There is no "{person}" in the roster; {advice}.')


def _with_users(work: Callable[[UserDirectory], Awaitable[None]]) -> None:
    """Do something with the user directory of the Redis in use."""

    import asyncio  # noqa: PLC0415

    import redis.asyncio as redis  # noqa: PLC0415

    from relevo.desk.users import UserDirectory  # noqa: PLC0415
    from relevo.embedded_redis import running_redis_url  # noqa: PLC0415
    from relevo.store.connection import connect  # noqa: PLC0415

    async def run() -> None:
        client = connect(running_redis_url(Settings.from_environment()))
        try:
            await work(UserDirectory(client))
        except redis.ConnectionError as error:
            raise ConfigurationError(
                "Redis can't be reached. Is Relevo running? `make run` starts it."
            ) from error
        finally:
            await client.close()

    with _told_plainly():
        asyncio.run(run())
